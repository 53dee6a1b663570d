import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import type { TestProject } from 'vitest/node'
import { startPostgres } from './postgres.ts'
import type { TestPostgres } from './postgres.ts'

/** Offers one PostgreSQL to a whole test run. A run in which nobody asks for it starts none. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  let cluster: Promise<TestPostgres> | null = null
  const server = createServer((_request, response) => {
    cluster ??= startPostgres()
    cluster.then(
      ({ logins }) => response.end(JSON.stringify(logins)),
      (error: unknown) => response.writeHead(500).end(inspect(error)),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // a TCP server that listens has one
  project.provide('gatehousePostgres', `http://127.0.0.1:${port}/`)
  return async () => {
    server.close()
    server.closeAllConnections()
    await cluster?.then(
      (running) => running.stop(),
      () => undefined,
    )
  }
}
