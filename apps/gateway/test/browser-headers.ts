// What the answers of every route tell a browser, whatever is asked.
import { describe, expect, test } from 'vitest'
import type { Chain } from './chain-gateway.ts'

/** Tests of a chain that runs. */
export const testBrowserHeaders = (chain: () => Chain): void => {
  describe('what browsers are told', () => {
    /** A path of each route, what is not there, and what is refused. */
    const paths = () => [
      ...new Set(
        chain().gateway.app.routes.map(({ path }) =>
          path.replace('/trpc/*', '/trpc/auth.whoami').replace('*', '0/000'),
        ),
      ),
      '/',
      '/record/audit',
      '/nothing/here',
      '/trpc/no.such',
    ]
    const api = /^\/(graphql|trpc|oauth|metrics|healthz|readyz|temporal|nothing)/

    test('every route, in every outcome, says that nothing foreign is loaded, framed, sniffed or shared', async () => {
      expect(paths().length).toBeGreaterThan(20)
      for (const path of paths()) {
        for (const method of ['GET', 'POST'] as const) {
          const { headers, status } = await chain().ask(path, {
            method,
            ...(method === 'POST' ? { body: 'none' } : {}),
          })
          const told = (name: string) => headers.get(name) ?? ''
          const policy = told('content-security-policy')
          const at = `${method} ${path} ${status}`
          expect(policy, at).toContain("default-src 'none'")
          expect(policy, at).toContain("frame-ancestors 'none'")
          expect(policy, at).toContain("require-trusted-types-for 'script'")
          expect(policy, at).not.toMatch(/unsafe|\*|https?:/)
          expect(told('x-content-type-options'), at).toBe('nosniff')
          expect(told('referrer-policy'), at).toBe('no-referrer')
          expect(told('x-frame-options'), at).toBe('DENY')
          expect(told('cross-origin-opener-policy'), at).toBe('same-origin')
          expect(told('cross-origin-resource-policy'), at).toBe('same-origin')
          expect(told('permissions-policy'), at).toMatch(/camera=\(\).*geolocation=\(\)/)
          expect(told('cache-control'), at).toMatch(
            api.test(path) || status >= 400 ? /^no-store$/ : /no-store|no-cache|public/,
          )
        }
      }
    })

    test('what is only for programs answers no page to a browser that comes there', async () => {
      for (const path of ['/oauth/none', '/graphql/none', '/v1', '/ssh/none', '/.well-known/none', '/tile/none']) {
        const { status, headers } = await chain().ask(path, { headers: { accept: 'text/html,*/*;q=0.8' } })
        expect([path, status, headers.get('content-type')]).toEqual([path, 404, 'application/json'])
      }
    })

    // Threat C14: a page of another name that suddenly leads here is of our origin to a browser
    test.each([
      'rebind.example',
      'localhost.rebind.example',
      'localhost@rebind.example',
      'rebind.example/localhost',
      '192.0.2.1',
    ])('what is sent to `%s` is refused before it is looked at, whatever it asks', async (host) => {
      for (const path of ['/', '/graphql', '/trpc/auth.whoami', '/.well-known/jwks.json', '/reference', '/explorer']) {
        const { status, text } = await chain().ask(path, { as: 'ada-admin', headers: { host } })
        expect([path, status]).toEqual([path, 421])
        expect(text).toContain('[http] hosts')
        expect(text).not.toContain('rebind')
      }
      expect((await chain().ask('/metrics', { headers: { host } })).status).toBe(host === '192.0.2.1' ? 200 : 421)
      for (const path of ['/healthz', '/readyz'])
        expect((await chain().ask(path, { headers: { host } })).status).toBe(200)
    })

    test.each(['localhost', 'LOCALHOST:1', 'localhost.', '127.0.0.1:8420', '[::1]:8420', 'gatehouse.localhost'])(
      'this machine’s own name `%s` is answered in development',
      async (host) => expect((await chain().ask('/checkpoint', { headers: { host } })).status).toBe(200),
    )
  })
}
