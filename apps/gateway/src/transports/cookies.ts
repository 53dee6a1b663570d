import { setCookie, deleteCookie, getCookie } from 'hono/cookie'
import type { Context } from 'hono'

/** The header that a browser session sends with every call. Another site's form cannot set it: it is the CSRF guard. */
export const sessionHeader = 'gatehouse-session'

/** The header by which a client without cookies shows that somebody has logged in with it before. */
export const deviceHeader = 'gatehouse-device'

/** As long as a device stays known: a quarter of a year after its last log-in. */
const deviceSeconds = 90 * 86_400

export interface CookieTokens {
  readonly access?: string
  readonly refresh?: string
  readonly device?: string
}

/** Cookies of the browser's session. Several Gatehouses on one machine differ by the port in the name. */
export function sessionCookies(port: number, refreshTtlSeconds: number) {
  const names = {
    access: `__Host-gatehouse-${port}-access`,
    refresh: `__Host-gatehouse-${port}-refresh`,
    device: `__Host-gatehouse-${port}-device`,
  } as const
  const options = { path: '/', secure: true, httpOnly: true, sameSite: 'Strict', maxAge: refreshTtlSeconds } as const
  return {
    /**
     * The access token of a browser whose origin was compared with the one that may ask: for the one page that cannot
     * send the session header. INVARIANT: nothing changes by what is asked so.
     */
    readAccess: (c: Context): string | null => getCookie(c, names.access) ?? null,
    /** Without the session header there is no cookie session. */
    read: (c: Context): CookieTokens | null => {
      if (c.req.header(sessionHeader) !== 'cookie') return null
      return {
        access: getCookie(c, names.access),
        refresh: getCookie(c, names.refresh),
        device: getCookie(c, names.device),
      }
    },
    set: (c: Context, tokens: CookieTokens): void => {
      if (tokens.access !== undefined) setCookie(c, names.access, tokens.access, options)
      if (tokens.refresh !== undefined) setCookie(c, names.refresh, tokens.refresh, options)
      if (tokens.device !== undefined) setCookie(c, names.device, tokens.device, { ...options, maxAge: deviceSeconds })
    },
    /** The device stays known: who logs out is to come back in. */
    clear: (c: Context): void => {
      deleteCookie(c, names.access, { path: '/', secure: true })
      deleteCookie(c, names.refresh, { path: '/', secure: true })
    },
  }
}

export type SessionCookies = ReturnType<typeof sessionCookies>
