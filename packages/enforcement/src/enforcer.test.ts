import { operationNames, Refusal, systemId, type OperationName } from '@gatehouse/contract'
import { UnavailableError } from '@gatehouse/kit'
import { describe, expect, test } from 'vitest'
import type { Call } from './call.ts'
import { createEnforcer, type EnforcerDeps } from './enforcer.ts'
import type { Fault } from './fault.ts'
import type { Handlers } from './handler.ts'
import type { DecisionRequest } from './decision.ts'
import type { AuditDraft } from './ports.ts'
import { anonymous, CallerMovedError, type Principal, type UserPrincipal } from './principal.ts'
import { ref, uid, type Slice, type Slices } from './slice.ts'

const now = new Date('2026-11-23T12:00:00Z')
const user = (session: Partial<UserPrincipal['session']> = {}, rest: Partial<UserPrincipal> = {}): UserPrincipal => ({
  type: 'User',
  id: 'u1',
  username: 'ada',
  displayName: 'Ada',
  roles: ['Operator'],
  teams: [],
  hasAuthenticator: true,
  missing: [],
  tokenId: 't1',
  session: {
    id: 's1',
    assurance: 'mfa',
    provedAt: now,
    authTime: now,
    expiresAt: new Date('2026-11-24T00:00:00Z'),
    methods: ['pwd', 'otp'],
    ...session,
  },
  ...rest,
})
const lease: Slice = { resource: { type: 'Lease', id: 'l1' }, workspace: 'default', entities: [], versions: [] }

interface Setting {
  readonly principal?: Principal
  readonly allow?: (request: DecisionRequest) => boolean
  readonly slice?: Slice | null
  readonly written?: 'none' | 'intent' | 'outcome'
  /** The policy set in force. */
  readonly version?: () => string
  /** What handlers wait for. */
  readonly until?: Promise<void>
  /** Credentials that are no longer good. */
  readonly revoked?: ReadonlySet<string>
  /** Whether the audit log can be written; absent: it can. */
  readonly isAuditLogAway?: boolean
  /** When the audit log has what it was given; absent: at once. */
  readonly kept?: Promise<void>
  /** Who is known from a moment ago, and whether they have moved since. */
  readonly known?: { readonly principal: UserPrincipal; readonly moved: boolean }
  /** What streams are made of; absent: they never have anything to say. */
  readonly source?: () => AsyncIterable<unknown>
}

/** A source that never has anything to say. */
async function* quiet(): AsyncGenerator<never> {
  yield await new Promise<never>(() => {})
}

/** An enforcer whose world is given by a few plain functions; what it records and asks is kept. */
function worldOf(setting: Setting) {
  const { principal = user(), allow = () => true, slice = lease, written = 'outcome', version = () => 'v' } = setting
  const { until = Promise.resolve(), revoked = new Set(['bad']), known, source = quiet } = setting
  const recorded: AuditDraft[] = []
  const faults: Fault[] = []
  const handled: OperationName[] = []
  const asked: DecisionRequest[] = []
  /** What permits say was asked for them, as changes record it. */
  const permitted: (DecisionRequest | null)[] = []
  const handlers = Object.fromEntries(
    operationNames.map((name) => [
      name,
      (permit: { name: OperationName; request: DecisionRequest | null }) => {
        handled.push(permit.name)
        permitted.push(permit.request)
        return permit.name === 'lease.watch' ? source() : until.then(() => ({ ok: true }))
      },
    ]),
  ) as unknown as Handlers
  const load = () => Promise.resolve(slice)
  const slices = new Proxy({}, { get: () => load }) as Slices<null>
  const deps: EnforcerDeps<null> = {
    handlers,
    slices,
    db: null,
    workspaces: () =>
      Promise.resolve([
        { resource: { type: 'Workspace', id: 'default' }, workspace: 'default', entities: [], versions: [] },
      ]),
    authenticator: {
      authenticate: ({ credential }) =>
        revoked.has(credential ?? '') ? Promise.reject(new Refusal('unauthenticated')) : Promise.resolve(principal),
      recheck: () => Promise.resolve(principal),
      ...(known === undefined ? {} : { assume: () => Promise.resolve(known.principal) }),
    },
    limiter: { admitAddress: () => Promise.resolve(), admitCaller: () => Promise.resolve() },
    decider: {
      decide: (request) => {
        asked.push(request)
        return { effect: allow(request) ? 'allow' : 'deny', policies: ['p1'], version: version() }
      },
      version,
    },
    trail: {
      record: (draft) => {
        if (setting.isAuditLogAway === true) return Promise.reject(new Refusal('unavailable'))
        if (known?.moved === true && draft.principal === known.principal)
          return Promise.reject(new CallerMovedError('moved'))
        recorded.push(draft)
        return (setting.kept ?? Promise.resolve()).then(() => `entry-${recorded.length}`)
      },
      writtenUnder: () => written,
    },
    clock: { now: () => now },
    stepUpMaxAgeSeconds: 300,
    onFault: (fault) => void faults.push(fault),
  }
  const enforcer = createEnforcer(deps)
  const callOf = (name: OperationName, raw: unknown, credential: string | null = 'token'): Call => ({
    name,
    raw,
    requestId: 'r1',
    caller: { credential, address: '192.0.2.1', userAgent: '', transport: 'trpc' },
  })
  const call = (...asked: Parameters<typeof callOf>) => enforcer.call(callOf(...asked))
  return { call, callOf, recorded, handled, asked, permitted, faults, enforcer }
}

