import { accessSync, constants } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { ConfigError } from './environment.ts'
import { keyBackendProblems } from './key-backend.ts'
import type { Config } from './load.ts'
import { hostOf, isLocal } from './public-url.ts'

/**
 * What is right by itself and can never work in this system, each with its key and what would work. A file of the
 * system before this one can be read and shown with them; nothing is started with them.
 */
export function unworkableSettings(config: Config): string[] {
  return [
    ...relyingParty(config),
    ...origins(config),
    ...addresses(config),
    ...files(config),
    ...tlsPair(config),
    ...lifetimes(config),
    ...telemetry(config),
    ...keyBackendProblems(config),
  ]
}

/** Throws `ConfigError` with all of them. */
export function requireWorkable(config: Config): void {
  const problems = unworkableSettings(config)
  if (problems.length === 0) return
  throw new ConfigError(`some settings can never work:\n  ${problems.join('\n  ')}`)
}

/** WebAuthn: the id is the page's own host name or a parent domain of it, and never an address. */
function relyingParty({ settings: { mfa }, runtime }: Config): string[] {
  const [id, host] = [mfa.webauthn_rp_id, hostOf(runtime.publicUrl)]
  const leaveOut = 'leave it out, and it follows from GATEHOUSE_PUBLIC_URL'
  if (isIP(id.replace(/^\[(.*)\]$/, '$1')) !== 0) {
    return id === host
      ? ['GATEHOUSE_PUBLIC_URL: a name, not an address: browsers make no passkeys for addresses']
      : [`mfa.webauthn_rp_id: a host name, not an address such as \`${id}\`; ${leaveOut}`]
  }
  if (!/^([a-z0-9]([a-z0-9-]*[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(id))
    return [`mfa.webauthn_rp_id: a host name in lower case, without scheme or port, not \`${id}\`; ${leaveOut}`]
  // a page at a loopback address has no passkeys, and needs none: the same page is at localhost
  if (id === host || (id === 'localhost' && isLocal(host))) return []
  if (id.includes('.') && host.endsWith(`.${id}`)) return []
  return [
    `mfa.webauthn_rp_id: \`${host}\`, the host of GATEHOUSE_PUBLIC_URL, or a parent domain of it, not ` +
      `\`${id}\`; ${leaveOut}`,
  ]
}

function origins({ settings: { mfa }, runtime }: Config): string[] {
  const id = mfa.webauthn_rp_id
  return mfa.webauthn_origins.flatMap((origin) => {
    const url = URL.parse(origin)
    const [secure, host] = [url?.protocol === 'https:', url === null ? '' : hostOf(url.href)]
    if (url === null || url.origin !== origin)
      return [`mfa.webauthn_origins: origins such as ${runtime.publicUrl}, without a path, not \`${origin}\``]
    if (!secure && !isLocal(host) && !(runtime.dev && url.protocol === 'http:'))
      return [`mfa.webauthn_origins: https, or http on localhost, not \`${origin}\``]
    return host === id || host.endsWith(`.${id}`) || isLocal(host)
      ? []
      : [`mfa.webauthn_origins: origins at \`${id}\` (mfa.webauthn_rp_id) or below it, not \`${origin}\``]
  })
}

const schemes = [
  ['DATABASE_URL', /^postgres(ql)?:\/\//, 'postgres://user:password@host:5432/database'],
  ['DATABASE_ADMIN_URL', /^postgres(ql)?:\/\//, 'postgres://user:password@host:5432/database'],
  ['TEMPORAL_UI_URL', /^https?:\/\//, 'http://host:8233'],
  ['TEMPORAL_ADDRESS', /^[^/\s]+:\d+$/, 'host:7233, without a scheme'],
] as const

function addresses({ runtime, settings: { rate_limit } }: Config): string[] {
  const values: Readonly<Record<(typeof schemes)[number][0], string | null>> = {
    DATABASE_URL: runtime.databaseUrl?.expose() ?? null,
    DATABASE_ADMIN_URL: runtime.databaseAdminUrl?.expose() ?? null,
    TEMPORAL_UI_URL: runtime.temporalWebUrl,
    TEMPORAL_ADDRESS: runtime.temporal?.address ?? null,
  }
  return [
    ...schemes.flatMap(([name, form, example]) => {
      const value = values[name]
      // never the value: a password may stand in it
      return value === null || form.test(value) ? [] : [`${name}: an address such as ${example}`]
    }),
    ...rate_limit.trusted_proxies
      .filter((place) => /\/0+$/.test(place))
      .map((place) => `rate_limit.trusted_proxies: your proxies only; \`${place}\` would let anyone claim any address`),
  ]
}

function files({ runtime, settings: { mfa, tls }, jwtKeyFiles }: Config): string[] {
  const named = [
    ['tls.certificate', tls.certificate],
    ['tls.key', tls.key],
    ['mfa.webauthn_attestation_roots', mfa.webauthn_attestation_roots],
    ['JWT_PRIVATE_KEY_PATH', jwtKeyFiles?.privateKey],
    ['JWT_PUBLIC_KEY_PATH', jwtKeyFiles?.publicKey],
    ['TEMPORAL_TLS_CERT', runtime.temporal?.tls?.cert],
    ['TEMPORAL_TLS_KEY', runtime.temporal?.tls?.key],
    ['TEMPORAL_TLS_CA', runtime.temporal?.tls?.ca ?? undefined],
  ] as const
  return named.flatMap(([name, path]) =>
    path === undefined || isReadable(resolve(runtime.root, path))
      ? []
      : [`${name}: a file that this process can read; \`${path}\` is not one`],
  )
}

function tlsPair({ settings: { tls } }: Config): string[] {
  const { certificate, key, development } = tls
  if (development && (certificate !== undefined || key !== undefined))
    return ['tls.development: a certificate of your own or one made for development, not both']
  if (key === undefined && certificate !== undefined)
    return ['tls.key: the private key of tls.certificate; they go together']
  return certificate === undefined && key !== undefined
    ? ['tls.certificate: the certificate of tls.key; they go together']
    : []
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}

function lifetimes({ settings: { jwt } }: Config): string[] {
  return jwt.access_token_ttl <= jwt.refresh_token_ttl
    ? []
    : ['jwt.access_token_ttl: at most jwt.refresh_token_ttl, for a refresh token that ends first refreshes nothing']
}

/** What stands in headers is a secret: it goes to another machine by TLS, or not at all. */
function telemetry({
  settings: {
    telemetry: { endpoint },
  },
  runtime,
}: Config): string[] {
  if (endpoint === undefined || runtime.telemetryHeaders === null) return []
  return endpoint.startsWith('https:') || isLocal(hostOf(endpoint))
    ? []
    : ['telemetry.endpoint: https, because OTEL_EXPORTER_OTLP_HEADERS would go there in clear']
}
