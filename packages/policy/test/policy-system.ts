import { randomUUID } from 'node:crypto'
import {
  auditDomain,
  createAuditTrail,
  createChange,
  createLedger,
  loadAuditEntrySlice,
  openSubjectKeys,
  type Change,
} from '@gatehouse/audit'
import {
  operationNames,
  Refusal,
  resourceTypes,
  type OperationName,
  type Output,
  type Raw,
  type Role,
} from '@gatehouse/contract'
import { openStore, type Store } from '@gatehouse/database'
import {
  createEnforcer,
  systemRandom,
  withWorkspaces,
  type Handlers,
  type LoadSlice,
  type Principal,
  type Slices,
  type UserPrincipal,
} from '@gatehouse/enforcement'
import {
  createSubjects,
  directory,
  findApproval,
  loadEnvironmentSlice,
  loadUserSlice,
  loadWorkspaceOf,
  loadWorkspaces,
  loadWorkspaceSlice,
  settingsFrom,
} from '@gatehouse/identity'
import { sealerUnder } from '@gatehouse/keys'
import { createOutbound } from '@gatehouse/kit/outbound'
import { createDatabase, testPoolSize } from '@gatehouse/testkit'
import { openPolicyEngine, policyDomain, type PolicyEngine } from '../src/index.ts'
import { copyOfPolicies, heardAlerts, nobodysEmergency } from './policy-texts.ts'

/** The real chain around the policies' own operations: enforcer, engine, change(), trail, PostgreSQL. */
export interface PolicySystem {
  readonly engine: PolicyEngine
  readonly policies: string
  readonly db: Store
  /** The owner's connection, for what no operation does. */
  readonly admin: Store
  readonly change: Change
  now(): Date
  /** Moves the clock. */
  setNow(now: Date): void
  /** Who calls from now on. */
  as(principal: Principal): void
  call<N extends OperationName>(name: N, raw?: Raw<N>, signal?: AbortSignal): Promise<Output<N>>
  refusal<N extends OperationName>(name: N, raw?: unknown): Promise<Refusal>
  /** What stands in the audit log, oldest first. */
  entries(): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}

const system: LoadSlice<Store> = (_db, id) =>
  Promise.resolve({
    resource: { type: 'System', id },
    workspace: null,
    entities: [{ uid: { type: 'System', id }, attrs: {}, parents: [] }],
    versions: [],
  })
const nothing: LoadSlice<Store> = () => Promise.resolve(null)
const own: Partial<Slices<Store>> = {
  System: system,
  User: loadUserSlice,
  Workspace: loadWorkspaceSlice,
  Environment: loadEnvironmentSlice,
  AuditEntry: loadAuditEntrySlice,
}
const slices = withWorkspaces(
  Object.fromEntries(resourceTypes.map((type) => [type, own[type] ?? nothing])) as Slices<Store>, // total
  loadWorkspaceOf,
)

/** A person with a role, who has just proved two factors. */
export const personOf = (role: Role, parts: Partial<UserPrincipal> = {}): UserPrincipal => ({
  type: 'User',
  id: randomUUID(),
  username: `${role.toLowerCase()}-of-a-test`,
  displayName: role,
  roles: [role],
  teams: [],
  hasAuthenticator: true,
  missing: [],
  tokenId: 'token',
  session: {
    id: randomUUID(),
    assurance: 'mfa',
    provedAt: new Date(),
    authTime: new Date(),
    expiresAt: new Date(Date.now() + 3_600_000),
    methods: ['pwd', 'otp'],
  },
  ...parts,
})

const sealer = sealerUnder({ id: '01980000-0000-7000-8000-000000000023', key: new Uint8Array(32).fill(23) })

const caller = { credential: null, address: '192.0.2.7', userAgent: 'vitest', transport: 'trpc' } as const