const refusedAs = (code: string) => expect.objectContaining({ name: 'Refusal', code })

describe('many calls at once', () => {
  const turns = () => new Promise((resolve) => setTimeout(resolve, 20))

  test('with one credential go on twenty at a time, and hold up nobody else', async () => {
    const gate = Promise.withResolvers<void>()
    const world = worldOf({ until: gate.promise })
    const flood = Array.from({ length: 100 }, () => world.call('lease.get', { id: 'l1' }))
    await turns()
    expect(world.handled).toHaveLength(20)
    const others = [world.call('lease.get', { id: 'l1' }, 'another'), world.call('system.version', {}, null)]
    await turns()
    expect(world.handled.length).toBeGreaterThan(20)
    gate.resolve()
    expect(await Promise.allSettled(others)).toMatchObject([{ status: 'fulfilled' }, {}])
    expect(await Promise.all(flood)).toHaveLength(100)
  })

  test('are refused by who they are when their turn comes, not by who they were', async () => {
    const gate = Promise.withResolvers<void>()
    const revoked = new Set<string>()
    const world = worldOf({ until: gate.promise, revoked })
    const flood = Promise.allSettled(Array.from({ length: 30 }, () => world.call('lease.get', { id: 'l1' })))
    await turns()
    revoked.add('token')
    gate.resolve()
    const answered = (await flood).map(({ status }) => status)
    expect([answered.slice(0, 20), answered.slice(20)].map((some) => [...new Set(some)])).toEqual([
      ['fulfilled'],
      ['rejected'],
    ])
  })
})

