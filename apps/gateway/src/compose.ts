import { resolve } from 'node:path'
import {
  composeProcess,
  requireDatabaseUrl,
  startHeartbeat,
  tellFailures,
  type Foundation,
  type Log,
  type Process,
} from '@gatehouse/compose'
import { hostOf, isLocal, type Config } from '@gatehouse/config'
import { openStore, pingDatabase } from '@gatehouse/database'
import { briefly } from '@gatehouse/kit'
import { createWorkflows } from '@gatehouse/temporal/client'
import { addressMatcher, originOf } from './address.ts'
import { authzenEndpoints } from './authzen/endpoints.ts'
import { authzenMetadata } from './authzen/metadata.ts'
import { ourHosts } from './allowed-hosts.ts'
import { isCutOff } from './cut-off.ts'
import { createHttp, type HttpDeps } from './http.ts'
import { createLimiter } from './limits/limiter.ts'
import { oauthEndpoints } from './oauth/endpoints.ts'
import { oauthMetadata } from './oauth/metadata.ts'
import { metricsFor } from './metrics.ts'
import { readPages } from './pages.ts'
import type { PublicDocument } from './public-document.ts'
import { revocationListEndpoint } from './revocation-list.ts'
import { temporalCodecFor } from './temporal-codec.ts'
import { vaultEndpoint } from './transit/endpoint.ts'
import { sessionCookies } from './transports/cookies.ts'
import { openGraphql } from './transports/graphql.ts'
import { createRunner } from './transports/run.ts'
import { answerTrpc, buildRouter } from './transports/trpc.ts'
import { watchForwarding } from './untrusted-forwarding.ts'
import { version } from './version.ts'
import { readWeb } from './web.ts'

export interface Gateway {
  readonly app: ReturnType<typeof createHttp>
  /** What time it is by the system's clock. */
  readonly now: () => Date
  /** Whose address a request counts by, of its peer and its `X-Forwarded-For`. */
  readonly addressOf: (peer: string, forwardedFor: string) => string
  /** What Prometheus reads. */
  readonly metrics: () => Promise<string>
  close(): Promise<void>
}

/** Two connections count calls; their commits are not waited for. */
const limiterConnections = 2
/** Puts the gateway together: the process behind the enforcer, and the transports before it. */
export async function composeGateway(config: Config, log: Log, onOneTimePasswordChanged: () => void): Promise<Gateway> {
  const limits = openStore(withoutWaitingForCommits(requireDatabaseUrl(config.runtime)), {
    size: limiterConnections,
    name: 'gatehouse-limits',
  })
  const onError = tellFailures(log)
  const isExempt = addressMatcher(exemptAddresses(config))
  const forwarding = watchForwarding((peer) => log.warn({ peer }, untrustedForwarding))
  const process = await composeProcess({
    config,
    name: 'gateway',
    version,
    onError,
    onOneTimePasswordChanged,
    temporal: temporalFor(config, (error) => onError('temporal', error)),
    service: { type: 'Service', id: 'gateway', name: 'gateway', bound: true },
    isExemptAddress: isExempt,
    untrustedForwarding: () => forwarding.peers(),
    limiter: (clock) => createLimiter({ db: limits, clock, isExempt, ...limitsIn(config, onError) }),
    alerts: { raise: (kind, detail) => log.warn({ alert: kind, detail }, 'alert') },
    onFault: (fault, operation) => log.error({ operation, requestId: fault.requestId, err: fault.cause }, 'fault'),
  })
  for (const warning of process.foundation.keyWarnings) log.warn({ part: 'keys' }, warning)
  const stopBeating = startHeartbeat(process.foundation, { id: config.runtime.node, kind: 'gateway' }, (error) =>
    onError('heartbeat', error),
  )

  const cookies = sessionCookies(config.runtime.port, config.settings.jwt.refresh_token_ttl)
  const runner = createRunner(process.enforcer, cookies)
  const graphql = await openGraphql(runner, { introspection: config.runtime.dev })
  const router = buildRouter(runner)
  const isTrustedProxy = addressMatcher(config.settings.rate_limit.trusted_proxies)
  const ready = briefly(() => ping(process), { milliseconds: readyMilliseconds, now: () => performance.now() })
  const app = createHttp({
    graphql,
    cookies,
    documents: { ...documentsOf(process, config.runtime.publicUrl), ...(await pagesFor(config)) },
    revocationList: revocationListEndpoint({ documents: process.ssh.documents, clock: process.foundation.clock }),
    trees: { '/tile/*': (path) => tileOf(process, path) },
    authzen: authzenEndpoints(runner),
    vault: vaultEndpoint({ runner, ready, clock: process.foundation.clock }),
    oauth: oauthEndpoints({ runner, clock: process.foundation.clock }),
    temporalCodec: temporalCodecFor({ runner, cookies, temporalWebUrl: config.runtime.temporalWebUrl }),
    strictTransport: speaksStrictly(config),
    metrics: await metricsFor(config, process.metrics),
    web: await readWeb(resolve(config.runtime.root, 'apps/web/dist')),
    door: process.limiter,
    refused: (request, refusal) => runner.refused(request, refusal),
    isTrustedProxy,
    isOurHost: ourHosts(config),
    sampler: process.sampler,
    newRequestId: () => process.foundation.random.id(),
    onUntrustedForwarding: (peer) => forwarding.seen(peer, process.foundation.clock.now()),
    trpc: (context) => answerTrpc({ router, runner, context }),
    ready,
    onError: tellFaults(log),
  })
  return {
    app,
    metrics: () => process.metrics(),
    now: () => process.foundation.clock.now(),
    addressOf: (peer, forwardedFor) => originOf(peer, forwardedFor, isTrustedProxy).address,
    close: async () => {
      await stopBeating()
      await graphql.stop()
      await process.close()
      await limits.destroy()
    },
  }
}

