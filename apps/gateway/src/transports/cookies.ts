import { setCookie, deleteCookie, getCookie } from 'hono/cookie'
import type { Context } from 'hono'

/** The header that a browser session sends with every call. Another site's form cannot set it: it is the CSRF guard. */
export const sessionHeader = 'gatehouse-session'

export interface CookieTokens {
  readonly access?: string
  readonly refresh?: string
}

/** Cookies of the browser's session. Several Gatehouses on one machine differ by the port in the name. */
export function sessionCookies(port: number, refreshTtlSeconds: number) {
  const names = { access: `__Host-gatehouse-${port}-access`, refresh: `__Host-gatehouse-${port}-refresh` } as const
  const options = { path: '/', secure: true, httpOnly: true, sameSite: 'Strict', maxAge: refreshTtlSeconds } as const
  return {
    /** Without the session header there is no cookie session. */
    read: (c: Context): CookieTokens | null => {
      if (c.req.header(sessionHeader) !== 'cookie') return null
      return { access: getCookie(c, names.access), refresh: getCookie(c, names.refresh) }
    },
    set: (c: Context, tokens: CookieTokens): void => {
      if (tokens.access !== undefined) setCookie(c, names.access, tokens.access, options)
      if (tokens.refresh !== undefined) setCookie(c, names.refresh, tokens.refresh, options)
    },
    clear: (c: Context): void => {
      deleteCookie(c, names.access, { path: '/', secure: true })
      deleteCookie(c, names.refresh, { path: '/', secure: true })
    },
  }
}

export type SessionCookies = ReturnType<typeof sessionCookies>