describe('one call', () => {
  test('is handled and recorded when it is allowed', async () => {
    const world = worldOf({})
    await world.call('lease.get', { id: 'l1' })
    expect(world.handled).toEqual(['lease.get'])
    expect(world.recorded).toMatchObject([
      {
        action: 'lease.get',
        outcome: 'allowed',
        resource: { type: 'Lease', id: 'l1' },
        decision: { effect: 'allow' },
        input: { id: 'l1' },
      },
    ])
  })

  test('of a stranger is refused before his input is looked at', async () => {
    const world = worldOf({ principal: anonymous })
    await expect(world.call('lease.get', { nonsense: true })).rejects.toEqual(refusedAs('unauthenticated'))
    expect(world.asked).toEqual([])
    expect(world.recorded).toMatchObject([{ outcome: 'refused', refusal: 'unauthenticated', input: {} }])
  })

  test('with a bad credential goes on as a stranger where strangers are allowed, and nowhere else', async () => {
    await expect(
      worldOf({ slice: { ...lease, resource: uid('System', systemId) as Slice['resource'] } }).call(
        'system.version',
        {},
        'bad',
      ),
    ).resolves.toBeDefined()
    await expect(worldOf({}).call('lease.get', { id: 'l1' }, 'bad')).rejects.toEqual(refusedAs('unauthenticated'))
  })

  test('names the wrong field, and never reaches a handler', async () => {
    const world = worldOf({})
    await expect(world.call('lease.get', { id: 'l1', colour: 'red' })).rejects.toMatchObject({
      code: 'invalid-input',
      details: { fields: [{ path: 'colour' }] },
    })
    expect(world.handled).toEqual([])
  })

  test('never records a secret of its input', async () => {
    const world = worldOf({
      principal: anonymous,
      allow: () => false,
      slice: { ...lease, resource: uid('System', systemId) as Slice['resource'] },
    })
    await expect(world.call('auth.login', { username: 'ada', password: 'hunter2' })).rejects.toBeDefined()
    expect(JSON.stringify(world.recorded)).not.toContain('hunter2')
    expect(world.recorded[0]?.input).toEqual({ username: 'ada' })
  })

  test('that changes something without an entry is a fault, and is recorded as failed', async () => {
    const world = worldOf({ written: 'none' })
    await expect(world.call('lease.revoke', { id: 'l1', reason: 'done' })).rejects.toMatchObject({
      name: 'Fault',
      requestId: 'r1',
    })
    expect(world.recorded).toMatchObject([{ outcome: 'failed' }])
  })

  describe('whose database is lost', () => {
    type Lost = { mayBeDone: boolean; name?: OperationName; error?: Error } & Setting
    const lost = (parts: Lost): Promise<unknown> => {
      const {
        mayBeDone,
        name = 'lease.revoke',
        error = new UnavailableError('lost', { mayBeDone }),
        ...setting
      } = parts
      const until = Promise.reject(error)
      until.catch(() => undefined) // the handler's to hear
      const input = name === 'lease.revoke' ? { id: 'l1', reason: 'done' } : { id: 'l1' }
      return worldOf({ ...setting, until })
        .call(name, input)
        .catch((told: Refusal) => (told.name === 'Refusal' ? [told.code, told.details.mayBeDone ?? false] : told.name))
    }
    const open = ['unavailable', true]
    const notDone = ['unavailable', false]

    test('is told that it may be done where nobody can know, also when the audit log is away', async () => {
      expect(await lost({ mayBeDone: true, written: 'none' })).toEqual(open)
      expect(await lost({ mayBeDone: true, written: 'none', isAuditLogAway: true })).toEqual(open)
      expect(await lost({ mayBeDone: false, written: 'intent' })).toEqual(open)
    })

    test('is not told of an audit log that is away what would say that nothing was done', async () => {
      const away = { mayBeDone: false, written: 'intent', isAuditLogAway: true } as const
      expect(await lost({ ...away, error: new TypeError('broken') })).toBe('Fault')
      expect(await lost({ ...away, error: new Refusal('host-unreachable') })).toEqual(['host-unreachable', false])
    })

    test('is told that nothing was done where that is known, and for a read', async () => {
      expect(await lost({ mayBeDone: false, written: 'none' })).toEqual(notDone)
      expect(await lost({ mayBeDone: false, written: 'none', isAuditLogAway: true })).toEqual(notDone)
      expect(await lost({ mayBeDone: true, name: 'lease.get', written: 'none' })).toEqual(notDone)
    })
  })

  test('of an internal operation is unknown outside', async () => {
    await expect(worldOf({}).call('lease.expire', { backend: 'ssh-key' })).rejects.toEqual(refusedAs('not-found'))
  })
})

describe('what an answer is made into', () => {
  const turns = () => new Promise((resolve) => setTimeout(resolve, 20))

  test('is made of a read before its entry is there, and told to nobody until it is', async () => {
    const kept = Promise.withResolvers<void>()
    const { enforcer, callOf } = worldOf({ kept: kept.promise })
    const done: string[] = []
    const made = enforcer.call(callOf('lease.get', { id: 'l1' }), () => {
      done.push('made')
      return 'answer'
    })
    void made.then((answer) => done.push(`told ${answer}`))
    await turns()
    expect(done).toEqual(['made'])
    kept.resolve()
    expect(await made).toBe('answer')
  })

  test('is thrown away where the entry cannot be kept', async () => {
    const { enforcer, callOf } = worldOf({ isAuditLogAway: true })
    await expect(enforcer.call(callOf('lease.get', { id: 'l1' }), () => 'answer')).rejects.toEqual(
      refusedAs('unavailable'),
    )
  })

  test('is made again where the caller has moved, and only what is theirs now is told', async () => {
    const world = worldOf({ known: { principal: user({}, { displayName: 'Before' }), moved: true } })
    let times = 0
    const made = world.enforcer.call(world.callOf('lease.get', { id: 'l1' }), () => (times += 1))
    expect(await made).toBe(times)
    expect(world.recorded.map(({ principal }) => principal)).toEqual([user()])
  })

  test('of a change is made once the change is', async () => {
    const { enforcer, callOf } = worldOf({ written: 'none' })
    let times = 0
    const made = enforcer.call(callOf('lease.revoke', { id: 'l1', reason: 'lost' }), () => (times += 1))
    await expect(made).rejects.toMatchObject({ name: 'Fault' })
    expect(times).toBe(0)
  })
})

