import { randomBytes, randomUUID } from 'node:crypto'
import { createAuditTrail, createChange, createLedger, openSubjectKeys } from '@gatehouse/audit'
import {
  Refusal,
  type OperationName,
  type Output,
  type Raw,
  type Role,
  type Secret,
  systemId,
} from '@gatehouse/contract'
import { openStore, type Store } from '@gatehouse/database'
import {
  createEnforcer,
  systemRandom,
  type Caller,
  type Clock,
  type Decider,
  type Enforcer,
  type Handlers,
  type LoadSlice,
  type Random,
  type Sealer,
  type Slices,
} from '@gatehouse/enforcement'
import { sealerUnder } from '@gatehouse/keys'
import { createLeases, type Leases, type RevocableBackend } from '@gatehouse/secrets'
import { createDatabase, testPoolSize } from '@gatehouse/testkit'
import { sql } from 'kysely'
import { TOTP, NobleCryptoPlugin, ScureBase32Plugin } from 'otplib'
import type { IdentityConfig } from '../src/shared/config.ts'
import {
  createAuthenticator,
  directory,
  followSettings,
  identityHandlers,
  loadApiTokenSlice,
  loadApprovalSlice,
  loadAuthenticatorSlice,
  loadEnvironmentSlice,
  loadServiceAccountSlice,
  loadSessionSlice,
  loadTeamSlice,
  loadUserSlice,
  loadWorkspaces,
  loadWorkspaceSlice,
  openSigningKeys,
  seedAdmin,
  seedPrincipals,
  type AccessTokenAuthenticator,
  type SeedDeps,
  type SeedPrincipal,
  type SettingsInForce,
  type SigningKeys,
} from '../src/index.ts'

/** The one host that can be locked here. */
export const lockedHost = { id: '0198c1a2-0000-7000-8000-00000000000a', name: 'db-1' }

/** A clock that a test moves. */
export interface HandClock extends Clock {
  advance(seconds: number): void
}

/** An access token, or all that a request shows. */
export type Shown = string | null | Caller

/** A request that shows a token and nothing else. */
export const callerWith = (credential: string | null): Caller => ({
  credential,
  address: '192.0.2.7',
  userAgent: 'test',
  transport: 'trpc',
})

/** One process of the system: its own pool, caches, gates and keys in memory. */
export interface TestNode {
  readonly db: Store
  readonly keys: SigningKeys
  readonly authenticator: AccessTokenAuthenticator
  readonly enforcer: Enforcer
  readonly settings: SettingsInForce
  readonly seeds: SeedDeps
  /** The engine of leases, over backends that reach nowhere. */
  readonly leases: Leases
  /** What is said to stand in each workspace. */
  readonly standing: { credentials: number; hosts: number; keys: number; roles: number }
  /** How often sweeps were asked to begin at once. */
  readonly hurried: () => number
  readonly oneTimePasswordsChanged: readonly string[]
  readonly alerts: readonly { readonly kind: string; readonly detail: Readonly<Record<string, unknown>> }[]
  call<N extends OperationName>(name: N, raw: Raw<N>, token?: Shown): Promise<Output<N>>
  /** The same from another place. */
  callFrom<N extends OperationName>(
    place: { readonly address: string; readonly userAgent: string },
    name: N,
    raw: Raw<N>,
    token?: string | null,
  ): Promise<Output<N>>
  /** The code of the refusal that a call ends with, or `allowed`. */
  outcome<N extends OperationName>(name: N, raw: Raw<N>, token?: Shown): Promise<string>
  /** The refusal that a call ends with; anything else fails the test. */
  refusal<N extends OperationName>(name: N, raw: Raw<N>, token?: Shown): Promise<Refusal>
  /** The same, from another address or with a device's secret. */
  from(place: Place): Pick<TestNode, 'call' | 'outcome' | 'refusal'>
  /** What the audit log keeps of people, opened: where a secret would be seen that had got into it. */
  sealedValues(): Promise<string>
  /** An internal operation, as the worker calls it. */
  internal<N extends OperationName>(name: N, raw: Raw<N>): Promise<Output<N>>
  close(): Promise<void>
}

