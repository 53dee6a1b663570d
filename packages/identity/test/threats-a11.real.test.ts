// Threat A11: a factor that is skipped by calling things in an order nobody thought of.
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeOf, nextCode, opened, personOf, startSystem, testConfig, wrongCode, type TestNode, type TestSystem } from './system.ts'

/** As in threats-a: hundreds of log-ins shall be affordable. */
const usual = testConfig.password

let system: TestSystem
let node: TestNode
beforeAll(async () => {
  Object.assign(testConfig, { password: { memoryKib: 1024, passes: 1 } })
  system = await startSystem()
  node = await system.openNode()
})
afterAll(async () => {
  Object.assign(testConfig, { password: usual })
  await system.end()
})

/** What a caller has got hold of; what the model knows is which sessions have seen a right factor. */
interface Held {
  readonly challenges: string[]
  readonly sessions: { access: string; refresh: string; sessionId: string }[]
}
interface Model { readonly proved: Set<string> }

const steps = ['login', 'rightCode', 'wrongCode', 'noFactor', 'codeOnChallengeAsToken', 'stepUpRight', 'stepUpWrong', 'enrol', 'refresh', 'logout', 'badRefresh'] as const
type Step = (typeof steps)[number]

/** Takes one step of a run. Whatever is answered with tokens joins what is held. */
async function take(step: Step, held: Held, model: Model): Promise<void> {
  const person = personOf(system, 'Viewer')
  const challengeId = held.challenges.at(-1) ?? 'x'.repeat(32)
  const session = held.sessions.at(-1)
  const login = { username: person.username, password: person.password.expose() }
  const attempt = async (work: () => Promise<void>): Promise<void> => work().catch((error: { code?: string }) => {
    if (error.code === undefined) throw error
  })
  const code = (): Promise<string> => {
    nextCode(system.clock)
    return codeOf(person.totpSecret.expose(), system.clock.now())
  }
  const table: Readonly<Record<Step, () => Promise<void>>> = {
    login: async () => {
      const { challenge, tokens } = await node.call('auth.login', login)
      expect(tokens).toBeNull()
      if (challenge !== null) held.challenges.push(challenge.id)
    },
    rightCode: async () => {
      const { tokens } = await node.call('auth.completeMfa', { challengeId, totp: await code() })
      const got = await opened(node, tokens)
      model.proved.add(got.sessionId)
      held.sessions.push(got)
    },
    wrongCode: async () => {
      const { tokens } = await node.call('auth.completeMfa', { challengeId, totp: await wrongCode(person.totpSecret.expose(), system.clock.now()) })
      held.sessions.push(await opened(node, tokens))
    },
    noFactor: async () => void held.sessions.push(await opened(node, (await node.call('auth.completeMfa', { challengeId } as never)).tokens)),
    codeOnChallengeAsToken: async () => void await node.call('auth.stepUpComplete', { totp: await code() }, challengeId),
    stepUpRight: async () => void await node.call('auth.stepUpComplete', { totp: await code() }, session?.access ?? null),
    stepUpWrong: async () => void await node.call('auth.stepUpComplete', { totp: await wrongCode(person.totpSecret.expose(), system.clock.now()) }, session?.access ?? null),
    enrol: async () => void await node.call('totp.enroll', { name: 'another' }, session?.access ?? null),
    refresh: async () => {
      const { tokens } = await node.call('auth.refresh', { refreshToken: session?.refresh ?? '' })
      held.sessions.push(await opened(node, tokens))
    },
    logout: async () => void await node.call('auth.logout', {}, session?.access ?? null),
    badRefresh: async () => void await node.call('auth.refresh', { refreshToken: challengeId }),
  }
  await attempt(table[step])
}

class Taken implements fc.AsyncCommand<Model, Held> {
  readonly step: Step
  constructor(step: Step) {
    this.step = step
  }

  check(): boolean {
    return true
  }

  async run(model: Model, held: Held): Promise<void> {
    await take(this.step, held, model)
    const rows = await node.db.selectFrom('session').innerJoin('users', 'users.id', 'session.user_id').select(['session.id', 'session.assurance', 'session.methods'])
      .where('username', '=', personOf(system, 'Viewer').username).execute()
    // the property: no session of this person, of two factors or one, without a right code in that very session
    expect(rows.filter(({ id }) => !model.proved.has(id))).toEqual([])
    for (const { access } of held.sessions) {
      const me = await node.call('auth.whoami', {}, access).catch(() => null)
      if (me !== null) expect(model.proved.has(me.sessionId ?? '')).toBe(true)
    }
  }

  toString(): string {
    return this.step
  }
}

test('whatever is called in whatever order, no session is there without a right factor in it', async () => {
  const commands = fc.commands(steps.map((step) => fc.constant(new Taken(step))), { maxCommands: 20 })
  await fc.assert(fc.asyncProperty(commands, async (run) => {
    system.clock.advance(2 * 86_400)
    await node.db.deleteFrom('session').execute()
    await fc.asyncModelRun(() => ({ model: { proved: new Set<string>() }, real: { challenges: [], sessions: [] } }), run)
  }), { numRuns: 40 })
}, 180_000)
