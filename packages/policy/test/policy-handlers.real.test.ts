import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createAuditTrail, createChange, createLedger, openSubjectKeys } from '@gatehouse/audit'
import { operationNames, Refusal, resourceTypes, type OperationName, type Role } from '@gatehouse/contract'
import { openStore, type Store } from '@gatehouse/database'
import {
  createEnforcer,
  systemRandom,
  type ActivePerson,
  type Enforcer,
  type Handlers,
  type LoadSlice,
  type Slices,
  type UserPrincipal,
} from '@gatehouse/enforcement'
import { sealerUnder } from '@gatehouse/keys'
import { createDatabase, testPoolSize } from '@gatehouse/testkit'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPolicyEngine, type PolicyEngine } from '../src/index.ts'
import { policyHandlers } from '../src/policy-handlers.ts'
import { readPolicySource } from '../src/policy-source.ts'
import { copyOfPolicies, heardAlerts, nobodysEmergency, policy, shippedPolicies } from './policy-texts.ts'

const clock = { now: () => new Date() }
const nothing: LoadSlice<unknown> = () => Promise.resolve(null)
const system: LoadSlice<unknown> = (_db, id) =>
  Promise.resolve({
    resource: { type: 'System', id },
    workspace: null,
    entities: [{ uid: { type: 'System', id }, attrs: {}, parents: [] }],
    versions: [],
  })
const slices = Object.fromEntries(
  resourceTypes.map((type) => [type, type === 'System' ? system : nothing]),
) as unknown as Slices<unknown> // total by construction

let principal: UserPrincipal
/** Who could administer policies. */
let people: readonly ActivePerson[] = []
let chain: Awaited<ReturnType<typeof open>>

/** The real chain around the handlers: enforcer, policies, change(), trail, PostgreSQL. */
async function open() {
  const [database, directory, random, ledger] = [
    await createDatabase(),
    await copyOfPolicies(),
    systemRandom(clock),
    createLedger(),
  ]
  const [db, admin] = [
    openStore(database.url, { size: testPoolSize, name: 'policy-handlers' }),
    openStore(database.adminUrl, { size: 1, name: 'policy-handlers-admin' }),
  ]
  const engine = await openPolicyEngine({
    path: directory.path,
    hotReload: false,
    reloadIntervalSeconds: 60,
    bundleKeys: [],
    node: 'node-1',
    db,
    clock,
    random,
    alerts: heardAlerts(),
    emergency: nobodysEmergency,
  })
  const { decider } = engine
  const service = { type: 'Service', id: 'gateway', name: 'gateway', bound: true } as const
  const sealer = sealerUnder({ id: random.id(), key: random.bytes(32) })
  const subjectKeys = await openSubjectKeys({ db, sealer, random, service })
  const trail = createAuditTrail({
    url: database.url,
    subjectKeys,
    clock,
    random,
    ledger,
    onError: (error) => {
      throw error
    },
  })
  const change = createChange({ db, subjectKeys, slices, parents: new Set(), decider, clock, random, ledger, service })
  await engine.follow(change)
  const own = policyHandlers({
    engine,
    db,
    records: db,
    subjectKeys,
    change,
    clock,
    random,
    directory: { activePeople: () => Promise.resolve(people) },
    trail,
    slices: slices as Slices<Store>,
    // nobody is asked about here
    subjects: { find: () => Promise.resolve(null), listAfter: () => Promise.resolve([]) },
    approvals: { find: () => Promise.resolve(null) },
    stepUpMaxAgeSeconds: 300,
  })
  const enforcer: Enforcer = createEnforcer<unknown>({
    handlers: {
      ...Object.fromEntries(
        operationNames.map((name) => [
          name,
          () => {
            throw new TypeError(name)
          },
        ]),
      ),
      ...own,
    } as unknown as Handlers, // only policy.* is called here
    slices,
    db,
    decider,
    trail,
    clock,
    stepUpMaxAgeSeconds: 300,
    onFault: (fault) => {
      throw fault.cause
    },
    authenticator: { authenticate: () => Promise.resolve(principal), recheck: () => Promise.resolve(principal) },
    limiter: { admitAddress: () => Promise.resolve(), admitCaller: () => Promise.resolve() },
    workspaces: () => Promise.resolve([]),
  })
  const entries = async (): Promise<Record<string, unknown>[]> =>
    (await admin.selectFrom('audit_entry').select('entry').orderBy('id').execute()).map(
      ({ entry }) => JSON.parse(entry) as Record<string, unknown>,
    ) // our own JSON
  const close = async (): Promise<void> => {
    await engine.close()
    await trail.close()
    await Promise.all([db.destroy(), admin.destroy()])
    await directory.remove()
    await database.drop()
  }
  const openNode = (node: string): Promise<PolicyEngine> =>
    openPolicyEngine({
      path: directory.path,
      hotReload: false,
      reloadIntervalSeconds: 60,
      bundleKeys: [],
      node,
      db,
      clock,
      random,
      alerts: heardAlerts(),
      emergency: nobodysEmergency,
    })
  return { admin, engine, directory, enforcer, entries, close, openNode, change }
}

