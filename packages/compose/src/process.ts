import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  auditHandlers,
  createAuditTrail,
  createChange,
  createLedger,
  openCheckpointKey,
  startSequencer,
  type Change,
  type Sequencer,
} from '@gatehouse/audit'
import { requireWorkable, type Config } from '@gatehouse/config'
import { secret } from '@gatehouse/contract'
import { openStore, type Store } from '@gatehouse/database'
import {
  createEnforcer,
  type Alerts,
  type Clock,
  type Enforcer,
  type Fault,
  type Handlers,
  type Limiter,
  type ServicePrincipal,
  type Sweep,
  type Workflows,
} from '@gatehouse/enforcement'
import {
  createAuthenticator,
  followSettings,
  identityHandlers,
  loadWorkspaces,
  openSigningKeys,
  type IdentityConfig,
  type SigningKeys,
} from '@gatehouse/identity'
import { sealedFile } from '@gatehouse/keys'
import { accessHandlers, openPolicyEngine, policyHandlers, type PolicyEngine } from '@gatehouse/policy'
import { createLeases, leaseHandlers, leaseSweeps, type Leases } from '@gatehouse/secrets'
import { outboundSettingsOf } from './outbound-settings.ts'
import { createOutbound } from '@gatehouse/kit/outbound'
import { openSsh, type Ssh } from '@gatehouse/ssh'
import { openFoundation, type Foundation } from './foundation.ts'
import { slices } from './domains.ts'
import { systemHandlers } from './system/system-handlers.ts'

/** What differs between gateway and worker. */
export interface ProcessOptions<L extends Limiter = Limiter> {
  readonly config: Config
  readonly name: 'gateway' | 'worker'
  readonly version: string
  /** The principal of internal operations: only the worker has one that may run them. */
  readonly service: ServicePrincipal
  /** Opens the client of Temporal; null: none is configured, and the worker's own fallback does all. */
  readonly temporal: ((foundation: Foundation) => TemporalClient) | null
  readonly limiter: (clock: Clock) => L
  readonly alerts: Alerts
  /** Addresses that are not counted as such; absent: none. */
  readonly isExemptAddress?: (address: string) => boolean
  readonly onFault: (fault: Fault, operation: string) => void
  /** Something in the background went wrong; a line in the log, and it heals or is shown in the status. */
  readonly onError: (part: string, error: unknown) => void
  readonly onOneTimePasswordChanged?: () => void
}

/** The port, and what a process does with its adapter beyond that. */
export interface TemporalClient extends Workflows {
  /** Throws unless Temporal answers. */
  ping(): Promise<void>
  close(): Promise<void>
}

/** Without Temporal nothing is started; sweeps find what is due in the rows. */
const noWorkflows: Workflows = { retry: () => Promise.resolve(), wake: () => Promise.resolve() }

/** One process, put together: everything behind the enforcer, and what transports and loops hold on to. */
export interface Process<L extends Limiter = Limiter> {
  readonly enforcer: Enforcer
  readonly limiter: L
  readonly foundation: Foundation
  readonly change: Change
  readonly signingKeys: SigningKeys
  readonly ssh: Ssh
  readonly leases: Leases
  /** What comes due in rows. */
  readonly sweeps: readonly Sweep[]
  readonly policy: PolicyEngine
  readonly sequencer: Sequencer
  close(): Promise<void>
}

/** The audit record's name in checkpoints (C2SP origin); it never changes for a database. */
const auditOrigin = 'gatehouse.local/audit'

