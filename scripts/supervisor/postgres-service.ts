import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  SUPERUSER,
  bySocket,
  clusterData,
  clusterProcesses,
  endProcess,
  ensureDatabase,
  identifyProcess,
  postgresCommand,
  prepareCluster,
  socketName,
  waitForPostgres,
} from '@gatehouse/testkit/servers'
import type { PostgresCluster } from '@gatehouse/testkit/servers'
import type { Service } from './child.ts'
import { spawnChild } from './child.ts'
import { keptPassword, openLog } from './home.ts'
import type { Home } from './home.ts'
import { StartError } from './settings.ts'

/** The two logins of a database: the one that runs, and the superuser's. */
export interface DatabaseUrls {
  readonly url: string
  readonly adminUrl: string
  /** How our own processes reach it by the first; absent: as everybody does. */
  readonly ownUrl?: string
}

const DATABASE = 'gatehouse'
const RUNTIME_LOGIN = 'gatehouse_runtime'
const READY_TIMEOUT_MS = 120_000 // after a kill it may have a long write-ahead log to go through
const ORPHAN_PLAN = [
  { signal: 'SIGQUIT', waitMs: 2_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
] as const

/** The URLs under which the embedded database of this state directory answers. */
export const embeddedUrls = (home: Home, port: number): DatabaseUrls => {
  const url = (login: string, password: string) => `postgres://${login}:${password}@127.0.0.1:${port}/${DATABASE}`
  const runtimeUrl = url(RUNTIME_LOGIN, keptPassword(home, 'postgres-runtime'))
  return {
    url: runtimeUrl,
    adminUrl: url(SUPERUSER, keptPassword(home, 'postgres-superuser')),
    ownUrl: bySocket(runtimeUrl, clusterData(home.postgres)),
  }
}

/** The embedded PostgreSQL of this state directory. */
export const postgresService = (home: Home, port: number, urls: DatabaseUrls): Service => {
  let cluster: PostgresCluster | null = null
  const superuserUrl = urls.adminUrl.replace(/[^/]*$/, 'postgres') // the database that is always there
  return {
    name: 'postgres',
    needs: [],
    prepare: async () => {
      cluster = await prepareCluster({
        directory: home.postgres,
        password: keptPassword(home, 'postgres-superuser'),
        durability: 'lasting',
      })
      await clearOrphans(cluster, port)
    },
    spawn: () => {
      if (cluster === null) throw new StartError('PostgreSQL was to be started before it was set up')
      const started = spawnChild({
        ...postgresCommand(cluster, { port }),
        name: 'postgres',
        log: openLog(home, 'postgres'),
        bond: 'free',
      })
      const ended = started.ended.then(() => undefined)
      const ready = waitForPostgres({ url: superuserUrl, ended, timeoutMs: READY_TIMEOUT_MS }).then(() =>
        ensureDatabase(superuserUrl, DATABASE),
      )
      return { ...started, ready }
    },
  }
}

// When PostgreSQL's first process is killed, its others end by themselves, but one in the middle of a statement takes
// its time, and no
// new server starts while one is left. A lock file whose number has meanwhile gone to a stranger would stop it for
// ever.
// Removing that file is safe only here: we hold the state directory's lock, and have just seen that nobody has the
// files open.
const clearOrphans = async (cluster: PostgresCluster, port: number): Promise<void> => {
  const orphans = (await clusterProcesses(cluster.data)).map(identifyProcess).filter((identity) => identity !== null)
  const ended = await Promise.all(orphans.map((orphan) => endProcess(orphan, ORPHAN_PLAN)))
  if (ended.includes(false))
    throw new StartError(`processes of an earlier PostgreSQL do not end: ${orphans.map(({ pid }) => pid).join(', ')}`)
  if (process.platform !== 'linux') return
  for (const lock of ['postmaster.pid', `${socketName(port)}.lock`]) await rm(join(cluster.data, lock), { force: true })
}
