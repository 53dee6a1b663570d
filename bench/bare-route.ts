import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

// The peer of the chain: one Hono route that answers JSON and does nothing else. Prints `{ port }`.
const app = new Hono()
app.get('/', (c) => c.json({ result: { data: { ok: true } } }))
const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, (address: AddressInfo) =>
  process.stdout.write(`${JSON.stringify({ port: address.port })}\n`),
)
process.stdin.on('end', () => server.close()).resume()
