import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import type { TestProject } from 'vitest/node'
import { startHome, type TestHome } from './home.ts'
import { startPostgres } from './postgres.ts'
import type { TestPostgres } from './postgres.ts'

/**
 * Offers one PostgreSQL to a whole test run, and one stopped system that whole systems are copies of. A run in which
 * nobody asks for them starts none.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const postgres = once(startPostgres)
  const home = once(startAndStop)
  const server = createServer((request, response) => {
    const made = request.url === '/home' ? home.get().then(directoryOf) : postgres.get().then(({ logins }) => logins)
    made.then(
      (found) => response.end(JSON.stringify(found)),
      (error: unknown) => response.writeHead(500).end(inspect(error)),
    )
  })
  const origin = await listen(server)
  project.provide('gatehousePostgres', `${origin}/postgres`)
  project.provide('gatehouseHome', `${origin}/home`)
  return async () => {
    server.close()
    server.closeAllConnections()
    await postgres.end((cluster: TestPostgres) => cluster.stop())
    await home.end((stopped: TestHome) => stopped.remove())
  }
}

const directoryOf = ({ home }: TestHome) => ({ directory: home })

async function startAndStop(): Promise<TestHome> {
  const home = await startHome()
  await home.stop()
  return home
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // a TCP server that listens has one
  return `http://127.0.0.1:${port}`
}

/** What is made when the first asks, and ended if it was made. */
function once<T>(make: () => Promise<T>) {
  let made: Promise<T> | null = null
  return {
    get: (): Promise<T> => (made ??= make()),
    end: async (end: (thing: T) => Promise<void>): Promise<void> => {
      await made?.then(end, () => undefined)
    },
  }
}
