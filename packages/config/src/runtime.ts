import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { type Secret, secret } from '@gatehouse/contract'
import { ConfigError, type Environment } from './environment.ts'
import { publicUrlFrom } from './public-url.ts'

/** Where this process runs and what it talks to. */
export interface Runtime {
  readonly root: string
  readonly home: string
  readonly port: number
  /**
   * Addresses that are listened on: loopback in the dev stack, every interface otherwise, or what `GATEHOUSE_LISTEN`
   * says.
   */
  readonly listen: readonly string[]
  /** Where the web is reached, as an origin in its one form; what cookies and ceremonies follow. */
  readonly publicUrl: string
  readonly databaseUrl: Secret<string> | null
  readonly databaseAdminUrl: Secret<string> | null
  readonly temporal: {
    readonly address: string
    readonly namespace: string
    readonly apiKey: Secret<string> | null
    readonly tls: { readonly cert: string; readonly key: string; readonly ca: string | null } | null
  } | null
  readonly temporalWebUrl: string | null
  /** Who may read `/metrics`: whoever comes to an address of its own, or shows the token in a file. Null: nobody. */
  readonly metrics: { readonly listen: ListenAddress | null; readonly tokenFile: string | null }
  /** Headers for the collector of traces, such as a token. */
  readonly telemetryHeaders: Secret<Readonly<Record<string, string>>> | null
  readonly dev: boolean
  readonly supervised: boolean
  readonly limitLoopback: boolean
  /** Names this process among its like: host, port, process. */
  readonly node: string
}

/** Where something is listened on. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

const portDefault = 8420

/** Reads what stands in the environment only. Throws `ConfigError` naming the variable. */
export function runtimeFrom(env: Environment, root: string, { tls }: { readonly tls: boolean }): Runtime {
  const port = portFrom(env['GATEHOUSE_PORT'])
  const address = env['TEMPORAL_ADDRESS']
  return {
    root,
    home: resolve(root, env['GATEHOUSE_HOME'] || '.gatehouse'),
    port,
    listen: listenFrom(env['GATEHOUSE_LISTEN'], env['GATEHOUSE_DEV'] === '1'),
    publicUrl: publicUrlFrom(env['GATEHOUSE_PUBLIC_URL'], { port, tls, dev: env['GATEHOUSE_DEV'] === '1' }),
    databaseUrl: optional(env['DATABASE_URL']),
    databaseAdminUrl: optional(env['DATABASE_ADMIN_URL']),
    temporal: address
      ? {
          address,
          namespace: env['TEMPORAL_NAMESPACE'] || 'default',
          apiKey: optional(env['TEMPORAL_API_KEY']),
          tls: temporalTls(env),
        }
      : null,
    temporalWebUrl: env['TEMPORAL_UI_URL'] || null,
    metrics: {
      listen: metricsListenFrom(env['GATEHOUSE_METRICS_LISTEN']),
      tokenFile: env['GATEHOUSE_METRICS_TOKEN_FILE'] ? resolve(root, env['GATEHOUSE_METRICS_TOKEN_FILE']) : null,
    },
    telemetryHeaders: telemetryHeadersFrom(env['OTEL_EXPORTER_OTLP_HEADERS']),
    dev: env['GATEHOUSE_DEV'] === '1',
    supervised: env['GATEHOUSE_SUPERVISED'] === '1',
    limitLoopback: env['GATEHOUSE_RATE_LIMIT_LOOPBACK'] === '1',
    node: `${hostname()}:${port}:${process.pid}`,
  }
}

const optional = (value: string | undefined): Secret<string> | null => (value ? secret(value) : null)

/** Comma-separated addresses. A dev stack has passwords in a file: nobody but this machine talks to it unless told. */
function listenFrom(value: string | undefined, dev: boolean): readonly string[] {
  if (!value) return dev ? ['127.0.0.1', '::1'] : ['::']
  const addresses = value.split(',').map((part) => part.trim())
  const wrong = addresses.find((address) => isIP(address) === 0)
  if (wrong !== undefined)
    throw new ConfigError(`GATEHOUSE_LISTEN: addresses such as 127.0.0.1 or ::, separated by commas, not \`${wrong}\``)
  return addresses
}

/** An address with a port, IPv6 in brackets. Each process of a machine has one of its own. */
function metricsListenFrom(value: string | undefined): ListenAddress | null {
  if (!value) return null
  const [, host = '', port = ''] = /^\[?([0-9a-f.:]+?)\]?:(\d{1,5})$/i.exec(value) ?? []
  if (isIP(host) === 0 || Number(port) > 65_535)
    throw new ConfigError(`GATEHOUSE_METRICS_LISTEN: an address with a port, such as 127.0.0.1:9464, not \`${value}\``)
  return { host, port: Number(port) }
}

/** `name=value`, percent-encoded and comma-separated (OpenTelemetry's protocol exporter). Never repeats a value. */
function telemetryHeadersFrom(value: string | undefined): Runtime['telemetryHeaders'] {
  if (!value) return null
  const pairs = value.split(',').map((pair) => /^\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*([\x21-\x7e]+)\s*$/.exec(pair))
  const headers = pairs.map((pair) => [pair?.[1], decoded(pair?.[2] ?? '')])
  if (headers.some(([name, text]) => name === undefined || text === null || text === ''))
    throw new ConfigError('OTEL_EXPORTER_OTLP_HEADERS: name=value pairs separated by commas, values percent-encoded')
  return secret(Object.fromEntries(headers) as Record<string, string>) // checked just now
}

/** Null for what is no percent-encoding, or of which no header can be made. */
function decoded(text: string): string | null {
  try {
    const value = decodeURIComponent(text)
    return /^[\x20-\x7e]*$/.test(value) ? value : null
  } catch {
    return null
  }
}

function portFrom(value: string | undefined): number {
  if (value === undefined || value === '') return portDefault
  const port = Number(value)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new ConfigError(`GATEHOUSE_PORT: a port from 1 to 65535, not \`${value}\``)
  return port
}

function temporalTls(env: Environment): NonNullable<Runtime['temporal']>['tls'] {
  const [cert, key] = [env['TEMPORAL_TLS_CERT'], env['TEMPORAL_TLS_KEY']]
  if (!cert && !key) return null
  if (!cert || !key) throw new ConfigError('TEMPORAL_TLS_CERT and TEMPORAL_TLS_KEY go together; one of them is missing')
  return { cert, key, ca: env['TEMPORAL_TLS_CA'] || null }
}
