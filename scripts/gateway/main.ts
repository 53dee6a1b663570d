import { spawn } from 'node:child_process'
import { closeSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ServerSetupError, ensureProgramsBuilt, nodeFlags } from '@gatehouse/testkit/servers'
import { systemUrls } from '../supervisor/dev-file.ts'
import type { DevFile } from '../supervisor/dev-file.ts'
import { openHome, openLog, tailOf } from '../supervisor/home.ts'
import { isTaken } from '../supervisor/ports.ts'
import { PORT_VARIABLES, StartError, gatewayScheme, readHome, readPort } from '../supervisor/settings.ts'

// One more node of the system that `npm start` brought up: same database, Temporal and keys, another port.

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const TAIL_LINES = 20

const main = async (): Promise<number> => {
  const home = openHome(readHome(root, process.env))
  const dev = readDevFile(home.devFile)
  const port = await ownPort(dev)
  const log = openLog(home, `gateway-${port}`)
  const { gateway } = await ensureProgramsBuilt(root, { say: (line) => console.log(`gatehouse: ${line}`) })
  const scheme = await gatewayScheme(process.env, root)
  const child = spawn(process.execPath, [...nodeFlags, gateway], {
    cwd: root,
    env: {
      ...environmentWithoutOwner(),
      ...environmentOf(dev),
      GATEHOUSE_HOME: home.directory,
      GATEHOUSE_PORT: String(port),
      GATEHOUSE_DEV: '1',
      GATEHOUSE_SUPERVISED: '1',
    },
    detached: true,
    stdio: ['pipe', log.fd, log.fd, 'ipc'],
  })
  closeSync(log.fd)
  const stop = () => child.kill('SIGTERM')
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  process.once('disconnect', stop)
  child.on('message', (message) => {
    const ready = typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready'
    if (ready) console.log(readyLines({ scheme, port }, log.path))
  })
  const ending = await new Promise<{ readonly code: number | null; readonly how: string }>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve({ code, how: signal ?? `exit code ${code}` }))
  })
  if (ending.code !== 0) throw new StartError(`the gateway ended (${ending.how}):\n${tailOf(log, TAIL_LINES)}`)
  return 0
}

const readDevFile = (path: string): DevFile => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as DevFile // our own supervisor wrote it, whole or not at all
  } catch (cause) {
    throw new StartError(
      `no running system was found at ${path}: run \`npm start\` first, with the same GATEHOUSE_HOME`,
      { cause },
    )
  }
}

const ownPort = async (dev: DevFile): Promise<number> => {
  if (!process.env[PORT_VARIABLES.gateway])
    throw new StartError(
      `set ${PORT_VARIABLES.gateway} to a port of this gateway's own; the first one has ${new URL(dev.urls.web).port}`,
    )
  const port = readPort(process.env, PORT_VARIABLES.gateway, 0)
  if (await isTaken(port)) throw new StartError(`port ${port} is in use: set ${PORT_VARIABLES.gateway} to a free one`)
  return port
}

const environmentOf = (dev: DevFile): NodeJS.ProcessEnv => ({
  DATABASE_URL: dev.database.url,
  TEMPORAL_ADDRESS: dev.temporal.address,
  TEMPORAL_NAMESPACE: dev.temporal.namespace,
  ...(dev.urls.temporalWeb === null ? {} : { TEMPORAL_UI_URL: dev.urls.temporalWeb }),
})

const environmentWithoutOwner = (): NodeJS.ProcessEnv => {
  const { DATABASE_ADMIN_URL: _owner, ...rest } = process.env
  return rest
}

const readyLines = (place: Parameters<typeof systemUrls>[0], logPath: string): string => {
  const urls = systemUrls(place, null)
  return (
    `gatehouse: a further gateway is ready at ${urls.web} (GraphQL ${urls.graphql}, tRPC ${urls.trpc}); ` +
    `its log is ${logPath}\ngatehouse: Ctrl-C stops it`
  )
}

/** What a person can mend is said in words; anything else with its stack. */
const whatHappened = (error: unknown): string => {
  if (error instanceof StartError || error instanceof ServerSetupError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(`gatehouse: ${whatHappened(error)}`)
  process.exitCode = 1
}
if (process.connected) process.disconnect()
