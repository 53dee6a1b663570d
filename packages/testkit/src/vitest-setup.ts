import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import type { TestProject } from 'vitest/node'
import { startMoto, type TestMoto } from './moto.ts'
import { startOpenBao, type TestOpenBao } from './openbao.ts'
import { startPostgres } from './postgres.ts'
import type { TestPostgres } from './postgres.ts'
import { removeSeeded, seedDatabase } from './seeded-database.ts'

/**
 * Offers one PostgreSQL to a whole test run, one seeded database that single gateways get copies of, and one of each
 * server that keeps keys. A run in which nobody asks for them starts none.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const postgres = once(startPostgres)
  const seeded = once(async () => seedDatabase((await postgres.get()).logins))
  const openBao = once(startOpenBao)
  const moto = once(startMoto)
  const offers: Readonly<Record<string, () => Promise<unknown>>> = {
    '/postgres': async () => (await postgres.get()).logins,
    '/seeded': seeded.get,
    '/openbao': async () => (await openBao.get()).facts,
    '/moto': async () => (await moto.get()).facts,
  }
  const server = createServer((request, response) => {
    const offer = offers[request.url ?? ''] ?? (() => Promise.reject(new TypeError(`nothing at ${request.url}`)))
    offer().then(
      (found) => response.end(JSON.stringify(found)),
      (error: unknown) => response.writeHead(500).end(inspect(error)),
    )
  })
  const origin = await listen(server)
  project.provide('gatehousePostgres', `${origin}/postgres`)
  project.provide('gatehouseSeeded', `${origin}/seeded`)
  project.provide('gatehouseKeyServers', origin)
  return async () => {
    server.close()
    server.closeAllConnections()
    await seeded.end(removeSeeded)
    await openBao.end((bao: TestOpenBao) => bao.stop())
    await moto.end((aws: TestMoto) => aws.stop())
    await postgres.end((cluster: TestPostgres) => cluster.stop())
  }
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