describe('a caller who is known from a moment ago', () => {
  const before = user({}, { displayName: 'before', assumed: '1' })
  const after = user({}, { displayName: 'after' })
  const names = (world: ReturnType<typeof worldOf>) =>
    world.recorded.map(({ principal, outcome }) => [principal.type === 'User' ? principal.displayName : null, outcome])

  test('is not looked at for a read, and is for a change and for what takes minutes', async () => {
    const world = worldOf({ principal: after, known: { principal: before, moved: false } })
    await world.call('lease.get', { id: 'l1' })
    expect(names(world)).toEqual([['before', 'allowed']])
    await world.call('audit.verify', {})
    expect(names(world).at(-1)).toEqual(['after', 'allowed'])
    await world.call('lease.revoke', { id: 'l1', reason: 'done' })
    expect(world.asked.at(-1)?.principal.id).toBe('u1')
    await expect(
      worldOf({ principal: after, allow: () => false, known: { principal: before, moved: false } }).call(
        'lease.revoke',
        { id: 'l1', reason: 'done' },
      ),
    ).rejects.toEqual(refusedAs('not-found'))
  })

  // ADR 119; what they encrypt is proved by the statement that writes it
  test('is not looked at for encrypting either, and is for a data key', async () => {
    const deciding = async (name: 'kms.encrypt' | 'kms.generateDataKey', moved: boolean) => {
      const world = worldOf({ principal: after, allow: () => false, known: { principal: before, moved } })
      const input = { key: 'shop', ...(name === 'kms.encrypt' ? { plaintext: 'AAAA' } : {}) }
      await expect(world.call(name, input)).rejects.toEqual(refusedAs('not-found'))
      return names(world)
    }
    expect(await deciding('kms.encrypt', false)).toEqual([['before', 'refused']])
    expect(await deciding('kms.encrypt', true)).toEqual([['after', 'refused']])
    expect(await deciding('kms.generateDataKey', false)).toEqual([['after', 'refused']])
  })

  test('and has moved since is answered as who they are now: nothing is recorded of who they were', async () => {
    const world = worldOf({ principal: after, known: { principal: before, moved: true } })
    await expect(world.call('lease.get', { id: 'l1' })).resolves.toEqual({ ok: true })
    expect(world.handled).toEqual(['lease.get', 'lease.get'])
    expect(names(world)).toEqual([['after', 'allowed']])
  })

  test('and was denied as who they were is decided as who they are', async () => {
    const promoted = user({}, { id: 'promoted' })
    const world = worldOf({
      principal: promoted,
      known: { principal: before, moved: true },
      allow: ({ principal }) => principal.id === 'promoted',
    })
    await expect(world.call('lease.get', { id: 'l1' })).resolves.toEqual({ ok: true })
    expect(world.recorded).toMatchObject([{ outcome: 'allowed', principal: { id: 'promoted' } }])
  })

  test('and has ended since is refused, and the refusal alone is recorded', async () => {
    const revoked = new Set(['token'])
    const world = worldOf({ known: { principal: before, moved: true }, revoked })
    await expect(world.call('lease.get', { id: 'l1' })).rejects.toEqual(refusedAs('unauthenticated'))
    expect(world.recorded).toMatchObject([{ outcome: 'refused', refusal: 'unauthenticated' }])
  })
})

