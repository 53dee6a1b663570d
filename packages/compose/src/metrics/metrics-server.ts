import { once } from 'node:events'
import { createServer } from 'node:http'
import type { ListenAddress } from '@gatehouse/config'
import { briefly } from '@gatehouse/kit'

/** The form that Prometheus reads, and that it is told of. */
export const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

/** Scrapers share one look at the database a second, however many there are. */
const looksApartMilliseconds = 1000
const requestMilliseconds = 5_000

/** `/metrics` at an address of its own, for a network where only the monitoring is. Nothing else answers there. */
export async function startMetricsServer(
  { host, port }: ListenAddress,
  text: () => Promise<string>,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const shared = briefly(text, { milliseconds: looksApartMilliseconds, now: () => performance.now() })
  const server = createServer({ requestTimeout: requestMilliseconds }, (request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    shared().then(
      (body) => response.writeHead(200, { 'content-type': metricsType, 'cache-control': 'no-store' }).end(body),
      () => response.writeHead(503).end(),
    )
  })
  server.listen({ host, port })
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