const as = (role: Role, proved: 'fresh' | 'stale'): void => {
  const at = new Date(proved === 'fresh' ? Date.now() : Date.now() - 3_600_000)
  principal = {
    type: 'User',
    id: randomUUID(),
    username: 'ada',
    displayName: 'Ada',
    roles: [role],
    teams: [],
    hasAuthenticator: true,
    missing: [],
    tokenId: 'token',
    session: {
      id: randomUUID(),
      assurance: 'mfa',
      provedAt: at,
      authTime: at,
      expiresAt: new Date(Date.now() + 3_600_000),
      methods: ['pwd', 'otp'],
    },
  }
}

const call = <N extends OperationName>(name: N, raw: unknown = {}) =>
  chain.enforcer.call({
    name,
    raw,
    requestId: randomUUID(),
    caller: { credential: null, address: '192.0.2.7', userAgent: 'vitest', transport: 'trpc' },
  })

const refusalOf = async (answer: Promise<unknown>): Promise<Refusal> => {
  try {
    await answer
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  throw new TypeError('it was not refused')
}

beforeAll(async () => {
  chain = await open()
})
afterAll(() => chain.close())

describe('policy.list', () => {
  test('pages through every policy once, with where it stands and what it says', async () => {
    as('Developer', 'stale')
    const seen: string[] = []
    for (let after: string | undefined; ;) {
      const { items, nextCursor } = await call('policy.list', { first: 10, after })
      seen.push(...items.map(({ id }) => id))
      if (nextCursor === null) break
      after = nextCursor
    }
    expect(seen).toEqual(chain.engine.list().map(({ id }) => id))
    const { items } = await call('policy.list', { first: 200 })
    const actionsOf = (id: string): readonly string[] | undefined => items.find((policy) => policy.id === id)?.actions
    expect(actionsOf('policy-readable')).toEqual(['policy.files', 'policy.history', 'policy.list', 'policy.status'])
    expect(actionsOf('own-account')).toContain('password.change')
    expect(actionsOf('own-account')).not.toContain('selfActions')
    expect(items.find(({ id }) => id === 'viewer-read-only')).toMatchObject({
      effect: 'forbid',
      severity: 'critical',
      file: 'admin/roles.cedar',
      source: expect.stringContaining('Action::"writeActions"'),
    })
  })

  test('refuses a cursor that is not ours', async () => {
    as('Developer', 'stale')
    expect((await refusalOf(call('policy.list', { after: 'nonsense' }))).code).toBe('invalid-input')
  })

  test('is refused to a Viewer by the policy that says so', async () => {
    as('Viewer', 'fresh')
    expect(await refusalOf(call('policy.list'))).toMatchObject({
      code: 'forbidden',
      details: { reason: 'forbid', policies: ['viewer-no-audit-log'] },
    })
  })
})

test('suites of the server that are half written are not the fault of whoever asked: try again, it says', async () => {
  as('Admin', 'fresh')
  const file = join(chain.directory.path, 'tests/half.yaml')
  await writeFile(file, 'caller: [')
  const { code, details } = await refusalOf(call('policy.test'))
  expect([code, details.hint]).toEqual(['unavailable', expect.stringMatching(/half\.yaml.*try again/s)])
  expect((await refusalOf(call('policy.test', { suites: [{ path: 'a.yaml', text: 'caller: [' }] }))).code).toBe(
    'invalid-input',
  )
  await rm(file)
  expect(await call('policy.test')).toMatchObject({ failed: 0 })
})

test('policy.status says what is in force, here and on every node', async () => {
  as('Auditor', 'stale')
  const { version, policies } = chain.engine.status()
  expect(await call('policy.status')).toMatchObject({
    version,
    policies,
    lastError: null,
    nodes: [{ node: 'node-1', version, lastError: null }],
  })
})

describe('policy.reload', () => {
  const file = () => join(chain.directory.path, 'admin/more.cedar')

  test('puts an edit in force, and both the call and the change stand in the record', async () => {
    as('Admin', 'fresh')
    const before = chain.engine.status().version
    await writeFile(
      file(),
      policy('more', 'forbid (principal in Role::"Developer", action == Action::"policy.list", resource);'),
    )
    const answer = await call('policy.reload')
    expect(answer.version).not.toBe(before)
    expect(answer.nodes).toMatchObject([{ node: 'node-1', version: answer.version }])
    const written = (await chain.entries()).filter(
      ({ action }) => action === 'policy.reload' || action === 'policy.reloaded',
    )
    expect(
      written.map(({ action, outcome, detail }) => ({
        action,
        outcome,
        version: (detail as { version: string }).version,
      })),
    ).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ action: 'policy.reload', outcome: 'allowed', version: answer.version }),
        expect.objectContaining({ action: 'policy.reloaded', version: answer.version }),
      ]),
    )
    as('Developer', 'fresh')
    expect(await refusalOf(call('policy.list'))).toMatchObject({ code: 'forbidden', details: { policies: ['more'] } })
  })

  test('asks for the second factor again when it was proved too long ago', async () => {
    as('Admin', 'stale')
    expect(await refusalOf(call('policy.reload'))).toMatchObject({
      code: 'step-up-required',
      details: { assurance: 'su' },
    })
  })

  test('is forbidden to Operators, and nobody tells them to prove anything', async () => {
    as('Operator', 'stale')
    expect(await refusalOf(call('policy.reload'))).toMatchObject({
      code: 'forbidden',
      details: { reason: 'no-permit', policies: [] },
    })
  })

  test('refuses an invalid set with file, line and reason, and leaves the old one in force', async () => {
    as('Admin', 'fresh')
    const before = chain.engine.status().version
    await writeFile(file(), 'permit (principal, action resource);')
    expect(await refusalOf(call('policy.reload'))).toMatchObject({
      code: 'conflict',
      details: { hint: expect.stringContaining('admin/more.cedar:1: unexpected token') },
    })
    expect(await call('policy.status')).toMatchObject({
      version: before,
      lastError: expect.stringContaining('admin/more.cedar:1'),
    })
    expect(
      (await chain.entries())
        .filter(({ action, outcome }) => action === 'policy.reload' && outcome === 'refused')
        .at(-1),
    ).toMatchObject({ refusal: 'conflict' })
  })
})

