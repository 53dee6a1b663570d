import { randomBytes, randomUUID } from 'node:crypto'
import { createAuditTrail, createChange, createLedger, openSubjectKeys, type Change } from '@gatehouse/audit'
import { Refusal, type OperationName, type Output, type Raw, type SubscriptionName } from '@gatehouse/contract'
import { listenTo, openStore, type Store } from '@gatehouse/database'
import {
  createEnforcer,
  systemRandom,
  uid,
  withWorkspaces,
  type Clock,
  type Enforcer,
  type Handlers,
  type Slices,
  type Sweep,
  type UserPrincipal,
} from '@gatehouse/enforcement'
import { createSmtpMailer, loadWorkspaceOf, loadWorkspaces } from '@gatehouse/identity'
import { secret } from '@gatehouse/contract'
import { sealerUnder } from '@gatehouse/keys'
import { createOutbound, parseAllowedPlace } from '@gatehouse/kit/outbound'
import { createDatabase, testPoolSize } from '@gatehouse/testkit'
import { alertsDomain, createRaiseAlert, type AlertsNeeds, type RaiseAlert, type RaisedAlert } from '../src/index.ts'

/** Alerts over a database of their own: real rows, real audit log, a clock in the hand; every call is allowed. */
export interface AlertSystem {
  readonly db: Store
  readonly clock: Clock
  readonly change: Change
  readonly needs: AlertsNeeds
  readonly sweep: Sweep
  readonly raiseAlert: RaiseAlert
  /** Raises in a transaction of its own. */
  raise(...alert: Tail<Parameters<RaiseAlert>>): Promise<RaisedAlert>
  advance(seconds: number): void
  as(person: UserPrincipal): void
  call<N extends OperationName>(name: N, raw: Raw<N>): Promise<Output<N>>
  refusal<N extends OperationName>(name: N, raw: Raw<N>): Promise<Refusal>
  subscribe<N extends SubscriptionName>(name: N, raw: Raw<N>): Promise<AsyncIterable<Output<N>>>
  internal: Enforcer['internal']
  /** Actions and outcomes in the audit log, oldest first. */
  record(): Promise<string[]>
  /** Everything that stands in the audit log and in the rows of alerts, as text: where a secret would be seen. */
  everything(): Promise<string>
  close(): Promise<void>
}

type Tail<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never

export interface AlertSystemOptions {
  /** Addresses of names, which the tests' receivers go by. */
  readonly resolve: (name: string) => Promise<readonly string[]>
  /** Places that the gate lets through although they are this machine's. */
  readonly allowed: readonly string[]
  readonly smtpUrl: string
}

const service = { type: 'Service', id: 'worker', name: 'worker', bound: true } as const

/** A person of these tests; the row stands in the database. */
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

/** Starts it. */
export async function startAlertSystem({ resolve, allowed, smtpUrl }: AlertSystemOptions): Promise<AlertSystem> {
  const database = await createDatabase()
  let offset = 0
  const clock = { now: () => new Date(Date.now() + offset) }
  const random = systemRandom(clock)
  const db = openStore(database.url, { size: testPoolSize, name: 'alerts-test' })
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
  const needs: AlertsNeeds = {
    db,
    clock,
    random,
    sealer,
    change,
    raiseAlert,
    outbound: createOutbound({
      allowed: allowed.flatMap((place) => parseAllowedPlace(place) ?? []),
      ownPorts: [],
      resolve,
    }),
    listen: (listening) => listenTo(database.url, listening),
    mailer: createSmtpMailer({
      url: secret(smtpUrl),
      from: 'gatehouse@example.org',
      domain: 'gatehouse.test',
      allowPlaintext: true,
    }),
    publicUrl: 'https://gatehouse.test',
    onError: (_part, error) => onError(error),
  }
  const domain = await alertsDomain.open(needs)
  const [sweep] = domain.sweeps()
  if (sweep === undefined) throw new TypeError('alerts are swept')
  let caller = personOf('nobody')
  const enforcer = createEnforcer<Store>({
    handlers: domain.handlers() as unknown as Handlers, // only the operations of these tests are bound
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
  const call: AlertSystem['call'] = (name, raw) => enforcer.call({ name, raw, requestId: random.id(), caller: from })
  return {
    db,
    clock,
    change,
    needs,
    sweep,
    raiseAlert,
    raise: (alert) => db.transaction().execute((tx) => raiseAlert(tx, alert)),
    advance: (seconds) => {
      offset += seconds * 1000
    },
    as: (person) => {
      caller = person
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
    subscribe: (name, raw) => enforcer.subscribe({ name, raw, requestId: random.id(), caller: from }),
    internal: (name, raw, requestId) => enforcer.internal(name, raw, requestId),
    record: async () =>
      (await db.selectFrom('audit_entry').select(['action', 'outcome']).orderBy('id').execute()).map(
        ({ action, outcome }) => `${action} ${outcome}`,
      ),
    everything: async () =>
      JSON.stringify([
        await db.selectFrom('audit_entry').select('entry').execute(),
        await db.selectFrom('alert').selectAll().execute(),
        await db.selectFrom('alert_channel').selectAll().execute(),
        await db.selectFrom('alert_delivery').selectAll().execute(),
      ]),
    close: async () => {
      await trail.close()
      await db.destroy()
      await database.drop()
    },
  }
}
