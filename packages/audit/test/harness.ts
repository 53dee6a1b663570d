import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  operationNames,
  operations,
  resourceTypes,
  type OperationName,
  type Output,
  type ResourceType,
  type SubscriptionName,
} from '@gatehouse/contract'
import { listenTo, openStore, type Store } from '@gatehouse/database'
import {
  createEnforcer,
  ref,
  systemRandom,
  uid,
  type Clock,
  type Decision,
  type DecisionRequest,
  type Decider,
  type Enforcer,
  type Handlers,
  type LoadSlice,
  type Permit,
  type Caller,
  type Principal,
  type Slices,
  type UserPrincipal,
  withWorkspaces,
} from '@gatehouse/enforcement'
import { createDatabase, keepRows, type TestDatabase } from '@gatehouse/testkit'
import { sql } from 'kysely'
import {
  createAuditTrail,
  createChange,
  createLedger,
  loadAuditEntrySlice,
  keepOutside,
  openOutsideLedgers,
  type Change,
  type CheckpointKey,
  type KeepOutside,
  type OutsideLedgers,
  type RunningTrail,
  type SubjectKeys,
} from '../src/index.ts'
import { checkpointKeyFrom } from '../src/checkpoint-key.ts'
import type { PersonalValue } from '../src/commitment.ts'
import type { ListenForLeaves } from '../src/tail-feed.ts'
import { leavesChannel } from '../src/tail.queries.ts'
import { keptParts, type KeptPart } from '../src/subject-keys.queries.ts'
import { openTestKeys } from './test-keys.ts'

/** Real time that a test may shift. */
export interface TestClock extends Clock {
  shiftSeconds(seconds: number): void
}

/**
 * The real chain around handlers of a test: real enforcer, change(), trail and PostgreSQL; a decider that a test
 * steers.
 */
export interface Harness {
  readonly database: TestDatabase
  readonly db: Store
  /** The superuser's connection, for reading everything and for tampering. */
  readonly admin: Store
  readonly change: Change
  readonly trail: RunningTrail
  readonly enforcer: Enforcer
  readonly clock: TestClock
  readonly key: CheckpointKey
  readonly subjectKeys: SubjectKeys
  /** A state directory, with the ledgers of erasures and holds in it. */
  readonly home: string
  readonly ledgers: OutsideLedgers
  /** How handlers write them; what they could not write is in `unwritten`. */
  readonly outside: KeepOutside
  readonly unwritten: (keyof OutsideLedgers)[]
  readonly decisions: DecisionRequest[]
  readonly decider: Decider
  readonly listenForLeaves: ListenForLeaves
  decideBy(decide: (request: DecisionRequest) => Decision): void
  /** Who calls from now on. */
  as(principal: Principal): void
  /** Runs one operation with this as its handler. */
  call<N extends OperationName>(
    name: N,
    raw: unknown,
    handler: (permit: Permit<N>) => Promise<unknown>,
  ): Promise<unknown>
  /** Runs one operation of the worker with this as its handler. */
  internal<N extends OperationName>(name: N, handler: (permit: Permit<N>) => Promise<unknown>): Promise<unknown>
  /** Opens one stream with this as its handler. */
  subscribe<N extends SubscriptionName>(
    name: N,
    raw: unknown,
    handler: (permit: Permit<N>) => AsyncIterable<Output<N>>,
  ): Promise<AsyncIterable<Output<N>>>
  entries(): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}

export const allow: Decision = { effect: 'allow', policies: ['permit-all'], version: 'v1' }
export const deny: Decision = { effect: 'deny', policies: ['forbid-it'], version: 'v2' }

/** A person as the authenticator would answer. */
export function person(parts: Partial<UserPrincipal> = {}): UserPrincipal {
  const now = new Date()
  return {
    type: 'User',
    id: randomUUID(),
    username: 'ada',
    displayName: 'Ada',
    roles: ['Admin'],
    teams: [],
    hasAuthenticator: true,
    missing: [],
    tokenId: 'token',
    session: {
      id: randomUUID(),
      assurance: 'mfa',
      provedAt: now,
      authTime: now,
      expiresAt: new Date(now.getTime() + 3_600_000),
      methods: ['pwd', 'totp'],
    },
    ...parts,
  }
}

/** One Ed25519 checkpoint key, made for this test. */
export const newCheckpointKey = (): CheckpointKey =>
  checkpointKeyFrom(generateKeyPairSync('ed25519').privateKey, 'gatehouse.test/audit')

/** A clock of the machine, shifted by the test. */
export function testClock(): TestClock {
  let shift = 0
  return {
    now: () => new Date(Date.now() + shift),
    shiftSeconds: (seconds) => {
      shift += seconds * 1000
    },
  }
}

