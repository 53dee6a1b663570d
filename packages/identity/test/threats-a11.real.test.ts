// Threat A11: a factor that is skipped by calling things in an order nobody thought of.
import { Refusal, type Output, type Raw } from '@gatehouse/contract'
import { createSoftwareAuthenticator, timeoutOf, volume, type SoftwareAuthenticator } from '@gatehouse/testkit'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { json, origin, register } from './keys.ts'
import {
  codeOf,
  logIn,
  nextCode,
  opened,
  personOf,
  startSystem,
  wrongCode,
  type LoggedIn,
  type TestNode,
  type TestSystem,
} from './system.ts'

let system: TestSystem
let node: TestNode
let passkey: SoftwareAuthenticator
let securityKey: SoftwareAuthenticator
let backupCodes: string[]
beforeAll(async () => {
  system = await startSystem()
  node = await system.openNode()
  const { access } = await logIn(system, node, person())
  passkey = createSoftwareAuthenticator(origin)
  securityKey = createSoftwareAuthenticator(origin, { verifiesUser: false })
  await register(node, access, passkey, { kind: 'passkey' })
  await register(node, access, securityKey, { kind: 'securityKey' })
  const made = await node.call('backupCode.regenerate', {}, access)
  backupCodes = made.codes.map((code) => code.expose())
  await node.call('backupCode.confirm', { id: made.id, code: backupCodes[0] ?? '' }, access)
})
afterAll(() => system.end())

const person = () => personOf(system, 'Viewer')

type Tokens = Output<'auth.login'>['tokens']

/** What a caller has got hold of. Each list's last is used; the empty string where there is none yet. */
interface Held {
  readonly challenges: string[]
  readonly sessions: LoggedIn[]
  readonly devices: { deviceCode: string; userCode: string }[]
  readonly apiTokens: string[]
  /** Answers that were good once, to be sent again. */
  readonly spent: (() => Promise<Tokens>)[]
}

/**
 * What must be true: which sessions a right factor opened, and when one was last proved in each. Null: never in that
 * very session.
 */
interface Model {
  readonly proved: Map<string, Date | null>
  /** Device codes that such a session has approved. */
  readonly approved: Set<string>
}

interface Run {
  readonly held: Held
  readonly model: Model
}

/** Something that a caller may do next. Throws what it is refused with. */
type Step = (run: Run) => Promise<void>

const access = ({ held }: Run): string | null => held.sessions.at(-1)?.access ?? null
const challengeId = ({ held }: Run): string => held.challenges.at(-1) ?? 'x'.repeat(32)
const rightCode = (): Promise<string> => {
  nextCode(system.clock)
  return codeOf(person().totpSecret.expose(), system.clock.now())
}

/** Whatever is given joins what is held; only what a right factor opened is known to the model. */
async function given({ held, model }: Run, tokens: Tokens, factor: 'none' | 'now' | 'elsewhere'): Promise<void> {
  if (tokens === null) return
  const session = await opened(node, tokens)
  held.sessions.push(session)
  if (factor !== 'none') model.proved.set(session.sessionId, factor === 'now' ? system.clock.now() : null)
}

/** A log-in's answer, kept to be sent again once it was taken. */
async function answered(run: Run, send: () => Promise<Tokens>, factor: 'none' | 'now' | 'elsewhere'): Promise<void> {
  const tokens = await send()
  await given(run, tokens, factor)
  if (tokens !== null) run.held.spent.push(send)
}

const complete = (answer: Raw<'auth.completeMfa'>) => async (): Promise<Tokens> =>
  (await node.call('auth.completeMfa', answer)).tokens
const openPasskey = (answer: Raw<'auth.passkeyComplete'>) => async (): Promise<Tokens> =>
  (await node.call('auth.passkeyComplete', answer)).tokens

