import { getConnInfo } from '@hono/node-server/conninfo'
import { activityHeader, secret, type Secret } from '@gatehouse/contract'
import type { Caller } from '@gatehouse/enforcement'
import type { Context } from 'hono'
import { originOf } from './address.ts'
import { deviceHeader, type SessionCookies } from './transports/cookies.ts'
import { vaultPrefix } from './transit/route.ts'
import type { RequestContext } from './transports/run.ts'

/** What the parts of one HTTP request hand on to one another: the door makes the context, who answers takes it. */
export interface GatewayEnv {
  readonly Variables: { plain: RequestContext; requestId: string }
}

export interface ContextDeps {
  readonly isTrustedProxy: (address: string) => boolean
}

/** A request of the transports: its caller may be the browser's session. */
export function browserContext(
  c: Context<GatewayEnv>,
  deps: ContextDeps & { readonly cookies: SessionCookies },
): RequestContext {
  const cookies = deps.cookies.read(c)
  const context = plainContext(c, deps)
  return {
    ...context,
    cookies,
    caller: {
      ...context.caller,
      credential: context.caller.credential ?? cookies?.access ?? null,
      device: deviceOf(cookies?.device) ?? context.caller.device ?? null,
    },
  }
}

const transportOf = (path: string): 'graphql' | 'trpc' | 'vault' | 'http' => {
  if (path.startsWith('/graphql')) return 'graphql'
  if (path.startsWith(vaultPrefix)) return 'vault'
  return path.startsWith('/trpc') ? 'trpc' : 'http'
}

/** A request of a program: cookies are not looked at, whatever else it says. The same one for the whole request. */
export function plainContext(c: Context<GatewayEnv>, deps: ContextDeps): RequestContext {
  const known = c.get('plain') as RequestContext | undefined // nothing has set it at the door
  if (known !== undefined) return known
  const made = contextOf(c, deps)
  c.set('plain', made)
  return made
}

function contextOf(c: Context<GatewayEnv>, { isTrustedProxy }: ContextDeps): RequestContext {
  const requestId = c.get('requestId')
  const peer = getConnInfo(c).remote.address ?? '0.0.0.0'
  const forwardedFor = c.req.header('x-forwarded-for')
  const transport = transportOf(c.req.path)
  const proof = c.req.header('dpop')
  return {
    http: c,
    cookies: null,
    requestId,
    caller: {
      ...shownBy(transport === 'vault' ? vaultAuthorization(c) : c.req.header('authorization')),
      ...originOf(peer, forwardedFor, isTrustedProxy),
      userAgent: (c.req.header('user-agent') ?? '').slice(0, 256),
      transport,
      background: c.req.header(activityHeader) === 'background',
      device: deviceOf(c.req.header(deviceHeader)),
      proof:
        proof === undefined
          ? null
          : { header: proof, method: c.req.method, path: new URL(c.req.url).pathname, requestId },
    },
  }
}

/** Vault's clients show a token in a header of its own, and Vault takes a bearer's as well. */
function vaultAuthorization(c: Context<GatewayEnv>): string | undefined {
  const token = c.req.header('x-vault-token')
  return token === undefined ? c.req.header('authorization') : `Bearer ${token}`
}

/** Whatever is not a device's secret makes a stranger of its sender. */
const deviceOf = (text: string | undefined): Secret<string> | null =>
  text === undefined || text.length > deviceTextMax ? null : secret(text)

/** A device's secret is shorter. */
const deviceTextMax = 128

/** The longest credential that is looked at: an access token has about 1 KiB. */
const credentialMax = 8192

/**
 * `Bearer …` (RFC 6750 §2.1) or `DPoP …` (RFC 9449 §7.1) and nothing else; a malformed header is a credential that is
 * not good, never an error.
 */
export function shownBy(header: string | undefined): Required<Pick<Caller, 'credential' | 'scheme'>> {
  if (header === undefined) return { credential: null, scheme: 'bearer' }
  const [, scheme, credential] = /^(Bearer|DPoP) +([\x21-\x7e]+)$/i.exec(header) ?? []
  if (scheme === undefined || credential === undefined || credential.length > credentialMax)
    return { credential: 'malformed', scheme: 'bearer' }
  return { credential, scheme: scheme.toLowerCase() === 'dpop' ? 'dpop' : 'bearer' }
}