const loadTeam: LoadSlice<Store> = async (db, id) => {
  const row =
    (await db
      .selectFrom('team')
      .select(['id', sql<string>`xmin::text`.as('version')])
      .where('name', '=', id)
      .executeTakeFirst()) ??
    (await db
      .selectFrom('team')
      .select(['id', sql<string>`xmin::text`.as('version')])
      .where(sql`id::text`, '=', id)
      .executeTakeFirst())
  if (row === undefined) return null
  return {
    resource: { type: 'Team', id: row.id },
    workspace: null,
    entities: [{ uid: uid('Team', row.id), attrs: {}, parents: [] }],
    versions: [{ table: 'team', ...row }],
  }
}

const loadWorkspace: LoadSlice<Store> = async (db, id) => {
  const row = await db
    .selectFrom('workspace')
    .select(['id', sql<string>`xmin::text`.as('version')])
    .where('id', '=', id)
    .executeTakeFirst()
  if (row === undefined) return null
  return {
    resource: { type: 'Workspace', id: row.id },
    workspace: row.id,
    entities: [
      {
        uid: uid('Workspace', row.id),
        attrs: { tier: 'development', requiresMfa: false, requiresApproval: false, teams: [ref('Team', 't')] },
        parents: [],
      },
    ],
    versions: [{ table: 'workspace', ...row }],
  }
}

/** Whoever is asked for is there: the decider of a test looks at nobody's attributes. */
const loadUser: LoadSlice<Store> = (_, id) =>
  Promise.resolve({ resource: { type: 'User', id }, workspace: null, entities: [], versions: [] })

const loadSystem: LoadSlice<Store> = () =>
  Promise.resolve({ resource: { type: 'System', id: 'gatehouse' }, workspace: null, entities: [], versions: [] })
const loadNothing: LoadSlice<Store> = () => Promise.resolve(null)

/** A thing of a type that is there, whichever is asked for. */
export const loadThing =
  (type: ResourceType): LoadSlice<Store> =>
  (_, id) =>
    Promise.resolve({ resource: { type, id }, workspace: null, entities: [], versions: [] })

/** A database and the connections to it, for one test after the other. */
export interface SharedStores {
  readonly database: TestDatabase
  readonly db: Store
  readonly admin: Store
  /** Ends the connections, and the database with them. */
  end(): Promise<void>
}

/** Opens a database for a whole file: whoever closes what stands on it leaves its tables empty, as they were. */
export async function shareStores(): Promise<SharedStores> {
  const stores = await storesOf({ poolSize: 20 })
  const rows = await keepRows(stores.database)
  return {
    ...stores,
    database: { ...stores.database, drop: () => rows.restore() },
    end: async () => {
      await rows.close()
      await stores.end()
    },
  }
}

/** The stores of one test: shared ones, or its own. */
export async function storesOf({
  stores,
  database: given,
  poolSize = 10,
}: Pick<HarnessOptions, 'stores' | 'database' | 'poolSize'>): Promise<SharedStores> {
  if (stores !== undefined) return { ...stores, end: () => stores.database.drop() }
  const database = given ?? (await createDatabase())
  const [db, admin] = [
    openStore(database.url, { size: poolSize, name: 'test' }),
    openStore(database.adminUrl, { size: 2, name: 'test-admin' }),
  ]
  return {
    database,
    db,
    admin,
    end: async () => {
      await Promise.all([db.destroy(), admin.destroy()])
      await database.drop()
    },
  }
}

/**
 * `stores`: those of the file, instead of a database of its own. `poolSize`: connections for handlers. `database`:
 * another than one of the run's cluster. `others`: how things are loaded that no table of this test has.
 */
interface HarnessOptions {
  readonly stores?: SharedStores
  readonly poolSize?: number
  readonly database?: TestDatabase
  readonly others?: (type: ResourceType) => LoadSlice<Store>
}

