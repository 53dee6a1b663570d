import { isIP } from 'node:net'
import { hostOf, isLocal, type Config } from '@gatehouse/config'
import { Refusal } from '@gatehouse/contract'
import type { MiddlewareHandler } from 'hono'
import { refusedOn, type DoorDeps } from './door.ts'
import { plainContext, type GatewayEnv } from './request-context.ts'

/** Whether a host, as a request names it, is one of this Gatehouse. */
export type IsOurHost = (host: string) => boolean

/**
 * The host of the public URL, those of `[http] hosts` and of the origins at which passkeys are used; names of this
 * machine in development, and where people reach the web by one.
 */
export function ourHosts({ settings, runtime }: Pick<Config, 'settings' | 'runtime'>): IsOurHost {
  const main = hostOf(runtime.publicUrl)
  const listed = new Set([main, ...settings.http.hosts, ...settings.mfa.webauthn_origins.map(hostOf)])
  const local = runtime.dev || isLocal(main)
  return (host) => listed.has(host) || (local && isLocal(host))
}

/** Asked by who knows addresses alone, and answered the same to all. */
const forProbes: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

/** HTTP's own word for a request that came to the wrong server (RFC 9110 §15.5.20). */
const misdirected = 421

export interface HostDeps extends DoorDeps {
  readonly isOurHost: IsOurHost
}

/**
 * Refuses what was sent to another name. A page of somebody else's whose name suddenly leads here (DNS rebinding) is of
 * our origin to a browser, and would come past every other check. An address cannot be led anywhere else: Prometheus
 * reads `/metrics` by it.
 */
export function answerToOurNames(deps: HostDeps): MiddlewareHandler<GatewayEnv> {
  const hostOfRequest = rememberedHosts()
  return async (c, next) => {
    const host = hostOfRequest(c.req.header('host') ?? new URL(c.req.url).host)
    const { path } = c.req
    const byAddress = path === '/metrics' && host !== null && isIP(host) !== 0
    if (forProbes.has(path) || byAddress || (host !== null && deps.isOurHost(host))) return next()
    const context = plainContext(c, deps)
    // never the name that was asked: an answer repeats nothing of a request
    const message = 'the host of GATEHOUSE_PUBLIC_URL; other names of this Gatehouse are listed in `[http] hosts`'
    const refusal = new Refusal('invalid-input', { fields: [{ path: 'host', message }] })
    await deps.refused(context, refusal)
    return refusedOn(context.caller.transport, refusal, misdirected)
  }
}

/** More ways to write the hosts of one Gatehouse than are in use; a stranger who makes some up fills no memory. */
const rememberedMax = 100

/** Reads hosts, each once: almost all requests name the same, and reading one is as much work as routing a request. */
function rememberedHosts(): (asked: string) => string | null {
  const known = new Map<string, string | null>()
  return (asked) => {
    const there = known.get(asked)
    if (there !== undefined) return there
    if (known.size >= rememberedMax) known.clear()
    const read = readHost(asked)
    known.set(asked, read)
    return read
  }
}

/** In its one form, without port; null for what is no host. */
function readHost(asked: string): string | null {
  const url = URL.parse(`http://${asked}`)
  if (url === null || url.pathname !== '/' || url.username !== '' || url.search !== '' || url.hash !== '') return null
  return hostOf(url.href).replace(/\.$/, '')
}