describe('a deny', () => {
  const onlyFresh = (request: DecisionRequest): boolean => request.context['mfaFresh'] === true

  test('that a fresh proof would lift says so: step-up for a session with two factors, mfa for one', async () => {
    const stale = worldOf({ principal: user({ provedAt: new Date('2026-11-23T11:00:00Z') }), allow: onlyFresh })
    await expect(stale.call('lease.revoke', { id: 'l1', reason: 'x' })).rejects.toMatchObject({
      code: 'step-up-required',
      details: { assurance: 'su', maxAgeSeconds: 300 },
    })
    const single = worldOf({ principal: user({ assurance: 'pw', provedAt: null }), allow: onlyFresh })
    await expect(single.call('lease.revoke', { id: 'l1', reason: 'x' })).rejects.toEqual(refusedAs('mfa-required'))
  })

  test('that no proof would lift is forbidden, with the policies, and never asks for a proof', async () => {
    const world = worldOf({
      principal: user({ assurance: 'pw', provedAt: null }),
      allow: (request) => request.action === 'lease.get',
    })
    await expect(world.call('lease.revoke', { id: 'l1', reason: 'x' })).rejects.toMatchObject({
      code: 'forbidden',
      details: { reason: 'forbid', policies: ['p1'] },
    })
    expect(world.recorded).toMatchObject([{ outcome: 'refused', decision: { effect: 'deny', policies: ['p1'] } }])
  })

  // Threat C2: an id in the answer about a hidden thing would tell it from one that is not there
  test('names the entry of its decision, and only of what the caller may see', async () => {
    const details = (world: ReturnType<typeof worldOf>, name: OperationName, raw: unknown) =>
      world.call(name, raw).then(
        () => null,
        (error: unknown) => (error instanceof Refusal ? [error.code, error.details.decisionId] : error),
      )
    const revoke = { id: 'l1', reason: 'x' }
    const seen = worldOf({ allow: ({ action }) => action === 'lease.get' })
    expect(await details(seen, 'lease.revoke', revoke)).toEqual(['forbidden', 'entry-1'])
    expect(await details(worldOf({ allow: () => false }), 'lease.list', {})).toEqual(['forbidden', 'entry-1'])
    expect(await details(worldOf({ allow: () => false }), 'lease.revoke', revoke)).toEqual(['not-found', undefined])
    expect(await details(worldOf({ slice: null }), 'lease.revoke', revoke)).toEqual(['not-found', undefined])
  })

  test('is told of API tokens only to who calls by one', async () => {
    const session = worldOf({
      principal: user({ assurance: 'pw', provedAt: null }),
      allow: (request) => request.action === 'lease.get',
    })
    const told = await session.call('lease.revoke', { id: 'l1', reason: 'x' }).catch((error: Refusal) => error.details)
    expect(told).not.toHaveProperty('hint')
  })

  const listed = [
    ['session.revoke', { reason: 'r' }, 'Session', 'session.list', 'User'],
    ['authenticator.rename', { name: 'n' }, 'Authenticator', 'authenticator.list', 'User'],
    ['sshCertificate.revoke', { reason: 'r' }, 'SshCertificate', 'sshCertificate.list', 'Workspace'],
  ] as const
  test.for(listed)('by %s of what no list shows the caller is not-found', async ([name, input, type, list, on]) => {
    const outcome = (owner: string, sees: boolean) => {
      const resource = uid(type, 'x1') as Slice['resource']
      const attrs = { owner: ref('User', owner), workspace: ref('Workspace', 'w1') }
      const slice = { resource, workspace: null, entities: [{ uid: resource, attrs, parents: [] }], versions: [] }
      const world = worldOf({
        slice,
        allow: ({ action, resource: asked }) => sees && action === list && asked.type === on,
      })
      return world.call(name, { id: 'x1', ...input }).catch((error: Refusal) => error.code)
    }
    expect(await outcome('u2', false)).toBe('not-found')
    expect(await outcome('u2', true)).toBe('forbidden')
    expect(await outcome('u1', false), 'what is their own').toBe('forbidden')
  })

  test('of what the caller may not even see is not-found, exactly like a missing row', async () => {
    const hidden = await worldOf({ allow: () => false })
      .call('lease.revoke', { id: 'l1', reason: 'x' })
      .catch((error: unknown) => error)
    const missing = await worldOf({ slice: null })
      .call('lease.revoke', { id: 'l1', reason: 'x' })
      .catch((error: unknown) => error)
    expect(hidden).toEqual(refusedAs('not-found'))
    expect([(missing as Refusal).code, (missing as Refusal).message, (missing as Refusal).details]).toEqual([
      (hidden as Refusal).code,
      (hidden as Refusal).message,
      (hidden as Refusal).details,
    ])
  })

  test('holds for a floor that policy would have let pass', async () => {
    const world = worldOf({ principal: user({ assurance: 'pw', provedAt: null }) })
    await expect(world.call('lease.revoke', { id: 'l1', reason: 'x' })).rejects.toEqual(refusedAs('mfa-required'))
    expect(world.handled).toEqual([])
  })
})

