import { randomBytes, randomUUID } from 'node:crypto'
import {
  createAuditTrail,
  createChange,
  createLedger,
  openCheckpointKey,
  openSubjectKeys,
  type Change,
  type CheckpointKey,
} from '@gatehouse/audit'
import type { Output, OperationName, Raw, SubscriptionName } from '@gatehouse/contract'
import { openStore, type Store } from '@gatehouse/database'
import {
  createEnforcer,
  systemRandom,
  uid,
  type Handlers,
  type ServicePrincipal,
  type Slices,
  type UserPrincipal,
  type Workflows,
  withWorkspaces,
} from '@gatehouse/enforcement'
import { directory, loadWorkspaceOf, loadWorkspaces, loadWorkspaceSlice } from '@gatehouse/identity'
import { sealerUnder, type DataKey } from '@gatehouse/keys'
import { createOutbound, parseAllowedPlace } from '@gatehouse/kit/outbound'
import {
  createLeases,
  leaseHandlers,
  loadLeaseSlice,
  proveDue,
  type Leases,
  type RevocableBackend,
} from '@gatehouse/secrets'
import { createDatabase, testPoolSize } from '@gatehouse/testkit'
import {
  findHostId,
  loadSshCertificateSlice,
  loadSshHostSlice,
  loadSshKeySlice,
  openSsh,
  sshDomain,
  type Ssh,
  type SshSettings,
} from '../src/index.ts'

/** One node of Gatehouse as far as access goes: real database, record and engine; every call is allowed. */
export interface AccessNode {
  readonly db: Store
  readonly ssh: Ssh
  readonly checkpointKey: CheckpointKey
  readonly leases: Leases
  readonly started: string[]
  readonly alerts: string[]
  call<N extends OperationName>(name: N, raw: Raw<N>): Promise<Output<N>>
  /** The same from another address than this machine's. */
  callFrom<N extends OperationName>(address: string, name: N, raw: Raw<N>): Promise<Output<N>>
  subscribe<N extends SubscriptionName>(name: N, raw: Raw<N>): Promise<AsyncIterable<Output<N>>>
  internal<N extends OperationName>(name: N, raw: Raw<N>): Promise<Output<N>>
  /** Actions and outcomes in the audit log, oldest first. */
  record(): Promise<string[]>
  close(): Promise<void>
}

/** With settings of its own where they are given; `around`: it writes otherwise than others. */
export interface HowToStart extends Partial<SshSettings> {
  readonly around?: (change: Change) => Change
}

/** Several nodes on one database, with one clock that tests may move. */
export interface AccessSystem {
  readonly node: AccessNode
  /** Starts another node on the same database. */
  addNode(how?: HowToStart): Promise<AccessNode>
  now(): Date
  advance(seconds: number): void
  close(): Promise<void>
}

/** Who calls in these tests. */
export const person: UserPrincipal = {
  type: 'User',
  id: '01980000-0000-7000-8000-000000000001',
  username: 'olga',
  displayName: 'Olga',
  roles: ['Operator'],
  teams: [],
  hasAuthenticator: true,
  missing: [],
  tokenId: '01980000-0000-7000-8000-000000000003',
  session: {
    id: '01980000-0000-7000-8000-000000000002',
    assurance: 'mfa',
    provedAt: new Date(),
    authTime: new Date(),
    expiresAt: new Date(Date.now() + 30 * 86_400_000),
    methods: ['pwd', 'otp'],
  },
}

const service: ServicePrincipal = { type: 'Service', id: 'worker', name: 'worker', bound: true }

/** Signs the proofs of these tests. */
const checkpointSeed = randomBytes(32)

/** Tests' hosts are on this machine. */
const loopback = ['127.0.0.0/8', '::1'].flatMap((place) => parseAllowedPlace(place) ?? [])

/** Longer than a contact takes on a machine that is busy with other tests. */
const contactSeconds = 15