describe('policy.publish, policy.history, policy.rollback', () => {
  const admin: ActivePerson = {
    id: randomUUID(),
    username: 'admin',
    roles: ['Admin'],
    teams: [],
    hasAuthenticator: true,
    logsInBy: ['password'],
  }
  const reason = 'what a test wants'
  const noOperators = 'forbid (principal in Role::"Operator", action, resource);'
  let published = ''

  /** The shipped directory with one file more, as somebody would send it. */
  const filesWith = async (text: string): Promise<{ path: string; text: string }[]> => {
    const { schemas, policies } = await readPolicySource(shippedPolicies)
    const given = [...schemas, ...policies].map((file) => ({ path: file.file, text: file.text }))
    return [...given, { path: 'admin/sent.cedar', text }]
  }

  test('a set that was sent is in force, is pinned, and stands in history and record without its files', async () => {
    as('Admin', 'fresh')
    await rm(join(chain.directory.path, 'admin/more.cedar'), { force: true })
    await call('policy.reload')
    people = [admin]
    const files = await filesWith(policy('no-operators', noOperators))
    const answer = await call('policy.publish', { files, reason })
    published = answer.version
    expect(answer).toMatchObject({ pin: { kind: 'published', version: published }, lastError: null })
    expect((await call('policy.list', { first: 200 })).items.map(({ id }) => id)).toContain('no-operators')
    const { items } = await call('policy.history', { first: 2 })
    expect(items).toMatchObject([
      { kind: 'published', version: published, reason, inForce: true, changedBy: principal.id },
      { kind: 'files', inForce: false, changedBy: null, reason: null },
    ])
    expect((await call('policy.files')).files).toContainEqual(files.at(-1))
    expect(await call('policy.files', { change: items[1]?.id })).toMatchObject({ version: items[1]?.version })
    expect(await refusalOf(call('policy.files', { change: randomUUID() }))).toMatchObject({ code: 'not-found' })
    const [entry] = (await chain.entries()).filter(({ action }) => action === 'policy.publish')
    expect(entry).toMatchObject({ outcome: 'allowed', detail: { version: published } })
    expect(JSON.stringify(entry)).not.toContain('no-operators')
  })

  test('another node has it within two seconds, and a node that starts decides by it from the first', async () => {
    const other = await chain.openNode('node-2')
    expect(other.status()).toMatchObject({ version: published, node: 'node-2' })
    await other.follow(chain.change)
    as('Admin', 'fresh')
    const files = await filesWith(policy('no-developers', 'forbid (principal in Role::"Developer", action, resource);'))
    const { version } = await call('policy.publish', { files, reason })
    const begin = performance.now()
    while (other.status().version !== version && performance.now() - begin < 10_000) await pause(10)
    expect(other.status().version).toBe(version)
    // validated in a thread of its own on a loaded test machine: the product says two seconds
    expect(performance.now() - begin).toBeLessThan(4_000)
    await other.close()
  })

  test('a set that is not valid is refused with file and line, and changes nothing', async () => {
    as('Admin', 'fresh')
    const before = await call('policy.status')
    const files = await filesWith('permit (principal, action resource);')
    expect(await refusalOf(call('policy.publish', { files, reason }))).toMatchObject({
      code: 'conflict',
      details: { hint: expect.stringContaining('admin/sent.cedar:1') },
    })
    expect(await call('policy.status')).toMatchObject({ version: before.version, pin: before.pin, lastError: null })
  })

  // Acceptance 7: nothing is half done, whoever asked is told what to do, and it goes when it is asked for again
  test('on a full disk it is refused with what to do, and goes whole when there is room', async () => {
    as('Admin', 'fresh')
    const before = await call('policy.status')
    const changes = await call('policy.history', { first: 50 })
    const files = await filesWith(policy('no-viewers', 'forbid (principal in Role::"Viewer", action, resource);'))
    for (const table of ['policy_change', 'policy_set']) {
      await chain.admin.transaction().execute(async (tx) => {
        await sql`create function disk_is_full() returns trigger language plpgsql as
          $$ begin raise exception 'no space left on device' using errcode = '53100'; end $$`.execute(tx)
        const on = sql.table(table)
        await sql`create trigger disk_is_full before insert on ${on} execute function disk_is_full()`.execute(tx)
      })
      const begun = performance.now()
      const publishing = call('policy.publish', { files, reason })
      if (table === 'policy_change') {
        expect(await refusalOf(publishing)).toMatchObject({
          code: 'unavailable',
          details: { hint: expect.stringContaining('make room there; nothing was changed') },
        })
        expect(performance.now() - begun).toBeLessThan(5_000)
        expect(await call('policy.status')).toMatchObject({ version: before.version, pin: before.pin, lastError: null })
        expect(await call('policy.history', { first: 50 })).toEqual(changes)
      } else {
        expect(await publishing).toMatchObject({ pin: { kind: 'published' }, lastError: null })
        expect(await call('policy.status')).not.toMatchObject({ version: before.version })
      }
      await sql`drop function disk_is_full cascade`.execute(chain.admin)
    }
    const { items } = await call('policy.history', { first: 50 })
    expect(items).toHaveLength(changes.items.length + 1)
    expect(items[0]).toMatchObject({ kind: 'published', inForce: true, reason })
  })

  test('of sets that are published at the same time one comes into force, and the others are told', async () => {
    as('Admin', 'fresh')
    const files = await Promise.all(
      ['one', 'two', 'three'].map((name) => filesWith(policy(`no-operators-${name}`, noOperators))),
    )
    const answers = await Promise.allSettled(files.map((set) => call('policy.publish', { files: set, reason })))
    const [done, ...others] = answers.toSorted((one, two) => one.status.localeCompare(two.status))
    expect(done).toMatchObject({ status: 'fulfilled' })
    expect(others).toMatchObject([
      { status: 'rejected', reason: { code: 'conflict', message: expect.stringContaining('meanwhile') } },
      { status: 'rejected', reason: { code: 'conflict', message: expect.stringContaining('meanwhile') } },
    ])
    const { version, pin } = (done as PromiseFulfilledResult<Awaited<ReturnType<typeof call<'policy.publish'>>>>).value
    expect(await call('policy.status')).toMatchObject({ version, pin })
    const written = (await chain.entries()).filter(({ action }) => action === 'policy.publish').slice(-3)
    expect(written.map(({ outcome }) => outcome).sort()).toEqual(['allowed', 'refused', 'refused'])
  })

  const passwordsClosed = 'forbid (principal, action == Action::"auth.login", resource);'

  test('a set by which nobody could publish any more is refused, also one that shuts out at every hour', async () => {
    as('Admin', 'fresh')
    const before = await call('policy.status')
    for (const text of [
      'forbid (principal, action == Action::"policy.publish", resource);',
      'forbid (principal, action in Action::"policy", resource) when { context.hour >= 0 };',
      // nobody who could is logged in for long: each step of a log-in is one on the way
      'forbid (principal, action in [Action::"auth.completeMfa", Action::"auth.passkeyComplete"], resource);',
      'forbid (principal is Anonymous, action, resource) when { 9223372036854775807 + 1 > 0 };',
      // what stays open to passkeys is closed to who has none
      passwordsClosed,
    ]) {
      const files = await filesWith(policy('nobody', text))
      expect(await refusalOf(call('policy.publish', { files, reason }))).toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('nobody could publish'),
      })
    }
    expect(await call('policy.status')).toMatchObject({ version: before.version, pin: before.pin })
    people = [{ ...admin, logsInBy: ['password', 'passkey'] }]
    const passkeysOnly = await filesWith(policy('passkeys-only', passwordsClosed))
    expect(await call('policy.publish', { files: passkeysOnly, reason })).toMatchObject({ lastError: null })
    people = [admin]
    // what leaves a way in, or an hour to mend it, is no lock-out
    const noPasskeys = 'forbid (principal, action == Action::"auth.passkeyComplete", resource);'
    expect(
      await call('policy.publish', { files: await filesWith(policy('passwords', noPasskeys)), reason }),
    ).toMatchObject({ lastError: null })
    const files = await filesWith(
      policy('by-day', 'forbid (principal, action == Action::"policy.publish", resource) when { context.hour != 12 };'),
    )
    expect((await call('policy.publish', { files, reason })).version).not.toBe(before.version)
  })

  test('rollback goes back to what was before, or to a change that is named', async () => {
    as('Admin', 'fresh')
    const { items } = await call('policy.history', { first: 3 })
    const [newest, before] = items
    const answer = await call('policy.rollback', { reason })
    expect(answer).toMatchObject({ version: before?.version, pin: { kind: 'rolledBack' }, lastError: null })
    // the set that came again is in force where it came last, and there alone
    const told = (await call('policy.history', { first: 3 })).items.map(({ kind, inForce }) => [kind, inForce])
    expect(told).toEqual([['rolledBack', true], ...items.slice(0, 2).map(({ kind }) => [kind, false])])
    expect((await call('policy.rollback', { to: newest?.id, reason })).version).toBe(newest?.version)
    expect(await refusalOf(call('policy.rollback', { to: newest?.id, reason }))).toMatchObject({ code: 'conflict' })
    expect(await refusalOf(call('policy.rollback', { to: randomUUID(), reason }))).toMatchObject({
      code: 'conflict',
      message: 'no policy set of the history has this id',
    })
  })

  test('a changed file ends it, on every node', async () => {
    as('Admin', 'fresh')
    const { version } = await call('policy.status')
    expect((await call('policy.reload')).version).toBe(version)
    const file = join(chain.directory.path, 'admin/edited.cedar')
    await writeFile(file, policy('edited', noOperators))
    const answer = await call('policy.reload')
    expect(answer).toMatchObject({ pin: null, lastError: null })
    expect((await call('policy.list', { first: 200 })).items.map(({ id }) => id)).toContain('edited')
    const other = await chain.openNode('node-3')
    expect(other.status().version).toBe(answer.version)
    await other.close()
  })

  test('a file that is changed while no node runs ends it as well', async () => {
    as('Admin', 'fresh')
    const files = await filesWith(policy('no-operators', noOperators))
    const { version } = await call('policy.publish', { files, reason })
    await writeFile(join(chain.directory.path, 'admin/edited.cedar'), policy('edited-again', noOperators))
    const other = await chain.openNode('node-4')
    expect(other.status().version).not.toBe(version)
    await other.follow(chain.change)
    expect((await call('policy.status')).pin).toBeNull()
    await other.close()
  })

  test('publishing and going back are forbidden to Operators', async () => {
    as('Operator', 'fresh')
    for (const name of ['policy.publish', 'policy.rollback'] as const)
      expect((await refusalOf(call(name, { reason }))).code).toBe('forbidden')
  })
})