const byPassword = {
  login: async ({ held }) => {
    const { challenge, tokens } = await node.call('auth.login', {
      username: person().username,
      password: person().password.expose(),
    })
    expect(tokens).toBeNull()
    if (challenge !== null) held.challenges.push(challenge.id)
  },
  rightCode: async (run) => answered(run, complete({ challengeId: challengeId(run), totp: await rightCode() }), 'now'),
  wrongCode: async (run) =>
    given(
      run,
      await complete({
        challengeId: challengeId(run),
        totp: await wrongCode(person().totpSecret.expose(), system.clock.now()),
      })(),
      'none',
    ),
  noFactor: async (run) => given(run, await complete({ challengeId: challengeId(run) } as never)(), 'none'),
  backupCode: async (run) => {
    // when all are spent, a wrong one
    const code = backupCodes.at(-1) ?? ''
    await answered(run, complete({ challengeId: challengeId(run), backupCode: code }), 'elsewhere')
    backupCodes.pop()
  },
  wrongBackupCode: async (run) =>
    given(run, await complete({ challengeId: challengeId(run), backupCode: 'aaaa-bbbb-cccc-dddd' })(), 'none'),
  backupCodeAsCode: async (run) =>
    given(run, await complete({ challengeId: challengeId(run), totp: backupCodes.at(-1) ?? '' })(), 'none'),
} satisfies Record<string, Step>

const byKey = {
  key: async (run) => {
    const { options } = await node.call('auth.mfaOptions', { challengeId: challengeId(run) })
    await answered(run, complete({ challengeId: challengeId(run), assertion: json(securityKey.get(options)) }), 'now')
  },
  forgedKey: async (run) => {
    const { options } = await node.call('auth.mfaOptions', { challengeId: challengeId(run) })
    await given(
      run,
      await complete({
        challengeId: challengeId(run),
        assertion: json(securityKey.get(options, { forgedSignature: true })),
      })(),
      'none',
    )
  },
  keyForAnotherChallenge: async (run) => {
    const { options } = await node.call('auth.mfaOptions', { challengeId: run.held.challenges.at(0) ?? '' })
    const other = run.held.challenges.length > 1 ? challengeId(run) : 'x'.repeat(32)
    await given(run, await complete({ challengeId: other, assertion: json(securityKey.get(options)) })(), 'none')
  },
  passkey: async (run) => {
    const { id, options } = await node.call('auth.passkeyBegin', {})
    await answered(run, openPasskey({ id, assertion: json(passkey.get(options)) }), 'now')
  },
  passkeyOfNobody: async (run) => {
    const { id, options } = await node.call('auth.passkeyBegin', {})
    await given(
      run,
      await openPasskey({ id, assertion: json(passkey.get(options, { userVerified: false })) })(),
      'none',
    )
  },
  securityKeyAsPasskey: async (run) => {
    const { id, options } = await node.call('auth.passkeyBegin', {})
    await given(run, await openPasskey({ id, assertion: json(securityKey.get(options)) })(), 'none')
  },
  keyAnswerAsPasskey: async (run) => {
    const { options } = await node.call('auth.mfaOptions', { challengeId: challengeId(run) })
    const { id } = await node.call('auth.passkeyBegin', {})
    await given(
      run,
      await openPasskey({ id, assertion: json(passkey.get({ ...options, allowCredentials: undefined })) })(),
      'none',
    )
  },
  passkeyAnswerAsFactor: async (run) => {
    const { options } = await node.call('auth.passkeyBegin', {})
    await given(run, await complete({ challengeId: challengeId(run), assertion: json(passkey.get(options)) })(), 'none')
  },
  replay: async (run) => {
    // a device may ask again after as long
    system.clock.advance(5)
    const again = run.held.spent.at(-1)
    if (again !== undefined) await given(run, await again(), 'none')
  },
} satisfies Record<string, Step>

