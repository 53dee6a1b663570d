import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
  const removeTemporary = await takeTemporaryDirectory()
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
    await removeTemporary()
  }
}

/** What the tests leave in the temporary directory goes with the run, whoever made it and however it ended. */
async function takeTemporaryDirectory(): Promise<() => Promise<void>> {
  const before = process.env['TMPDIR']
  const directory = await mkdtemp(join(tmpdir(), 'gh-run-'))
  await chmod(directory, 0o711) // servers that refuse to run as root have their directories below it
  process.env['TMPDIR'] = directory
  return async () => {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
    await rm(directory, { recursive: true, force: true, maxRetries: 3 })
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