describe('first steps', () => {
  test('until the password is changed only its way out answers, and before enrolment only enrolling', async () => {
    const fresh = worldOf({
      principal: user({}, { missing: ['passwordChange', 'authenticator'] }),
      slice: { ...lease, resource: { type: 'User', id: 'u1' } },
    })
    await expect(fresh.call('lease.get', { id: 'l1' })).rejects.toEqual(refusedAs('password-change-required'))
    await expect(fresh.call('totp.enroll', {})).rejects.toEqual(refusedAs('password-change-required'))
    await expect(fresh.call('auth.whoami', {})).resolves.toBeDefined()
    const changed = worldOf({
      principal: user({}, { missing: ['authenticator'] }),
      slice: { ...lease, resource: { type: 'User', id: 'u1' } },
    })
    await expect(changed.call('lease.get', { id: 'l1' })).rejects.toEqual(refusedAs('mfa-enrolment-required'))
    await expect(changed.call('totp.enroll', {})).resolves.toBeDefined()
  })
})

describe('a list', () => {
  test("is decided once per workspace: whole, else only the caller's own", async () => {
    const world = worldOf({ allow: (request) => request.context['ownOnly'] === true })
    await world.call('lease.list', {})
    expect(world.asked.map((request) => request.context['ownOnly'])).toEqual([false, true])
  })

  // an export of the audit log is a change: what is recorded without it is never tried on other policies
  test('that changes something has what was asked with its permit, to be decided again later', async () => {
    const world = worldOf({ allow: (request) => request.context['ownOnly'] === true })
    await world.call('audit.export', {})
    expect(world.permitted).toEqual([world.asked[1]])
    expect(world.asked[1]).toMatchObject({ action: 'audit.export', context: { ownOnly: true } })
  })

  test('with no workspace allowed is refused', async () => {
    await expect(worldOf({ allow: () => false }).call('lease.list', {})).rejects.toEqual(refusedAs('forbidden'))
  })
})

describe('a stream', () => {
  test('of whom new policies deny ends with the next look, a second later', async () => {
    let version = 'old'
    const world = worldOf({ version: () => version, allow: () => version === 'old' })
    const stream = await world.enforcer.subscribe({
      name: 'lease.watch',
      raw: {},
      requestId: 'r1',
      caller: { credential: 'token', address: '192.0.2.1', userAgent: '', transport: 'graphql' },
    })
    version = 'new'
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toMatchObject({ name: 'Refusal' })
  }, 4000)

  const lost = (cause: Error): AsyncIterable<never> => ({
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(cause) }),
  })
  async function* given(): AsyncGenerator<{ readonly id: string }> {
    yield await Promise.resolve({ id: 'l1' })
  }
  const endOf = async (source: () => AsyncIterable<unknown>, make?: () => never) => {
    const world = worldOf({ source })
    const call = world.callOf('lease.watch', {}) as Call<'lease.watch'>
    const opened = await (make === undefined ? world.enforcer.subscribe(call) : world.enforcer.subscribe(call, make))
    const reader = opened[Symbol.asyncIterator]()
    const end: unknown = await reader.next().catch((error: unknown) => error)
    return { end, faults: world.faults }
  }
  const broken = new Error('broken')

  test.each([
    [
      'an item cannot be made into what leaves',
      () =>
        endOf(given, () => {
          throw broken
        }),
    ],
    ['its source fails', () => endOf(() => lost(broken))],
  ] as const)('ends by a fault that names its request, and is noted once, when %s', async (_what, ended) => {
    const { end, faults } = await ended()
    expect(end).toMatchObject({ name: 'Fault', requestId: 'r1', cause: broken })
    expect(faults).toEqual([end])
  })

  test('whose database went away ends as unavailable, which is no fault', async () => {
    const { end, faults } = await endOf(() => lost(new UnavailableError('gone')))
    expect([end, faults]).toEqual([refusedAs('unavailable'), []])
  })
})
