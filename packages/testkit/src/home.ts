import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'
import { ServerSetupError } from './server-setup-error.ts'

/** What `dev.json` holds. Told from outside, by the interface, not by our own types. */
export interface DevJson {
  readonly readyAt: string
  readonly urls: {
    readonly web: string
    readonly graphql: string
    readonly trpc: string
    readonly temporalWeb: string | null
  }
  readonly database: { readonly url: string; readonly adminUrl: string }
  readonly temporal: { readonly address: string; readonly namespace: string }
  readonly processes: Readonly<Record<'supervisor' | 'gateway' | 'worker' | 'postgres' | 'temporal', number>>
  readonly admin: { readonly username: string; readonly oneTimePassword: string | null }
  readonly principals: readonly {
    readonly username: string
    readonly password: string
    readonly totpSecret: string
    readonly role: string
    readonly teams: readonly string[]
  }[]
}

/** How a test's system is to be started. */
export interface HomeOptions {
  readonly empty?: boolean
  /** Further environment, such as GATEHOUSE_CONFIG. */
  readonly env?: NodeJS.ProcessEnv
  /** What to run instead of `npm start`'s own program. */
  readonly program?: string
}

/** A whole system in a state directory of its own, on ports of its own. */
export interface TestHome {
  readonly home: string
  /** The environment it was started with: give it to commands that are to find it. */
  readonly env: NodeJS.ProcessEnv
  /** Reads `dev.json` as it is now; throws while there is none. */
  dev(): DevJson
  /** All it has printed. */
  output(): string
  /** Starts it (again) and waits until it is ready. */
  start(): Promise<DevJson>
  /** Ends it as Ctrl-C does and answers its exit code. */
  stop(): Promise<number | null>
  /** Kills the supervisor with -9. */
  kill(): Promise<void>
  /** Ends it, if it runs, with everything it left running, and removes the state directory. */
  remove(): Promise<void>
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const READY_TIMEOUT_MS = 180_000
const POLL_MS = 50
// Variables of the person who runs the tests shall not reach the systems under test.
const OURS = /^(GATEHOUSE_|DATABASE_|TEMPORAL_|JWT_|CEDAR_|KMS_|MFA_|VAULT_)/

/** Starts a whole system as `npm start` does. Its supervisor ends, cleanly, with this process at the latest. */
export const startHome = async (options: HomeOptions = {}): Promise<TestHome> => {
  const home = await prepareHome(options)
  try {
    await home.start()
  } catch (error) {
    await home.remove()
    throw error
  }
  return home
}

/** Chooses a state directory and ports, and starts nothing yet. */
export const prepareHome = async (options: HomeOptions = {}): Promise<TestHome> => {
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-home-'))
  const env = { ...inherited(), ...(await environment(directory)), ...options.env }
  const args = [options.program ?? join(ROOT, 'scripts', 'start.mjs'), ...(options.empty ? ['--empty'] : [])]
  let printed = ''
  let running: { readonly ended: Promise<number | null>; readonly signal: (name: NodeJS.Signals) => void } | null = null
  // the interface under test; its fields are asserted where they matter
  const dev = (): DevJson => JSON.parse(readFileSync(join(directory, 'dev.json'), 'utf8')) as DevJson
  const stopWith = async (signal: NodeJS.Signals): Promise<number | null> => {
    running?.signal(signal)
    const code = running ? await running.ended : null
    running = null
    return code
  }
  const start = async (): Promise<DevJson> => {
    const from = printed.length
    const started = launch(args, env, (text) => (printed += text))
    running = started
    let over = false
    void started.ended.then(() => (over = true))
    const deadline = performance.now() + READY_TIMEOUT_MS
    while (!printed.slice(from).includes('Ctrl-C stops everything')) {
      if (over || performance.now() > deadline)
        throw new ServerSetupError(`the system did not become ready:\n${printed.slice(from)}`)
      await sleep(POLL_MS)
    }
    return dev()
  }
  return {
    home: directory,
    env,
    dev,
    output: () => printed,
    start,
    stop: () => stopWith('SIGINT'),
    kill: async () => void (await stopWith('SIGKILL')),
    remove: async () => {
      // What a killed supervisor left is taken over, and then stopped, by one more start of it.
      if (running === null && hasLeftovers(directory)) await start().catch(() => undefined)
      await stopWith('SIGINT')
      await rm(directory, { recursive: true, force: true })
    },
  }
}

const launch = (args: readonly string[], env: NodeJS.ProcessEnv, hear: (text: string) => void) => {
  // The channel ties it to us: when the test run is killed, the system stops.
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => hear(chunk.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  return { ended, signal: (name: NodeJS.Signals) => void child.kill(name) }
}

const environment = async (directory: string): Promise<NodeJS.ProcessEnv> => {
  const [gateway, postgres, temporal, temporalWeb] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  return {
    GATEHOUSE_HOME: directory,
    GATEHOUSE_PORT: String(gateway),
    GATEHOUSE_POSTGRES_PORT: String(postgres),
    GATEHOUSE_TEMPORAL_PORT: String(temporal),
    GATEHOUSE_TEMPORAL_UI_PORT: String(temporalWeb),
  }
}

/** Our own environment, without what a test's runner and the person who runs it put there. */
export const inherited = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !OURS.test(name) && !name.startsWith('VITEST') && name !== 'NODE_ENV',
    ),
  )

const hasLeftovers = (directory: string): boolean => {
  try {
    return readFileSync(join(directory, 'run.json'), 'utf8') !== ''
  } catch {
    return false // it was stopped cleanly, or never started
  }
}
