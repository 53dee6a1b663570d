import { randomBytes, randomUUID } from 'node:crypto'
import { createAuditTrail, createChange, createLedger, openSubjectKeys, type Change } from '@gatehouse/audit'
import { Refusal, type OperationName, type Output, type Raw, type SubscriptionName } from '@gatehouse/contract'
import { openStore, type Store } from '@gatehouse/database'
import {
  createEnforcer,
  systemRandom,
  uid,
  withWorkspaces,
  type Decider,
  type Enforcer,
  type Handlers,
  type Principal,
  type Random,
  type Sealer,
  type Slices,
  type UserPrincipal,
} from '@gatehouse/enforcement'
import { loadWorkspaceOf, loadWorkspaces } from '@gatehouse/identity'
import { sealerUnder } from '@gatehouse/keys'
import { createDatabase } from './create-database.ts'
import { testPoolSize } from './test-pool-size.ts'

/** What one process of a domain's tests works with. */
export interface DomainProcess {
  /** Where the database is, and what it seals with: with both, another process is another node of the same system. */
  readonly node: DomainNode
  readonly db: Store
  /** A clock in the hand. */
  readonly clock: { now(): Date }
  readonly random: Random
  readonly sealer: Sealer
  readonly change: Change
  advance(seconds: number): void
  /** From now on decisions are made so; until then everything is allowed. */
  decideBy(decide: Decider['decide']): void
  /** Binds the operations of the tests. */
  serve(handlers: Partial<Handlers>): DomainCalls
  close(): Promise<void>
}

/** A node, as it can be told to another process. */
export interface DomainNode {
  readonly url: string
  /** Of the login that owns the tables. */
  readonly adminUrl: string
  readonly kek: { readonly id: string; readonly key: string }
}

/** Calls as they come over a transport, by whoever is the caller now. */
export interface DomainCalls {
  as(caller: Principal): void
  call<N extends OperationName>(name: N, raw: Raw<N>): Promise<Output<N>>
  refusal<N extends OperationName>(name: N, raw: Raw<N>): Promise<Refusal>
  subscribe<N extends SubscriptionName>(name: N, raw: Raw<N>): Promise<AsyncIterable<Output<N>>>
  readonly internal: Enforcer['internal']
  /** Actions and outcomes in the audit log, oldest first. */
  record(): Promise<string[]>
}

const service = { type: 'Service', id: 'worker', name: 'worker', bound: true } as const

/** A person of these tests; whose row is to stand in the database, the test adds it. */
export const personOf = (username: string): UserPrincipal => ({
  type: 'User',
  id: randomUUID(),
  username,
  displayName: username,
  roles: ['Admin'],
  teams: [],
  hasAuthenticator: true,
  missing: [],
  tokenId: randomUUID(),
  session: {
    id: randomUUID(),
    assurance: 'mfa',
    provedAt: new Date(),
    authTime: new Date(),
    expiresAt: new Date(Date.now() + 30 * 86_400_000),
    methods: ['pwd', 'otp'],
  },
})

/** How the domain's own resources are loaded. */
type Loaders = Partial<Slices<Store>>

/** One domain over a database of its own: real rows, a real audit log. */
export async function startDomain(loaders: Loaders = {}): Promise<DomainProcess> {
  const database = await createDatabase()
  const kek = { id: randomUUID(), key: randomBytes(32).toString('base64') }
  const { url, adminUrl } = database
  const started = await joinDomain({ url, adminUrl, kek }, loaders)
  const close = async (): Promise<void> => {
    await started.close()
    await database.drop()
  }
  return { ...started, close }
}

/** Another process of a domain that was started. */
export async function joinDomain(node: DomainNode, loaders: Loaders = {}): Promise<DomainProcess> {
  let offset = 0
  const clock = { now: () => new Date(Date.now() + offset) }
  const random = systemRandom(clock)
  const db = openStore(node.url, { size: testPoolSize, name: 'domain-test' })
  const sealer = sealerUnder({ id: node.kek.id, key: Buffer.from(node.kek.key, 'base64') })
  const subjectKeys = await openSubjectKeys({ db, sealer, random, service })
  const onError = (error: unknown): void => console.error(error)
  const ledger = createLedger()
  const trail = createAuditTrail({ url: node.url, subjectKeys, clock, random, ledger, onError })
  let decide: Decider['decide'] = () => ({ effect: 'allow', policies: ['all'], version: 'test' })
  const decider: Decider = { decide: (request) => decide(request), version: () => 'test' }
  const own = {
    ...loaders,
    System: () =>
      Promise.resolve({ resource: uid('System', 'gatehouse'), workspace: null, entities: [], versions: [] }),
  } as unknown as Slices<Store> // the types that these tests never touch have no loader
  const slices = withWorkspaces(own, loadWorkspaceOf)
  const change = createChange({ db, subjectKeys, slices, parents: new Set(), decider, clock, random, ledger, service })
  let caller: Principal = personOf('nobody')
  const serve = (handlers: Partial<Handlers>): DomainCalls => {
    const enforcer = createEnforcer<Store>({
      handlers: handlers as Handlers, // only the operations of these tests are bound
      authenticator: { authenticate: () => Promise.resolve(caller), recheck: () => Promise.resolve(caller) },
      limiter: { admitAddress: () => Promise.resolve(), admitCaller: () => Promise.resolve() },
      slices,
      workspaces: loadWorkspaces,
      db,
      decider,
      trail,
      clock,
      stepUpMaxAgeSeconds: 1e9,
      service,
      onFault: (fault) => onError(fault.cause),
    })
    return callsOf(enforcer, { db, random, as: (one) => void (caller = one) })
  }
  return {
    node,
    db,
    clock,
    random,
    sealer,
    change,
    advance: (seconds) => void (offset += seconds * 1000),
    decideBy: (made) => void (decide = made),
    serve,
    close: async () => {
      await trail.close()
      await db.destroy()
    },
  }
}

interface CallDeps extends Pick<DomainProcess, 'db' | 'random'>, Pick<DomainCalls, 'as'> {}

function callsOf(enforcer: Enforcer, { db, random, as }: CallDeps): DomainCalls {
  const caller = { credential: 'test', address: '127.0.0.1', userAgent: 'test', transport: 'trpc' } as const
  // a caller is proved once for each request, and so for each of these
  const facts = () => ({ requestId: random.id(), caller: { ...caller } })
  const call: DomainCalls['call'] = (name, raw) => enforcer.call({ name, raw, ...facts() })
  return {
    as,
    call,
    refusal: async (name, raw) => {
      const error: unknown = await call(name, raw).then(
        () => null,
        (thrown: unknown) => thrown,
      )
      if (error instanceof Refusal) return error
      throw new TypeError(`${name} was not refused`, { cause: error })
    },
    subscribe: (name, raw) => enforcer.subscribe({ name, raw, ...facts() }),
    internal: (name, raw, requestId) => enforcer.internal(name, raw, requestId),
    record: async () =>
      (await db.selectFrom('audit_entry').select(['action', 'outcome']).orderBy('id').execute()).map(
        ({ action, outcome }) => `${action} ${outcome}`,
      ),
  }
}