/** Opens the chain on a database of its own, or on the stores of the file. */
export async function openHarness({ others = () => loadNothing, ...where }: HarnessOptions = {}): Promise<Harness> {
  const { database, db, admin, end } = await storesOf(where)
  const clock = testClock()
  const random = systemRandom(clock)
  const ledger = createLedger()
  const decisions: DecisionRequest[] = []
  const errors: unknown[] = []
  let decide: (request: DecisionRequest) => Decision = () => allow
  const callers = new WeakMap<Caller, Principal>()
  let principal: Principal = person()
  const decider = {
    version: () => 'v1',
    decide: (request: DecisionRequest) => {
      // asked beside each reading of entries, by the policies and not for the call
      if (request.action !== 'audit.identify') decisions.push(request)
      return decide(request)
    },
  }
  const own: Partial<Slices<Store>> = {
    Team: loadTeam,
    Workspace: loadWorkspace,
    System: loadSystem,
    User: loadUser,
    AuditEntry: loadAuditEntrySlice,
  }
  const all = resourceTypes.map((type: ResourceType) => [type, own[type] ?? others(type)])
  const slices = withWorkspaces(Object.fromEntries(all) as Slices<Store>, loadWorkspace) // total by construction
  const subjectKeys = await openTestKeys(db)
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
  const change = createChange({
    db,
    subjectKeys,
    slices,
    parents: new Set(['System', 'Team', 'Workspace']),
    decider,
    clock,
    random,
    ledger,
    service: { type: 'Service', id: 'gateway', name: 'gateway', bound: true },
  })
  const bound = new Map<string, (permit: Permit<OperationName>) => Promise<unknown>>()
  const handlers = Object.fromEntries(
    operationNames.map((name) => [name, (permit: Permit<OperationName>) => bound.get(permit.call.requestId)?.(permit)]),
  ) as unknown as Handlers // a test binds what it calls
  const enforcer = createEnforcer<Store>({
    handlers,
    slices,
    db,
    decider,
    trail,
    clock,
    stepUpMaxAgeSeconds: 300,
    service: { type: 'Service', id: 'worker', name: 'worker', bound: true },
    onFault: () => undefined,
    authenticator: {
      authenticate: (caller) => Promise.resolve(callers.get(caller) ?? principal),
      recheck: () => Promise.resolve(principal),
    },
    limiter: { admitAddress: () => Promise.resolve(), admitCaller: () => Promise.resolve() },
    workspaces: async (store) =>
      (
        await Promise.all(
          (await store.selectFrom('workspace').select('id').execute()).map(({ id }) => loadWorkspace(store, id)),
        )
      ).filter((slice) => slice !== null),
  })
  const callOf = <N extends OperationName>(
    name: N,
    raw: unknown,
    handler: (permit: Permit<OperationName>) => Promise<unknown>,
  ) => {
    const requestId = randomUUID()
    bound.set(requestId, handler)
    const caller: Caller = { credential: null, address: '192.0.2.7', userAgent: 'vitest', transport: 'trpc' }
    callers.set(caller, principal)
    return { name, raw, requestId, caller }
  }
  const [key, home] = [newCheckpointKey(), await mkdtemp(join(tmpdir(), 'gatehouse-home-'))]
  const unwritten: (keyof OutsideLedgers)[] = []
  const ledgers = openOutsideLedgers(home, key)
  return {
    home,
    ledgers,
    outside: keepOutside({ db, ledgers, onFailed: (ledger) => unwritten.push(ledger) }),
    unwritten,
    database,
    db,
    admin,
    change,
    trail,
    enforcer,
    clock,
    decisions,
    decider,
    key,
    subjectKeys,
    listenForLeaves: (onHeard) =>
      listenTo(database.url, {
        name: 'test-tail',
        channel: leavesChannel,
        onHeard,
        onError: (error) => errors.push(error),
      }),
    decideBy: (next) => {
      decide = next
    },
    as: (next) => {
      principal = next
    },
    call: (name, raw, handler) => {
      const call = callOf(name, raw, handler as never) // called with this very permit
      return operations[name].internal === true ? enforcer.internal(name, raw, call.requestId) : enforcer.call(call)
    },
    internal: (name, handler) => {
      const requestId = randomUUID()
      bound.set(requestId, handler as never) // called with the permit of this very call
      return enforcer.internal(name, {}, requestId)
    },
    subscribe: (name, raw, handler) => enforcer.subscribe(callOf(name, raw, handler as never)), // as for call
    entries: async () =>
      (await admin.selectFrom('audit_entry').select('entry').orderBy('at').orderBy('id').execute()).map(
        ({ entry }) => JSON.parse(entry) as Record<string, unknown>,
      ), // our own JSON
    close: async () => {
      await trail.close()
      await end()
      await rm(home, { recursive: true })
    },
  }
}

/** Puts a team there, as a migration or an earlier test would have. */
export async function insertTeam(admin: Store, name: string): Promise<string> {
  const id = randomUUID()
  await admin.insertInto('team').values({ id, name, description: '' }).execute()
  return id
}

/** The personal values of an entry, as they are kept. */
export async function personalOf(
  { admin, subjectKeys }: Pick<Harness, 'admin' | 'subjectKeys'>,
  id: string,
): Promise<readonly PersonalValue[]> {
  const { rows } = await sql<{ parts: readonly KeptPart[] }>`
    select ${keptParts('audit_entry.id')} as parts from audit_entry where id = ${id}::uuid`.execute(admin)
  return subjectKeys.open(id, rows[0]?.parts ?? []) ?? []
}
