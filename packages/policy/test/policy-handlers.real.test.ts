import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createAuditTrail, createChange, createLedger, openSubjectKeys } from '@gatehouse/audit'
import { operationNames, Refusal, resourceTypes, type OperationName, type Role } from '@gatehouse/contract'
import { openStore } from '@gatehouse/database'
import {
  createEnforcer,
  systemRandom,
  type Enforcer,
  type Handlers,
  type LoadSlice,
  type Slices,
  type UserPrincipal,
} from '@gatehouse/enforcement'
import { sealerUnder } from '@gatehouse/keys'
import { createDatabase, testPoolSize } from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPolicyEngine } from '../src/index.ts'
import { policyHandlers } from '../src/policy-handlers.ts'
import { copyOfPolicies, heardAlerts, policy } from './policy-texts.ts'

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
    node: 'node-1',
    db,
    clock,
    alerts: heardAlerts(),
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
  const own = policyHandlers({ engine, db, records: db, subjectKeys, change, clock })
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
  return { engine, directory, enforcer, entries, close }
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