/** Opens the parts in the order in which they need one another. Whatever is open is closed when a later one fails. */
export async function composeProcess<L extends Limiter>(options: ProcessOptions<L>): Promise<Process<L>> {
  const { config } = options
  requireWorkable(config)
  const closers: (() => Promise<void>)[] = []
  const opened = <T>(part: T, close: (part: T) => Promise<void>): T => {
    closers.unshift(() => close(part))
    return part
  }
  const close = async (): Promise<void> => {
    for (const closeOne of closers) await closeOne()
  }
  const foundationOptions = {
    name: `gatehouse-${options.name}`,
    onNestedCheckout: (error: Error) => options.onError('database', error),
  }
  try {
    const foundation = opened(await openFoundation(config, foundationOptions), (part) => part.close())
    const { db, clock, random, sealer, url } = foundation
    const recordsOptions = { size: 1, name: 'gatehouse-records', statements: 'long' } as const
    const records = opened(openStore(url, recordsOptions), (part) => part.destroy())
    const checkpointFile = sealedFile({
      path: join(config.runtime.home, 'keys', 'audit-checkpoint.key'),
      sealer,
      column: 'seed',
    })
    const checkpointKey = await openCheckpointKey({ db, file: checkpointFile, origin: auditOrigin })
    const ledger = createLedger()
    const policy = opened(await openPolicy(options, db, clock), (part) => part.close())
    const trail = opened(
      createAuditTrail({ url, clock, random, ledger, onError: (error) => options.onError('audit trail', error) }),
      (part) => part.close(),
    )
    const change = createChange({
      db,
      slices,
      decider: policy.decider,
      clock,
      random,
      ledger,
      service: options.service,
    })
    await policy.follow(change)
    const sequencer = opened(
      startSequencer({
        url,
        db,
        key: checkpointKey,
        clock,
        random,
        onError: (error) => options.onError('sequencer', error),
      }),
      (part) => part.close(),
    )

    const signingKeys = await openSigningKeys({ db, sealer, clock, imported: importedKey(config) })
    const identity = identityConfigOf(config)
    const settings = followSettings({ db, config: identity })
    const authenticator = createAuthenticator({ db, keys: signingKeys, clock, config: identity, settings })
    const temporal = options.temporal === null ? null : opened(options.temporal(foundation), (part) => part.close())
    const outbound = createOutbound(outboundSettingsOf(config))
    const ssh = await openSsh({ db, change, clock, random, sealer, settings: sshSettingsOf(config), outbound })
    const leases = createLeases({
      db,
      change,
      clock,
      backends: ssh.backends,
      workflows: temporal ?? noWorkflows,
      alerts: options.alerts,
    })
    const handlers: Handlers = {
      ...identityHandlers({
        db,
        change,
        clock,
        random,
        sealer,
        keys: signingKeys,
        config: identity,
        authenticator,
        leases,
        settings,
        alerts: options.alerts,
        isExemptAddress: options.isExemptAddress,
        onOneTimePasswordChanged: options.onOneTimePasswordChanged,
      }),
      ...leaseHandlers({
        db,
        clock,
        leases,
        web: temporalWebOf(config),
        onError: (error) => options.onError('lease watch', error),
      }),
      ...ssh.handlers(leases),
      ...auditHandlers({ db, records, clock, key: checkpointKey }),
      ...policyHandlers({ db, engine: policy, change, clock }),
      ...accessHandlers({ db, engine: policy, workspaces: loadWorkspaces, clock }),
      ...systemHandlers({
        db,
        clock,
        settings,
        guesses: { limit: identity.mfa.rateLimit, windowSeconds: identity.mfa.rateLimitWindowSeconds },
        version: options.version,
        temporalWebUrl: config.runtime.temporalWebUrl,
        pingTemporal: temporal === null ? null : () => temporal.ping(),
        policyError: () => policy.status().lastError,
      }),
    }
    const limiter = options.limiter(clock)
    const enforcer = createEnforcer({
      handlers,
      authenticator,
      limiter,
      slices,
      workspaces: loadWorkspaces,
      db,
      decider: policy.decider,
      trail,
      clock,
      stepUpMaxAgeSeconds: config.settings.mfa.step_up_max_age,
      service: options.service,
      onFault: options.onFault,
    })
    const sweeps = leaseSweeps(leases, ssh.backends)
    return { enforcer, limiter, foundation, change, signingKeys, ssh, leases, sweeps, policy, sequencer, close }
  } catch (error) {
    await close()
    throw error
  }
}

const openPolicy = ({ config, alerts }: ProcessOptions, db: Store, clock: Clock): Promise<PolicyEngine> =>
  openPolicyEngine({
    path: resolve(config.runtime.root, config.settings.cedar.policies_path),
    hotReload: config.settings.cedar.hot_reload,
    reloadIntervalSeconds: config.settings.cedar.reload_interval,
    node: config.runtime.node,
    db,
    clock,
    alerts,
  })

function identityConfigOf({ settings: { jwt, mfa, notify, password }, runtime }: Config): IdentityConfig {
  return {
    publicUrl: runtime.publicUrl,
    mail: notify.smtp_url !== undefined,
    jwt: {
      issuer: jwt.issuer,
      audience: jwt.audience,
      accessTokenTtlSeconds: jwt.access_token_ttl,
      refreshTokenTtlSeconds: jwt.refresh_token_ttl,
    },
    password: { memoryKib: password.memory_kib, passes: password.passes },
    mfa: {
      totpIssuer: mfa.totp_issuer,
      rateLimit: mfa.rate_limit,
      rateLimitWindowSeconds: mfa.rate_limit_window,
      stepUpMaxAgeSeconds: mfa.step_up_max_age,
      requiredRoles: mfa.required_roles,
      webauthnRpId: mfa.webauthn_rp_id,
      webauthnOrigins: mfa.webauthn_origins,
      webauthnAttestationRoots:
        mfa.webauthn_attestation_roots === undefined
          ? []
          : certificatesIn(resolve(runtime.root, mfa.webauthn_attestation_roots)),
    },
  }
}

/**
 * The certificates of a PEM file. Throws when one of them is none: roots that nobody can read would be noticed at the
 * first registration only.
 */
function certificatesIn(path: string): string[] {
  const found = readFileSync(path, 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (found.length === 0)
    throw new TypeError(`there is no certificate in \`${path}\`, which [mfa] webauthn_attestation_roots names`)
  return found.map((pem) => new X509Certificate(pem).toString())
}

const sshSettingsOf = ({ settings: { ssh } }: Config) => ({
  ttlSecondsMin: ssh.ttl_min,
  ttlSecondsMax: ssh.ttl_max,
  sourceAddresses: ssh.source_addresses,
  contactSeconds: ssh.contact_timeout,
})

const temporalWebOf = ({ runtime }: Config) =>
  runtime.temporal === null || runtime.temporalWebUrl === null
    ? null
    : { url: runtime.temporalWebUrl, namespace: runtime.temporal.namespace }

function importedKey({ jwtKeyFiles }: Config) {
  if (jwtKeyFiles === null) return null
  return {
    privateKeyPem: secret(readFileSync(jwtKeyFiles.privateKey, 'utf8')),
    publicKeyPem: readFileSync(jwtKeyFiles.publicKey, 'utf8'),
  }
}
