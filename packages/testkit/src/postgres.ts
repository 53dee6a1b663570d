import { randomBytes } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crampedDisk } from './cramped-disk.ts'
import { freePort } from './free-port.ts'
import { startGuarded } from './guarded-process.ts'
import {
  SUPERUSER,
  ensureDatabase,
  postgresCommand,
  prepareCluster,
  waitForPostgres,
  withConnection,
} from './postgres-cluster.ts'

/** A database of one test file, as two logins see it. */
export interface TestDatabase {
  /** In its cluster. */
  readonly name: string
  /** The login the gateway and the worker run under. */
  readonly url: string
  /** The superuser's login, who owns the tables. */
  readonly adminUrl: string
  /** Removes the database, cutting off whoever is still connected. */
  drop(): Promise<void>
}

/** A database with today's tables, one with nothing in it, or a copy of another one that nobody is connected to. */
export type StartingPoint = 'migrated' | 'empty' | { readonly copyOf: string }

/** What it takes to make databases in a cluster. */
export interface ClusterLogins {
  readonly superuserUrl: string
  readonly runtimeLogin: string
  readonly runtimePassword: string
}

/** A throw-away PostgreSQL cluster. */
export interface TestPostgres {
  readonly logins: ClusterLogins
  createDatabase(from?: StartingPoint): Promise<TestDatabase>
  stop(): Promise<void>
}

const TEMPLATE = 'gatehouse_template'
const RUNTIME_LOGIN = 'gatehouse_runtime'
const READY_TIMEOUT_MS = 60_000
// What is lost in a power cut was thrown away anyway; without the first three a test waits for the disk. Prepared
// transactions stand on servers of others, and are off by default.
const THROW_AWAY_FLAGS = [
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'max_prepared_transactions=4',
].flatMap((setting) => ['-c', setting])

/** The tablespace on the small disk of a PostgreSQL that has one. */
const CRAMPED = 'cramped'

/**
 * Starts a PostgreSQL of its own in a temporary directory. It ends with this process at the latest. `lasting` waits for
 * the disk, as a benchmark must. `diskMegabytes`: its databases lie on a disk of that size, which can be filled.
 */
export const startPostgres = async ({
  durability = 'throw-away',
  diskMegabytes,
}: { readonly durability?: 'lasting' | 'throw-away'; readonly diskMegabytes?: number } = {}): Promise<TestPostgres> => {
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-postgres-'))
  const password = randomBytes(18).toString('base64url')
  const cluster = await prepareCluster({ directory, password, durability })
  const port = await freePort()
  const log = openSync(join(directory, 'postgres.log'), 'a')
  const disk = diskMegabytes === undefined ? null : await crampedDisk(diskMegabytes, cluster.account)
  const command = postgresCommand(cluster, { port, flags: durability === 'lasting' ? [] : THROW_AWAY_FLAGS })
  const server = startGuarded({ ...(disk === null ? command : disk.startedBy(command)), log, stopSignal: 'INT' })
  closeSync(log)
  const logins = {
    superuserUrl: `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`,
    runtimeLogin: RUNTIME_LOGIN,
    runtimePassword: password,
  }
  const stop = async () => {
    await server.stop()
    await disk?.remove()
    await rm(directory, { recursive: true, force: true })
  }
  try {
    await waitForPostgres({ url: logins.superuserUrl, ended: server.ended, timeoutMs: READY_TIMEOUT_MS })
    await makeTemplate(logins)
    if (disk !== null) await makeTablespace(logins, disk.path)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    logins,
    createDatabase: (from = 'migrated') => createDatabaseIn(logins, from, disk === null ? undefined : CRAMPED),
    stop,
  }
}

/** Makes a fresh database in a running cluster. */
export const createDatabaseIn = async (
  logins: ClusterLogins,
  from: StartingPoint,
  tablespace?: string,
): Promise<TestDatabase> => {
  const name = `test_${randomBytes(6).toString('hex')}`
  const template = templateOf(from)
  const where = tablespace === undefined ? '' : ` TABLESPACE ${tablespace}`
  // Copied as files, a third of the work of copying through the log, which nobody here recovers from.
  await withConnection(logins.superuserUrl, (client) =>
    client.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy${where}`),
  )
  return {
    name,
    url: runtimeUrl(logins, name),
    adminUrl: databaseUrl(logins.superuserUrl, name),
    drop: () =>
      withConnection(
        logins.superuserUrl,
        async (client) => void (await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
      ),
  }
}

const templateOf = (from: StartingPoint): string => {
  if (typeof from === 'object') return from.copyOf
  return from === 'migrated' ? TEMPLATE : 'template0'
}

const makeTablespace = (logins: ClusterLogins, path: string): Promise<void> =>
  withConnection(
    logins.superuserUrl,
    async (client) => void (await client.query(`CREATE TABLESPACE ${CRAMPED} LOCATION '${path}'`)),
  )

// Migrated once; a copy of it takes a tenth of the time.
const makeTemplate = async (logins: ClusterLogins): Promise<void> => {
  // Loaded only here: who starts servers in earnest shall not need the whole of it.
  const { migrate } = await import('@gatehouse/database')
  await ensureDatabase(logins.superuserUrl, TEMPLATE)
  await migrate(databaseUrl(logins.superuserUrl, TEMPLATE), runtimeUrl(logins, TEMPLATE))
}

const databaseUrl = (url: string, name: string): string => url.replace(/[^/]*$/, name)

const runtimeUrl = (logins: ClusterLogins, name: string): string => {
  const url = new URL(databaseUrl(logins.superuserUrl, name))
  url.username = logins.runtimeLogin
  url.password = logins.runtimePassword
  return url.href
}