/** Tells what failed of ours while it was answered. */
const tellFaults =
  (log: Log) =>
  (error: unknown, requestId: string): void => {
    if (!isCutOff(error)) log.error({ requestId, err: error }, 'fault')
  }

/** What opens the client of Temporal; null: none is configured. */
function temporalFor({ runtime: { temporal } }: Config, onError: (error: unknown) => void) {
  if (temporal === null) return null
  return ({ sealer }: Foundation) => createWorkflows({ temporal, sealer, process: 'gateway', onError })
}

const pagesFor = ({ runtime }: Config): ReturnType<typeof readPages> =>
  readPages(resolve(runtime.root, 'apps/gateway/pages'), { explorer: runtime.dev })

const untrustedForwarding =
  'this address sends X-Forwarded-For and is not in `[rate_limit] trusted_proxies`: all who come through it ' +
  'count as one'
/** A development certificate, or a name that never leaves this machine, binds no browser to TLS. */
const speaksStrictly = ({ settings, runtime }: Config): boolean =>
  runtime.publicUrl.startsWith('https:') && !settings.tls.development && !isLocal(hostOf(runtime.publicUrl))

const limitsIn = ({ settings: { rate_limit } }: Config, onError: (part: string, error: unknown) => void) => ({
  perMinute: rate_limit.per_minute,
  servicePerMinute: rate_limit.service_per_minute,
  onError: (error: unknown) => onError('rate-limits', error),
})

/** Loopback is exempt in the dev stack, unless its limits are what is tried. */
function exemptAddresses({ settings, runtime }: Config): readonly string[] {
  return runtime.dev && !runtime.limitLoopback
    ? [...settings.rate_limit.exempt, '127.0.0.0/8', '::1']
    : settings.rate_limit.exempt
}

function withoutWaitingForCommits(url: string): string {
  const changed = new URL(url)
  changed.searchParams.set('options', '-c synchronous_commit=off')
  return changed.toString()
}

/** A load balancer asks often, from many places: they share one look a second at the database. */
const readyMilliseconds = 1000

const ping = async ({ foundation, policy }: Process): Promise<void> => {
  await pingDatabase(foundation.db)
  policy.status()
}

const yearSeconds = 31_536_000

/** A tile never changes, and a partial one holds for its width. */
async function tileOf({ log }: Process, path: string): Promise<PublicDocument | null> {
  const tile = await log.tile(path)
  if (tile === null) return null
  return { body: new Uint8Array(tile), type: 'application/octet-stream', maxAgeSeconds: yearSeconds, immutable: true }
}

/** A fingerprint as hosts name themselves by it; what is none gets what is for all. */
const hostKeyOf = (host = ''): string | null => (/^SHA256:[A-Za-z0-9+/]{43}$/.test(host) ? host : null)

/** What anybody may read. */
function documentsOf({ signingKeys, ssh, log }: Process, publicUrl: string): HttpDeps['documents'] {
  const text = (line: string, maxAgeSeconds: number): Promise<PublicDocument> =>
    Promise.resolve({
      body: line.endsWith('\n') ? line : `${line}\n`,
      type: 'text/plain; charset=utf-8',
      maxAgeSeconds,
    })
  return {
    '/.well-known/jwks.json': async () => ({
      body: JSON.stringify(await signingKeys.jwks()),
      type: 'application/jwk-set+json',
      maxAgeSeconds: 60,
    }),
    '/.well-known/oauth-authorization-server': () =>
      Promise.resolve({ body: JSON.stringify(oauthMetadata(publicUrl)), type: 'application/json', maxAgeSeconds: 300 }),
    '/.well-known/authzen-configuration': () =>
      Promise.resolve({
        body: JSON.stringify(authzenMetadata(publicUrl)),
        type: 'application/json',
        maxAgeSeconds: 300,
      }),
    // C2SP tlog-tiles: asked for often by who watches, and never more than a moment old
    '/checkpoint': async () => text((await log.checkpoint()) ?? '', 1),
    '/checkpoint.cosigned': async () => text((await log.cosigned()) ?? '', 1),
    '/checkpoint.pub': () => text(log.publicKey, 300),
    '/ssh/ca.pub': async () => text(await ssh.documents.caPublicKey(), 300),
    '/ssh/user_ca_keys': async ({ host }) => {
      const { body, signature } = await ssh.documents.trustedCas(hostKeyOf(host))
      return { ...(await text(body, 0)), headers: { 'gatehouse-signature': Buffer.from(signature).toString('base64') } }
    },
    '/ssh/management.pub': () => text(ssh.documents.managementPublicKey, 300),
    '/ssh/host_ca.pub': () => text(ssh.documents.hostCaPublicKey, 300),
    '/ssh/allowed_signers': () => text(ssh.documents.allowedSigners, 300),
  }
}
