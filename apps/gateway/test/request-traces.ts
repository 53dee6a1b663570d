// The id of a request, which its entry and its trace bear, and what of it a collector of traces gets.
import { describe, expect, test, vi } from 'vitest'
import { dataOf, type Chain } from './chain-gateway.ts'
import { attributeOf } from './otlp-receiver.ts'

/** Tests of a chain that runs. */
export const testTraces = (chain: () => Chain): void => {
  describe('the id of a request and its trace', () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    const traceparent = `00-${traceId}-00f067aa0ba902b7-01`
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

    test('every answer names its request: pages, documents, refusals, what is not there', async () => {
      const paths = ['/healthz', '/readyz', '/reference', '/checkpoint', '/nothing', '/trpc/auth.whoami', '/graphql']
      const answers = await Promise.all([
        ...paths.map((path) => chain().ask(path)),
        chain().post('/graphql', { query: '{ authWhoami { username } }' }, { as: 'vera-viewer' }),
        chain().post('/graphql', 'none'),
        chain().post('/oauth/token', {}),
      ])
      const ids = answers.map(({ headers }) => headers.get('x-request-id') ?? '')
      expect(ids.filter((id) => !uuid.test(id))).toEqual([])
      expect(new Set(ids).size).toBe(ids.length)
    })

    test('a refusal and its entry in the audit log have the same one, and the log is searched by it', async () => {
      const refusedByTrpc = await chain().trpc('user.list', {}, { as: 'vera-viewer' })
      const refusedByGraphql = await chain().graphql('user.list', {}, { as: 'vera-viewer' })
      for (const { headers, text } of [refusedByTrpc, refusedByGraphql]) {
        const requestId = headers.get('x-request-id') ?? ''
        expect(text).toContain(`"requestId":"${requestId}"`)
        const { items } = dataOf(await chain().trpc('audit.search', { requestId }, { as: 'ada-admin' })) as {
          items: { action: string; requestId: string; outcome: string }[]
        }
        expect(items).toMatchObject([{ action: 'user.list', outcome: 'refused', requestId }])
      }
    })

    test.each(['nonsense', `${traceparent}-more`, `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, 'ff'.repeat(5000)])(
      'a trace that is none (%j) begins a new one, and refuses nobody',
      async (bad) => {
        const { status } = await chain().trpc(
          'auth.whoami',
          {},
          { as: 'vera-viewer', headers: { traceparent: bad, tracestate: '=' } },
        )
        expect(status).toBe(200)
      },
    )

    test('a caller’s trace goes on through request, operation, decision and database, by strict OTLP', async () => {
      // the requests of other tests have used up what is recorded of this second
      await new Promise((resolve) => setTimeout(resolve, 1000))
      const headers = { traceparent, tracestate: 'vendor=1' }
      await chain().trpc('user.list', {}, { as: 'ada-admin', headers })
      const refused = await chain().trpc('user.list', {}, { as: 'vera-viewer', headers })
      const ofTrace = () => chain().collector.spans.filter((one) => one.traceId === traceId)
      await vi.waitFor(() => expect(ofTrace().filter(({ kind }) => kind === 2)).toHaveLength(2), { timeout: 5000 })
      const spans = ofTrace()
      const [root, refusedRoot] = spans.filter(({ kind }) => kind === 2)
      expect(root).toMatchObject({ parentSpanId: '00f067aa0ba902b7', traceState: 'vendor=1', name: 'GET' })
      expect(attributeOf(root, 'http.route')).toBe('/trpc/*')
      expect(attributeOf(refusedRoot, 'gatehouse.request_id')).toBe(refused.headers.get('x-request-id'))
      const operation = spans.find(
        ({ name, parentSpanId }) => name === 'user.list' && parentSpanId === refusedRoot?.spanId,
      )
      expect(attributeOf(operation, 'gatehouse.refusal')).toBe('forbidden')
      const decision = spans.find(
        ({ name, parentSpanId }) => name === 'cedar.decide' && parentSpanId === operation?.spanId,
      )
      expect(attributeOf(decision, 'gatehouse.effect')).toBe('deny')
      expect(spans.some(({ name, parentSpanId }) => name === 'postgresql' && parentSpanId === operation?.spanId)).toBe(
        true,
      )
      expect(chain().collector.problems).toEqual([])
    })

    // Threats E5, F6: what collectors keep is kept by others
    test('no secret, name, address or word of a caller is in any span', async () => {
      const canary = 'canary-5f2c'
      await chain().trpc(
        'auth.login',
        { username: canary, password: canary },
        { from: '203.0.113.77', headers: { 'user-agent': canary } },
      )
      await chain().ask(`/record/${canary}?q=${canary}`, {
        headers: { cookie: `a=${canary}`, authorization: `Bearer ${canary}` },
      })
      await chain().trpc('audit.search', { actor: canary, ip: '203.0.113.77' }, { as: 'ada-admin' })
      const { headers } = await chain().trpc('auth.whoami', {}, { as: 'ada-admin' })
      const last = headers.get('x-request-id') ?? ''
      await vi.waitFor(() => expect(chain().collector.text()).toContain(last), { timeout: 5000 })
      const personal = [
        canary,
        '203.0.113.77',
        'ada-admin',
        'vera-viewer',
        'dora-developer',
        ...chain().tokens.values(),
      ]
      expect(personal.filter((word) => chain().collector.text().includes(word))).toEqual([])
      expect(await chain().gateway.metrics()).toMatch(/gatehouse_telemetry_spans_total\{result="sent"\} [1-9]/)
    })
  })
}
