import { isIP } from 'node:net'
import { ConfigError } from './environment.ts'

/** The host of a URL as it is compared: an IPv6 address without its brackets. */
export const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')

/** True for names and addresses that never leave this machine: browsers trust those without TLS. */
export const isLocal = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))

const right = 'an origin such as https://gatehouse.example.org: scheme and name, a port where it is not the usual one'

/**
 * The address under which people reach the web, in its one form: lower case, without the usual port, without a slash
 * at the end. Throws `ConfigError` for what no browser could ever log in at.
 */
export function publicUrlFrom(
  value: string | undefined,
  { port, dev, tls }: { readonly port: number; readonly dev: boolean; readonly tls: boolean },
): string {
  if (!value) return `${tls ? 'https' : 'http'}://localhost:${port}`
  const wrong = (why: string): never => {
    throw new ConfigError(`GATEHOUSE_PUBLIC_URL: ${right}; \`${value}\` ${why}`)
  }
  const url = URL.parse(value)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return wrong('has no http or https')
  if (url.username !== '' || url.password !== '') return wrong('has a user name or password')
  if (url.pathname !== '/') return wrong('has a path, and Gatehouse serves from the root only')
  if (url.search !== '' || url.hash !== '') return wrong('has more than a host and a port')
  if (url.hostname.endsWith('.')) return wrong('ends in a dot')
  if (url.protocol === 'http:' && tls) return wrong('is plain http, and [tls] serves https')
  if (url.protocol === 'http:' && !dev && !isLocal(hostOf(url.origin)))
    return wrong(
      'is plain http, and browsers keep log-in to https or localhost: use https ([tls], or a proxy before it)',
    )
  return url.origin
}