/** Where a call comes from. */
export interface Place {
  readonly address?: string
  readonly device?: Secret<string> | null
}

export interface TestSystem {
  readonly clock: HandClock
  readonly random: Random
  readonly sealer: Sealer
  readonly principals: readonly SeedPrincipal[]
  readonly url: string
  openNode(config?: IdentityConfig): Promise<TestNode>
  end(): Promise<void>
}

/** What is compared is real argon2id all the same; thousands of log-ins are affordable. */
export const passwordCostCheap = { memoryKib: 1024, passes: 1 }

export const testConfig: IdentityConfig = {
  publicUrl: 'http://localhost:8420',
  mail: false,
  jwt: {
    issuer: 'control-center',
    audience: ['orchestrator', 'cli'],
    accessTokenTtlSeconds: 900,
    refreshTokenTtlSeconds: 7 * 86_400,
  },
  password: passwordCostCheap,
  mfa: {
    totpIssuer: 'Gatehouse',
    rateLimit: 5,
    rateLimitWindowSeconds: 300,
    stepUpMaxAgeSeconds: 300,
    requiredRoles: ['Admin', 'Developer', 'Operator', 'Viewer', 'Auditor'],
    webauthnRpId: 'localhost',
    webauthnOrigins: ['http://localhost:8420'],
    webauthnAttestationRoots: [],
  },
}

/** A database with the seeds in it. Nodes opened on it share one clock and one data key, as nodes of one system do. */
export async function startSystem(): Promise<TestSystem> {
  const database = await createDatabase()
  let now = Date.parse('2026-11-23T08:00:10.000Z')
  const clock: HandClock = { now: () => new Date(now), advance: (seconds) => void (now += seconds * 1000) }
  const random = systemRandom(clock)
  const sealer = sealerUnder({ id: randomUUID(), key: randomBytes(32) })
  const nodes: TestNode[] = []
  const parts = { url: database.url, clock, random, sealer }
  const openNode = async (config: IdentityConfig = testConfig): Promise<TestNode> => {
    const node = await startNode(parts, config)
    nodes.push(node)
    return node
  }
  const first = await openNode()
  await seedAdmin(first.seeds)
  const principals = await seedPrincipals(first.seeds)
  return {
    ...parts,
    principals,
    openNode,
    end: async () => {
      await Promise.all(nodes.map((node) => node.close()))
      await database.drop()
    },
  }
}

