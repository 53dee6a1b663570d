import { randomBytes, randomUUID } from 'node:crypto'
import { createRaiseAlert, type RaiseAlert } from '@gatehouse/alerts'
import { createAuditTrail, createChange, createLedger, openSubjectKeys } from '@gatehouse/audit'
import { Refusal, type OperationName, type Output, type Raw } from '@gatehouse/contract'
import { openStore, type Store } from '@gatehouse/database'
import {
  createEnforcer,
  systemRandom,
  uid,
  withWorkspaces,
  type Enforcer,
  type Handlers,
  type Slices,
  type UserPrincipal,
} from '@gatehouse/enforcement'
import { directory, loadWorkspaceOf, loadWorkspaces } from '@gatehouse/identity'
import { sealerUnder } from '@gatehouse/keys'
import { createDatabase, testPoolSize } from '@gatehouse/testkit'
import { incidentsDomain, withIncidents } from '../src/index.ts'

/** Incidents over a database of their own: real rows, real audit log, a clock in the hand; every call is allowed. */
export interface IncidentSystem {
  readonly db: Store
  readonly domain: Awaited<ReturnType<typeof incidentsDomain.open>>
  /** Raises alerts, and opens the incidents that they are. */
  readonly raiseAlert: RaiseAlert
  readonly clock: { now(): Date }
  advance(seconds: number): void
  call<N extends OperationName>(name: N, raw: Raw<N>): Promise<Output<N>>
  refusal<N extends OperationName>(name: N, raw: Raw<N>): Promise<Refusal>
  internal: Enforcer['internal']
  /** Workflows that were told of a change. */
  readonly told: readonly string[]
  /** Actions and outcomes in the audit log, oldest first. */
  record(): Promise<string[]>
  close(): Promise<void>
}

const service = { type: 'Service', id: 'worker', name: 'worker', bound: true } as const

/** A person of these tests. */
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

/** Starts it; `caller` calls. */
export async function startIncidentSystem(caller: UserPrincipal): Promise<IncidentSystem> {
  const database = await createDatabase()
  let offset = 0
  const clock = { now: () => new Date(Date.now() + offset) }
  const random = systemRandom(clock)
  const db = openStore(database.url, { size: testPoolSize, name: 'incidents-test' })
  const sealer = sealerUnder({ id: randomUUID(), key: randomBytes(32) })
  const subjectKeys = await openSubjectKeys({ db, sealer, random, service })
  const onError = (error: unknown): void => console.error(error)
  const ledger = createLedger()
  const trail = createAuditTrail({ url: database.url, subjectKeys, clock, random, ledger, onError })
  const decider = {
    decide: () => ({ effect: 'allow', policies: ['all'], version: 'test' }) as const,
    version: () => 'test',
  }
  const own = {
    System: () =>
      Promise.resolve({ resource: uid('System', 'gatehouse'), workspace: null, entities: [], versions: [] }),
  } as unknown as Slices<Store> // the types that these tests never touch have no loader
  const slices = withWorkspaces(own, loadWorkspaceOf)
  const change = createChange({ db, subjectKeys, slices, parents: new Set(), decider, clock, random, ledger, service })
  const raiseAlert = createRaiseAlert({ clock, random, change, quietMinutes: () => Promise.resolve(60) })
  const told: string[] = []
  const workflows = { follow: (kind: string, id: string) => Promise.resolve(void told.push(`${kind}/${id}`)) }
  const emergencies = { of: () => Promise.resolve([]) }
  const domain = await incidentsDomain.open({ db, clock, random, change, raiseAlert, directory, temporalWeb: null })
  const enforcer = createEnforcer<Store>({
    handlers: domain.handlers({ workflows, emergencies }) as unknown as Handlers, // only its own are bound
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
  const from = { credential: 'test', address: '127.0.0.1', userAgent: 'test', transport: 'trpc' } as const
  const call: IncidentSystem['call'] = (name, raw) => enforcer.call({ name, raw, requestId: random.id(), caller: from })
  return {
    db,
    domain,
    raiseAlert: withIncidents(raiseAlert, domain.openIncident),
    clock,
    advance: (seconds) => {
      offset += seconds * 1000
    },
    call,
    refusal: async (name, raw) => {
      const error: unknown = await call(name, raw).then(
        () => null,
        (thrown: unknown) => thrown,
      )
      if (error instanceof Refusal) return error
      throw new TypeError(`${name} was not refused`, { cause: error })
    },
    told,
    internal: (name, raw, requestId) => enforcer.internal(name, raw, requestId),
    record: async () =>
      (await db.selectFrom('audit_entry').select(['action', 'outcome']).orderBy('id').execute()).map(
        ({ action, outcome }) => `${action} ${outcome}`,
      ),
    close: async () => {
      await trail.close()
      await db.destroy()
      await database.drop()
    },
  }
}