/** Starts a system on a database of its own. */
export async function startAccessSystem(settings: Partial<SshSettings> = {}): Promise<AccessSystem> {
  const database = await createDatabase()
  let offset = 0
  const now = (): Date => new Date(Date.now() + offset)
  const sealingKey: DataKey = { id: randomUUID(), key: randomBytes(32) }
  const nodes: AccessNode[] = []
  const all = { ttlSecondsMin: 1, ttlSecondsMax: 86_400, sourceAddresses: [], contactSeconds, ...settings }
  const addNode = async ({ around = (change) => change, ...own }: HowToStart = {}): Promise<AccessNode> => {
    const node = await startNode({ around, url: database.url, now, sealingKey, settings: { ...all, ...own } })
    nodes.push(node)
    return node
  }
  const node = await addNode()
  await node.db
    .insertInto('workspace')
    .values({ id: 'default', name: 'default', archived_at: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await node.db
    .insertInto('users')
    .values({
      id: person.id,
      username: person.username,
      display_name: person.displayName,
      email: null,
      password_hash: '',
      must_change_password: false,
      password_changed_at: now(),
      cut_off: null,
      last_login_at: null,
    })
    .execute()
  return {
    node,
    addNode,
    now,
    advance: (seconds) => {
      offset += seconds * 1000
    },
    close: async () => {
      for (const one of nodes) await one.close()
      await database.drop()
    },
  }
}

/** Of a kind that these tests have no leases of. */
const noBackend = (name: RevocableBackend['name']): RevocableBackend => ({
  name,
  limits: { ttlSecondsMin: 1, ttlSecondsMax: 1, renewable: false, revocation: 'deletes' },
  revoke: () => Promise.resolve(),
  mark: () => Promise.resolve(),
})

interface NodeOptions {
  readonly around: (change: Change) => Change
  readonly url: string
  readonly now: () => Date
  readonly sealingKey: DataKey
  readonly settings: SshSettings
}

async function startNode({ around, url, now, sealingKey, settings }: NodeOptions): Promise<AccessNode> {
  const db = openStore(url, { size: testPoolSize, name: 'access-test' })
  const clock = { now }
  const random = systemRandom(clock)
  const ledger = createLedger()
  const sealer = sealerUnder(sealingKey)
  const subjectKeys = await openSubjectKeys({ db, sealer, random, service })
  const trail = createAuditTrail({
    url,
    subjectKeys,
    clock,
    random,
    ledger,
    onError: (error) => {
      throw error
    },
  })
  const decider = {
    decide: () => ({ effect: 'allow', policies: ['all'], version: 'test' }) as const,
    version: () => 'test',
  }
  // the types these tests never touch have no loader
  const own = {
    Lease: loadLeaseSlice,
    SshHost: loadSshHostSlice,
    SshKey: loadSshKeySlice,
    SshCertificate: loadSshCertificateSlice,
    Workspace: loadWorkspaceSlice,
    System: () =>
      Promise.resolve({ resource: uid('System', 'gatehouse'), workspace: null, entities: [], versions: [] }),
  } as unknown as Slices<Store>
  const slices = withWorkspaces(own, loadWorkspaceOf)
  const written = createChange({
    db,
    subjectKeys,
    slices,
    parents: new Set(['Workspace', ...sshDomain.parents]),
    decider,
    clock,
    random,
    ledger,
    service,
  })
  const change = around(written)
  const outbound = createOutbound({ allowed: loopback, ownPorts: [] })
  const ssh = await openSsh({ db, directory, change, clock, random, sealer, settings, outbound })
  const file = { path: 'memory', read: () => Promise.resolve(checkpointSeed), create: () => Promise.resolve(false) }
  const checkpointKey = await openCheckpointKey({ db, file, origin: 'test' })
  const started: string[] = []
  const alerts: string[] = []
  const workflows: Workflows = {
    retry: (_sweep, id) => Promise.resolve(void started.push(id)),
    wake: () => Promise.resolve(),
    follow: () => Promise.resolve(),
  }
  const backends = {
    ...ssh.backends,
    postgres: noBackend('postgres'),
    vault: noBackend('vault'),
    aws: noBackend('aws'),
    upcloud: noBackend('upcloud'),
  }
  const emergencies = { holdAlive: () => Promise.resolve(null), sessionOf: () => Promise.resolve(null) }
  const leases = createLeases({
    emergencies,
    db,
    directory,
    change,
    clock,
    backends,
    workflows,
    alerts: { raise: (kind) => void alerts.push(kind) },
  })
  const enforcer = createEnforcer<Store>({
    // only the operations of these tests are bound
    handlers: {
      ...leaseHandlers({
        db,
        directory,
        clock,
        leases,
        backends,
        hosts: { findHostId },
        emergencies,
        web: { url: 'http://temporal', namespace: 'gatehouse' },
        onError: (error) => {
          throw error
        },
      }),
      ...ssh.handlers({ leases }),
      'lease.prove': proveDue({ db, change, clock, backends, checkpointKey }),
    } as unknown as Handlers,
    authenticator: { authenticate: () => Promise.resolve(person), recheck: () => Promise.resolve(person) },
    limiter: { admitAddress: () => Promise.resolve(), admitCaller: () => Promise.resolve() },
    slices,
    workspaces: loadWorkspaces,
    db,
    decider,
    trail,
    clock,
    stepUpMaxAgeSeconds: 1e9,
    service,
    onFault: (fault) => console.error(fault.cause),
  })
  const caller = { credential: 'test', address: '127.0.0.1', userAgent: 'test', transport: 'trpc' } as const
  return {
    db,
    ssh,
    checkpointKey,
    leases,
    started,
    alerts,
    call: (name, raw) => enforcer.call({ name, raw, requestId: random.id(), caller }),
    callFrom: (address, name, raw) =>
      enforcer.call({ name, raw, requestId: random.id(), caller: { ...caller, address } }),
    subscribe: (name, raw) => enforcer.subscribe({ name, raw, requestId: random.id(), caller }),
    internal: (name, raw) => enforcer.internal(name, raw, random.id()),
    record: async () =>
      (await db.selectFrom('audit_entry').select(['action', 'outcome']).orderBy('id').execute()).map(
        ({ action, outcome }) => `${action} ${outcome}`,
      ),
    close: async () => {
      await trail.close()
      await db.destroy()
    },
  }
}
