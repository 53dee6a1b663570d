import { spawn } from 'node:child_process'
import { chown, mkdir, open, readdir, readlink, rename, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { postgresBinaries } from './postgres-binaries.ts'
import { ServerSetupError } from './server-setup-error.ts'
import { postgresAccount } from './system-account.ts'
import type { SystemAccount } from './system-account.ts'

/** The superuser of an embedded cluster. */
export const SUPERUSER = 'postgres'

/** A cluster's files, ready to be served. */
export interface PostgresCluster {
  readonly bin: string
  readonly data: string
  readonly account: SystemAccount | null
}

/** How to run one server, without saying how its process is looked after. */
export interface ServerCommand {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly account: SystemAccount | null
}

const READY_POLL_MS = 25
const CONNECT_TIMEOUT_MS = 5_000
// Several nodes, a worker and a test's own connections; PostgreSQL's default of 100 is two busy gateways.
const CONNECTIONS_MAX = 300

/** Finds the cluster below `directory` or makes it, with the superuser's password; a half-made one is thrown away. */
export const prepareCluster = async (options: {
  readonly directory: string
  readonly password: string
  /** A cluster that is thrown away need not survive a power cut. */
  readonly durability: 'lasting' | 'throw-away'
}): Promise<PostgresCluster> => {
  const account = await postgresAccount()
  const bin = await postgresBinaries(account)
  const data = clusterData(options.directory)
  if (!(await exists(data))) {
    const unfinished = join(options.directory, 'data.unfinished')
    await rm(unfinished, { recursive: true, force: true })
    await mkdir(unfinished, { recursive: true, mode: 0o700 })
    if (account) await chown(unfinished, account.uid, account.gid)
    await initialise({ bin, data: unfinished, account }, options)
    await rename(unfinished, data)
  }
  return { bin, data, account }
}

/** Where the files of a cluster lie below its directory. */
export const clusterData = (directory: string): string => join(directory, 'data')

/**
 * The command that serves a cluster on 127.0.0.1, and by a socket in its data directory, which is closed to everybody
 * but its account and root. SIGINT stops it fast and cleanly.
 */
export const postgresCommand = (
  cluster: PostgresCluster,
  options: { readonly port: number; readonly flags?: readonly string[] },
): ServerCommand => ({
  command: join(cluster.bin, 'postgres'),
  args: [
    '-D',
    directoryArgument(cluster.data),
    '-p',
    String(options.port),
    ...settings({
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '.', // where it stands: see `directoryArgument`
      max_connections: String(CONNECTIONS_MAX),
    }),
    ...(options.flags ?? []),
  ],
  cwd: cluster.data,
  env: SERVER_ENVIRONMENT,
  account: cluster.account,
})

/** The longest path by which a socket can be opened: macOS keeps 104 bytes for it with a zero at the end, Linux 108. */
const SOCKET_PATH_BYTES_MAX = 103

/**
 * The same login by the server's own socket, for who runs beside it: the way there and back takes a third less than
 * through the network. As it was given where the path is too long for a socket.
 */
export const bySocket = (url: string, data: string): string => {
  const changed = new URL(url)
  if (Buffer.byteLength(join(data, socketName(changed.port))) > SOCKET_PATH_BYTES_MAX) return url
  changed.searchParams.set('host', data)
  return changed.toString()
}

/** The socket of a server, as PostgreSQL calls it. */
export const socketName = (port: number | string): string => `.s.PGSQL.${port}`

/** Waits until the server takes a query; fails when `ended` comes first or the time is over. */
export const waitForPostgres = async (options: {
  readonly url: string
  readonly ended: Promise<void>
  readonly timeoutMs: number
}): Promise<void> => {
  let over = false
  void options.ended.then(() => (over = true))
  const deadline = performance.now() + options.timeoutMs
  for (;;) {
    const failure = await tryConnection(options.url)
    if (failure === null) return
    if (over) throw new ServerSetupError('PostgreSQL ended before it was ready', { cause: failure })
    if (performance.now() > deadline)
      throw new ServerSetupError(`PostgreSQL was not ready after ${options.timeoutMs / 1000} s`, { cause: failure })
    await sleep(READY_POLL_MS)
  }
}

/** Makes a database unless it is there. */
export const ensureDatabase = (superuserUrl: string, name: string): Promise<void> =>
  withConnection(superuserUrl, async (client) => {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`)
  })

/** Runs one piece of work over a connection of its own. */
export const withConnection = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  // A server that is killed while the connection idles raises an event which, unheard, would end this process.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/**
 * Finds the processes that still have a cluster's files open after its first process was killed (Linux; elsewhere
 * PostgreSQL's own lock has to do).
 */
export const clusterProcesses = async (data: string): Promise<readonly number[]> => {
  if (process.platform !== 'linux') return []
  const numbers = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    numbers.map(async (pid) => ((await readlink(`/proc/${pid}/cwd`).catch(() => null)) === data ? pid : null)),
  )
  return found.filter((pid) => pid !== null)
}

// Nothing of the caller's environment: PGDATA and its kin would change what is served.
const SERVER_ENVIRONMENT: NodeJS.ProcessEnv = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

// The state directory is closed to everybody else, also to the account the server runs under. It is put into its data
// directory
// by us, before we give up being root, and calls it by this name ever after, so no parent directory has to be opened.
const directoryArgument = (data: string): string => (process.platform === 'linux' ? '/proc/self/cwd' : data)

const settings = (values: Readonly<Record<string, string>>): string[] =>
  Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`])

// Both sides of each connection work through the rounds of a password: a run makes some thousand.
const THROW_AWAY_ARGUMENTS = ['--no-sync', '--set=scram_iterations=1']

const initialise = async (
  cluster: PostgresCluster,
  options: { readonly password: string; readonly durability: 'lasting' | 'throw-away' },
): Promise<void> => {
  const password = await openPassword(`${cluster.data}.password`, options.password, cluster.account)
  try {
    await runInitdb(
      cluster,
      [
        `--pgdata=${directoryArgument(cluster.data)}`,
        `--username=${SUPERUSER}`,
        '--auth=scram-sha-256',
        '--pwfile=/dev/stdin',
        '--encoding=UTF8',
        // PostgreSQL's own collation sorts alike on every machine; the system's changes with its C library.
        '--no-locale',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        ...(options.durability === 'throw-away' ? THROW_AWAY_ARGUMENTS : []),
      ],
      password.fd,
    )
  } finally {
    await password.close()
  }
}

// initdb wants to open a file by name. It gets one it owns, already without a name: /dev/stdin leads to it and nothing
// else does.
const openPassword = async (path: string, password: string, account: SystemAccount | null) => {
  await writeFile(path, `${password}\n`, { mode: 0o600 })
  if (account) await chown(path, account.uid, account.gid)
  const file = await open(path)
  await unlink(path)
  return file
}

const runInitdb = (cluster: PostgresCluster, args: readonly string[], stdin: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(join(cluster.bin, 'initdb'), args, {
      cwd: cluster.data,
      env: SERVER_ENVIRONMENT,
      stdio: [stdin, 'pipe', 'pipe'],
      ...(cluster.account ? { uid: cluster.account.uid, gid: cluster.account.gid } : {}),
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.once('error', (cause) => reject(new ServerSetupError('PostgreSQL could not be set up', { cause })))
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new ServerSetupError(`PostgreSQL could not be set up:\n${output.trim()}`)),
    )
  })

const tryConnection = (url: string): Promise<unknown> =>
  withConnection(url, (client) => client.query('SELECT 1')).then(
    () => null,
    (error: unknown) => error ?? 'refused',
  )

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