/** Proves a factor again; `right`: it was one, so the session is fresh from now on. */
async function stepUp(
  run: Run,
  answer: Raw<'auth.stepUpComplete'>,
  { right, by }: { right: boolean; by: string | null },
): Promise<void> {
  await node.call('auth.stepUpComplete', answer, by)
  const session = run.held.sessions.find((one) => one.access === by)
  if (right && session !== undefined) run.model.proved.set(session.sessionId, system.clock.now())
}

const inSession = {
  stepUpByCode: async (run) => stepUp(run, { totp: await rightCode() }, { right: true, by: access(run) }),
  stepUpByWrongCode: async (run) =>
    stepUp(
      run,
      { totp: await wrongCode(person().totpSecret.expose(), system.clock.now()) },
      { right: false, by: access(run) },
    ),
  stepUpByNothing: (run) => stepUp(run, {}, { right: false, by: access(run) }),
  stepUpByBackupCode: (run) =>
    stepUp(run, { backupCode: backupCodes.at(-1) } as never, { right: false, by: access(run) }),
  stepUpByKey: async (run) => {
    const { options } = await node.call('auth.stepUpBegin', {}, access(run))
    await stepUp(run, { assertion: json(securityKey.get(options ?? {})) }, { right: true, by: access(run) })
  },
  stepUpByPasskey: async (run) => {
    const { options } = await node.call('auth.stepUpBegin', {}, access(run))
    await stepUp(run, { assertion: json(passkey.get(options ?? {})) }, { right: true, by: access(run) })
  },
  stepUpByForgedKey: async (run) => {
    const { options } = await node.call('auth.stepUpBegin', {}, access(run))
    await stepUp(
      run,
      { assertion: json(passkey.get(options ?? {}, { forgedSignature: true })) },
      { right: false, by: access(run) },
    )
  },
  stepUpByTouchAlone: async (run) => {
    await byKey.passkey(run)
    const { options } = await node.call('auth.stepUpBegin', {}, access(run))
    await stepUp(
      run,
      { assertion: json(securityKey.get({ ...options, allowCredentials: undefined })) },
      { right: false, by: access(run) },
    )
  },
  stepUpByAnswerForAnotherSession: async (run) => {
    const [first] = run.held.sessions
    const { options } = await node.call('auth.stepUpBegin', {}, first?.access ?? null)
    // a refreshed token is of the same session
    const other = first?.sessionId === run.held.sessions.at(-1)?.sessionId ? 'x' : access(run)
    await stepUp(run, { assertion: json(securityKey.get(options ?? {})) }, { right: false, by: other })
  },
  stepUpByPasskeyLogin: async (run) => {
    const { options } = await node.call('auth.passkeyBegin', {})
    await stepUp(run, { assertion: json(passkey.get(options)) }, { right: false, by: access(run) })
  },
  stepUpWithChallenge: async (run) => stepUp(run, { totp: await rightCode() }, { right: false, by: challengeId(run) }),
  stepUpWithApiToken: async (run) =>
    stepUp(run, { totp: await rightCode() }, { right: false, by: run.held.apiTokens.at(-1) ?? null }),
  enrol: async (run) => void (await node.call('totp.enroll', { name: 'another' }, access(run))),
  refresh: async (run) => {
    const { tokens } = await node.call('auth.refresh', { refreshToken: run.held.sessions.at(-1)?.refresh ?? '' })
    run.held.sessions.push(await opened(node, tokens))
  },
  logout: async (run) => {
    await node.call('auth.logout', {}, access(run))
    run.held.sessions.pop()
  },
  refreshByChallenge: async (run) =>
    given(run, (await node.call('auth.refresh', { refreshToken: challengeId(run) })).tokens, 'none'),
} satisfies Record<string, Step>

/** Decides on the newest device; a session's approval is one that the model knows. */
async function approve({ held, model }: Run, decision: 'look' | 'approve', by: string | null): Promise<void> {
  const { deviceCode, userCode } = held.devices.at(-1) ?? { deviceCode: '', userCode: 'BBBB-BBBB' }
  const { state } = await node.call('auth.deviceApprove', { userCode, decision }, by)
  const isSession = held.sessions.some((one) => one.access === by && model.proved.has(one.sessionId))
  if (state === 'approved' && isSession) model.approved.add(deviceCode)
}