/** Opens it on a database and a copy of the shipped policies of its own. */
export async function openPolicySystem(): Promise<PolicySystem> {
  const [database, files] = [await createDatabase(), await copyOfPolicies()]
  let shifted = 0
  const clock = { now: () => new Date(Date.now() + shifted) }
  const [random, ledger] = [systemRandom(clock), createLedger()]
  const db = openStore(database.url, { size: testPoolSize, name: 'policy-system' })
  const admin = openStore(database.adminUrl, { size: 1, name: 'policy-system-admin' })
  const engine = await openPolicyEngine({
    path: files.path,
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
  await db
    .insertInto('workspace')
    .values({ id: 'default', name: 'default', archived_at: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const { decider } = engine
  const onError = (error: unknown): never => {
    throw error
  }
  const subjectKeys = await openSubjectKeys({ db, sealer, random, service: { id: 'gateway', name: 'gateway' } })
  const onRecorded = engine.shadow.observe
  const trail = createAuditTrail({ url: database.url, subjectKeys, clock, random, ledger, onRecorded, onError })
  const change = createChange({
    db,
    subjectKeys,
    slices,
    parents: new Set(),
    decider,
    clock,
    random,
    ledger,
    onRecorded,
    service: { type: 'Service', id: 'gateway', name: 'gateway', bound: true },
  })
  await engine.follow(change)
  const needs = {
    db,
    records: db,
    change,
    clock,
    policy: engine,
    workspaces: loadWorkspaces,
    directory,
    subjectKeys,
    random,
    sealer,
    version: '0',
    slices,
    trail,
  }
  const settings = { identity: { mfa: { stepUpMaxAgeSeconds: 300 } } }
  const opened = await policyDomain.open({ ...needs, settings })
  const inForce = { current: () => Promise.resolve(settingsFrom({}, { mfa: { requiredRoles: [] }, jwt: {} } as never)) }
  const audit = await auditDomain.open({
    ...needs,
    checkpointKey: { origin: 'gatehouse.test/audit' } as never, // nothing here reads a checkpoint
    ledgers: {} as never, // nobody is erased here, and nothing held
    alerts: { raise: () => undefined },
    outbound: createOutbound({ allowed: [], ownPorts: [] }),
    settings: {
      ...settings,
      audit: { sinkDirectory: null, retention: { days: 365, breakGlassDays: 2555 }, witnesses: [] },
    },
    listen: () => ({ close: () => Promise.resolve() }), // nothing here is followed
    onError: (_, error) => onError(error),
  })
  const unbound = (): never => {
    throw new TypeError('not bound in this test')
  }
  let principal: Principal = personOf('Admin')
  const enforcer = createEnforcer<Store>({
    handlers: {
      ...Object.fromEntries(operationNames.map((name) => [name, unbound])),
      ...audit.handlers({
        people: { eraseEverywhere: () => Promise.resolve([]), forgetNames: () => Promise.resolve() },
        emergencyRemoval: { removeOver: () => Promise.resolve(0) },
      }), // nobody is erased here
      ...opened.handlers({
        subjects: createSubjects({ db, clock, settings: inForce as never }), // nothing else is asked of them
        approvals: { find: (asked) => findApproval(db, asked) },
      }),
    } as unknown as Handlers, // the others are not called
    slices,
    db,
    decider,
    trail,
    clock,
    stepUpMaxAgeSeconds: 300,
    onFault: (fault) => onError(fault.cause),
    authenticator: { authenticate: () => Promise.resolve(principal), recheck: () => Promise.resolve(principal) },
    limiter: { admitAddress: () => Promise.resolve(), admitCaller: () => Promise.resolve() },
    workspaces: loadWorkspaces,
  })
  const call: PolicySystem['call'] = (name, raw, signal) => {
    const held = signal === undefined ? {} : { signal }
    return enforcer.call({ name, raw: raw ?? {}, requestId: randomUUID(), caller: { ...caller }, ...held })
  }
  return {
    engine,
    policies: files.path,
    db,
    admin,
    change,
    now: clock.now,
    setNow: (now) => {
      shifted = now.getTime() - Date.now()
    },
    as: (next) => {
      principal = next
    },
    call,
    refusal: (name, raw) => refusalOf(call(name, raw as never)), // what is refused need not be right
    entries: async () =>
      (await admin.selectFrom('audit_entry').select('entry').orderBy('id').execute()).map(
        ({ entry }) => JSON.parse(entry) as Record<string, unknown>, // our own JSON
      ),
    close: async () => {
      await engine.close()
      await trail.close()
      await Promise.all([db.destroy(), admin.destroy()])
      await files.remove()
      await database.drop()
    },
  }
}

async function refusalOf(answer: Promise<unknown>): Promise<Refusal> {
  try {
    await answer
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  throw new TypeError('it was not refused')
}