async function startNode(
  { url, clock, random, sealer }: Pick<TestSystem, 'url' | 'clock' | 'random' | 'sealer'>,
  config: IdentityConfig,
): Promise<TestNode> {
  const db = openStore(url, { size: testPoolSize, name: 'identity-test' })
  const ledger = createLedger()
  const service = { type: 'Service', id: 'gateway', name: 'gateway', bound: true } as const
  const subjectKeys = await openSubjectKeys({ db, sealer, random, service })
  const change = createChange({
    db,
    subjectKeys,
    slices,
    parents: new Set(['Team', 'Workspace']),
    decider: permissive,
    clock,
    random,
    ledger,
    service,
  })
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
  const keys = await openSigningKeys({ db, sealer, clock })
  const settings = followSettings({ db, config })
  const authenticator = createAuthenticator({ db, keys, clock, config, settings, emergencies })
  const alerts: { kind: string; detail: Readonly<Record<string, unknown>> }[] = []
  let hurried = 0
  const leases = createLeases({
    db,
    directory,
    emergencies,
    change,
    clock,
    backends: {
      'ssh-key': backend('ssh-key', 'deletes'),
      'ssh-certificate': backend('ssh-certificate', 'denies'),
      'ssh-otp': backend('ssh-otp', 'denies'),
      postgres: backend('postgres', 'deletes'),
      vault: backend('vault', 'deletes'),
      aws: backend('aws', 'deletes'),
      upcloud: backend('upcloud', 'deletes'),
    },
    workflows: {
      retry: () => Promise.resolve(),
      wake: () => Promise.resolve(void (hurried += 1)),
      follow: () => Promise.resolve(),
    },
    alerts: { raise: () => undefined },
  })
  const oneTimePasswordsChanged: string[] = []
  const standing = { credentials: 0, hosts: 0, keys: 0, roles: 0 }
  const handlers = identityHandlers({
    db,
    change,
    clock,
    random,
    sealer,
    keys,
    config,
    authenticator,
    leases,
    contents: { of: () => Promise.resolve(standing) },
    lockables: {
      host: (_, name) => Promise.resolve(name === lockedHost.name ? lockedHost : null),
      role: (_, role) => Promise.resolve(role === 'shop-read' ? { role, hostId: null } : null),
      emergency: () => Promise.resolve(null),
    },
    administrators: { left: () => Promise.resolve(true) },
    settings,
    alerts: { raise: (kind, detail) => void alerts.push({ kind, detail }) },
    onOneTimePasswordChanged: (id) => void oneTimePasswordsChanged.push(id),
  })
  const enforcer: Enforcer = createEnforcer({
    handlers: handlers as unknown as Handlers, // only identity's operations are called here
    authenticator,
    limiter: { admitAddress: () => Promise.resolve(), admitCaller: () => Promise.resolve() },
    slices,
    workspaces: loadWorkspaces,
    db,
    decider: permissive,
    trail,
    clock,
    stepUpMaxAgeSeconds: testConfig.mfa.stepUpMaxAgeSeconds,
    service: { type: 'Service', id: 'worker', name: 'worker', bound: true },
    onFault: (fault) => faults.push(fault),
  })
  const faults: unknown[] = []
  const call: TestNode['call'] = (name, raw, token = null) =>
    enforcer.call({
      name,
      raw,
      requestId: random.id(),
      caller: typeof token === 'string' || token === null ? callerWith(token) : token,
    })
  const callFrom: TestNode['callFrom'] = (place, name, raw, token = null) =>
    call(name, raw, { ...callerWith(token), ...place })
  const from: TestNode['from'] = (place) => {
    const callThere: TestNode['call'] = (name, raw, token = null) =>
      call(name, raw, typeof token === 'string' || token === null ? { ...callerWith(token), ...place } : token)
    const attempt = async <N extends OperationName>(name: N, raw: Raw<N>, token?: Shown): Promise<Refusal | null> => {
      try {
        await callThere(name, raw, token)
        return null
      } catch (error) {
        if (error instanceof Refusal) return error
        throw error
      }
    }
    return {
      call: callThere,
      outcome: async (name, raw, token) => (await attempt(name, raw, token))?.code ?? 'allowed',
      refusal: async (name, raw, token) => {
        const refusal = await attempt(name, raw, token)
        if (refusal === null) throw new TypeError(`${name} was not refused`)
        return refusal
      },
    }
  }
  return {
    db,
    standing,
    keys,
    authenticator,
    enforcer,
    settings,
    seeds: { db, sealer, clock, random, change, passwordCost: config.password },
    leases,
    hurried: () => hurried,
    oneTimePasswordsChanged,
    alerts,
    callFrom,
    from,
    ...from({}),
    sealedValues: async () => {
      const { rows } = await sql<{ id: string; part: string; keyId: string; key: string; sealed: string }>`
        select entry_id as id, part, key_id as "keyId", encode(audit_subject_key.sealed, 'hex') as key,
          encode(kept.sealed, 'hex') as sealed
        from audit_kept_part as kept join audit_subject_key on audit_subject_key.id = key_id`.execute(db)
      return JSON.stringify(rows.map(({ id, ...part }) => subjectKeys.open(id, [part])))
    },
    internal: (name, raw) => enforcer.internal(name, raw, random.id()),
    close: async () => {
      await trail.close()
      await db.destroy()
    },
  }
}

/** Emergency sessions have tests of their own. */
const emergencies = {
  find: () => Promise.resolve(null),
  holdAlive: () => Promise.resolve(null),
  sessionOf: () => Promise.resolve(null),
}