const byDevice = {
  deviceStart: async ({ held }) => {
    const { deviceCode, userCode } = await node.call('auth.deviceStart', { client: 'a model' })
    held.devices.push({ deviceCode: deviceCode.expose(), userCode })
  },
  deviceLook: (run) => approve(run, 'look', access(run)),
  deviceApprove: (run) => approve(run, 'approve', access(run)),
  deviceApproveByToken: (run) => approve(run, 'approve', run.held.apiTokens.at(-1) ?? null),
  deviceApproveByChallenge: (run) => approve(run, 'approve', challengeId(run)),
  devicePoll: async (run) => {
    system.clock.advance(5)
    const deviceCode = run.held.devices.at(-1)?.deviceCode ?? ''
    await answered(
      run,
      async () => (await node.call('auth.devicePoll', { deviceCode })).tokens,
      run.model.approved.has(deviceCode) ? 'elsewhere' : 'none',
    )
  },
  apiToken: async (run) =>
    void run.held.apiTokens.push(
      (
        await node.call('apiToken.create', { name: 'script', purpose: 'test', scopes: ['read'] }, access(run))
      ).token.expose(),
    ),
  refreshByApiToken: async (run) =>
    given(run, (await node.call('auth.refresh', { refreshToken: run.held.apiTokens.at(-1) ?? '' })).tokens, 'none'),
} satisfies Record<string, Step>

/**
 * Approves in the first session, by its own factor, what the last one asks; right only where the first is fresh, and as
 * fresh as that.
 */
async function raiseLast({ held, model }: Run, by: string | null): Promise<void> {
  const [first, last] = [held.sessions[0], held.sessions.at(-1)]
  const { browser } = await node.call('auth.stepUpBegin', { inBrowser: true }, last?.access ?? null)
  const userCode = browser?.userCode ?? ''
  await node.call('auth.deviceApprove', { userCode, decision: 'look' }, by)
  await node.call('auth.deviceApprove', { userCode, decision: 'approve' }, by)
  const [proof, before] = [model.proved.get(first?.sessionId ?? ''), model.proved.get(last?.sessionId ?? '')]
  if (last === undefined || by !== first?.access || proof === undefined || proof === null) return
  model.proved.set(last.sessionId, before === undefined || before === null || before < proof ? proof : before)
}

const raised = {
  raise: (run) => raiseLast(run, run.held.sessions[0]?.access ?? null),
  raiseByStale: async (run) => {
    system.clock.advance(301)
    await raiseLast(run, run.held.sessions[0]?.access ?? null)
  },
  raiseByChallenge: (run) => raiseLast(run, challengeId(run)),
  raiseByApiToken: (run) => raiseLast(run, run.held.apiTokens.at(-1) ?? null),
} satisfies Record<string, Step>

/** All four in a row: by chance they come about once in a hundred runs. */
const deviceLetIn: Step = async (run) => {
  await byDevice.deviceStart(run)
  await byDevice.deviceLook(run)
  await byDevice.deviceApprove(run)
  await byDevice.devicePoll(run)
}

const steps: Readonly<Record<string, Step>> = {
  deviceLetIn,
  ...raised,
  ...byPassword,
  ...byKey,
  ...inSession,
  ...byDevice,
}

/** Steps that were not refused, over all runs. */
const allowed = new Set<string>()

/** Steps that came as far as the server, and were refused by it. */
const refused = new Set<string>()

/**
 * All that may be allowed, in an order in which each is; `replay` asks again what a device may ask again, and gets
 * nothing.
 */
const honest = [
  'login',
  'rightCode',
  'login',
  'key',
  'stepUpByKey',
  'passkey',
  'stepUpByCode',
  'stepUpByPasskey',
  'raise',
  'enrol',
  'apiToken',
  'refresh',
  'deviceStart',
  'deviceLook',
  'deviceApprove',
  'devicePoll',
  'replay',
  'deviceLetIn',
  'logout',
  'login',
  'backupCode',
] as const satisfies readonly string[]

class Taken implements fc.AsyncCommand<Model, Held> {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }

  check(): boolean {
    return true
  }

  async run(model: Model, held: Held): Promise<void> {
    try {
      await steps[this.name]?.({ held, model })
      allowed.add(this.name)
    } catch (error) {
      // a refusal is an answer, as is an authenticator that was not asked to sign; anything else is a fault of ours
      if (
        !(error instanceof Refusal) &&
        !(error instanceof TypeError && error.message.includes('no credential that was asked for'))
      )
        throw error
      if (error instanceof Refusal) refused.add(this.name)
    }
    await holds(model, held)
  }

  toString(): string {
    return this.name
  }
}

/** A step on the way to what is looked at: it is looked at itself in the run of the honest ones. */
class Prepared extends Taken {
  override async run(model: Model, held: Held): Promise<void> {
    await steps[this.name]?.({ held, model })
  }
}

/**
 * The property: each session was opened by a right factor, or by the approval of one that was, and is as fresh as the
 * last factor in that very session.
 */
async function holds(model: Model, held: Held): Promise<void> {
  const rows = await node.db
    .selectFrom('session')
    .innerJoin('users', 'users.id', 'session.user_id')
    .select(['session.id', 'session.proved_at'])
    .where('username', '=', person().username)
    .execute()
  expect(new Map(rows.map((row) => [row.id, row.proved_at]))).toEqual(model.proved)
  for (const token of held.sessions.map((one) => one.access)) {
    const me = await node.call('auth.whoami', {}, token).catch(() => null)
    if (me !== null) expect(model.proved.has(me.sessionId ?? '')).toBe(true)
  }
  for (const token of held.apiTokens)
    expect(['pw', undefined]).toContain((await node.call('auth.whoami', {}, token).catch(() => null))?.assurance)
}

const run = async (commands: Iterable<fc.AsyncCommand<Model, Held>>): Promise<void> => {
  system.clock.advance(2 * 86_400)
  await node.db.deleteFrom('session').execute()
  await fc.asyncModelRun(
    () => ({
      model: { proved: new Map<string, Date | null>(), approved: new Set<string>() },
      real: { challenges: [], sessions: [], devices: [], apiTokens: [], spent: [] },
    }),
    commands,
  )
}

test('each honest step is allowed in its place, and each other one is refused whatever it has', async () => {
  await run(honest.map((name) => new Taken(name)))
  expect([...allowed].toSorted()).toEqual([...new Set(honest)].toSorted())
  const dishonest = Object.keys(steps).filter((name) => !allowed.has(name))
  const before = ['login', 'rightCode', 'login', 'passkey', 'apiToken', 'deviceStart', 'deviceLook', 'login']
  for (const name of dishonest) await run([...before.map((one) => new Prepared(one)), new Taken(name)])
  expect([...allowed].toSorted()).toEqual([...new Set(honest)].toSorted())
  expect(
    dishonest.filter((name) => !refused.has(name)),
    'never came to the server',
  ).toEqual([])
}, 60_000)

test(
  'in whatever order, no session is without a right factor, nor fresher than its last one',
  async () => {
    // honest steps more often: the others need something to work on
    const names = [...Object.keys(steps), ...honest, ...honest]
    const commands = fc.commands(
      names.map((name) => fc.constant(new Taken(name))),
      { maxCommands: 60, size: 'max' },
    )
    await fc.assert(fc.asyncProperty(commands, run), { numRuns: volume({ full: 200, sample: 12 }) })
    expect([...allowed].toSorted()).toEqual([...new Set(honest)].toSorted())
  },
  timeoutOf(180_000),
)