/** Credentials of these tests are rows and nothing else. */
const backend = (name: RevocableBackend['name'], revocation: 'deletes' | 'denies'): RevocableBackend => ({
  name,
  limits: { ttlSecondsMin: 1, ttlSecondsMax: 86_400, renewable: false, revocation },
  ...(revocation === 'denies' ? { listed: true } : {}),
  revoke: () => Promise.resolve(),
  mark: () => Promise.resolve(),
})

/** What these tests ask about comes before and after the decision; policies have tests of their own. */
const permissive: Decider = {
  decide: () => ({ effect: 'allow', policies: ['test'], version: 'test' }),
  version: () => 'test',
}

const none: LoadSlice<Store> = () => Promise.resolve(null)

const slices: Slices<Store> = {
  System: () =>
    Promise.resolve({ resource: { type: 'System', id: systemId }, workspace: null, entities: [], versions: [] }),
  User: loadUserSlice,
  Team: loadTeamSlice,
  Workspace: loadWorkspaceSlice,
  Environment: loadEnvironmentSlice,
  Session: loadSessionSlice,
  Authenticator: loadAuthenticatorSlice,
  ServiceAccount: loadServiceAccountSlice,
  ApiToken: loadApiTokenSlice,
  Approval: loadApprovalSlice,
  Lease: none,
  SshHost: none,
  SshKey: none,
  SshCertificate: none,
  KmsKey: none,
  SecretRole: none,
  AuditEntry: none,
  BreakGlassRequest: none,
  EmergencySession: none,
  Incident: none,
}

const app = new TOTP({ crypto: new NobleCryptoPlugin(), base32: new ScureBase32Plugin() })

/** The code that a person's phone shows now. */
export const codeOf = (totpSecret: string, now: Date): Promise<string> =>
  app.generate({ secret: totpSecret, epoch: Math.floor(now.getTime() / 1000) })

/** Moves the clock to the next code. */
export const nextCode = (clock: HandClock): void => clock.advance(30)

export interface LoggedIn {
  readonly access: string
  readonly refresh: string
  readonly sessionId: string
}

/** The tokens of an answer, in clear. */
export async function opened(node: TestNode, tokens: Output<'auth.refresh'>['tokens']): Promise<LoggedIn> {
  const access = tokens.accessToken?.expose() ?? ''
  const whoami = await node.call('auth.whoami', {}, access)
  return { access, refresh: tokens.refreshToken?.expose() ?? '', sessionId: whoami.sessionId ?? '' }
}

/** Logs a seed principal in with both factors, with a code that is not spent yet. */
export async function logIn(system: TestSystem, node: TestNode, person: SeedPrincipal): Promise<LoggedIn> {
  nextCode(system.clock)
  const challenge = await challengeOf(node, person)
  const totp = await codeOf(person.totpSecret.expose(), system.clock.now())
  return opened(node, (await node.call('auth.completeMfa', { challengeId: challenge, totp })).tokens)
}

/** The challenge that a person's password brings. */
export async function challengeOf(
  node: TestNode,
  person: Pick<SeedPrincipal, 'username' | 'password'>,
): Promise<string> {
  const { challenge } = await node.call('auth.login', { username: person.username, password: person.password.expose() })
  if (challenge === null) throw new TypeError('no challenge')
  return challenge.id
}

/** The seed principal of a role; the second where there are two and it is asked for. */
export function personOf(system: TestSystem, role: Role, index = 0): SeedPrincipal {
  const person = system.principals.filter((one) => one.role === role)[index]
  if (person === undefined) throw new TypeError(`no ${role} among the seeds`)
  return person
}

/** A wrong code: not the one of this moment, the one before or after. */
export async function wrongCode(totpSecret: string, now: Date): Promise<string> {
  const right = new Set(
    await Promise.all([-30, 0, 30].map((seconds) => codeOf(totpSecret, new Date(now.getTime() + seconds * 1000)))),
  )
  return ['111111', '222222', '333333', '444444'].find((code) => !right.has(code)) ?? '555555'
}
