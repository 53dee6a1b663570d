import { rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { endProcess } from '@gatehouse/testkit/servers'
import { applicationService } from './application-service.ts'
import type { Application } from './application-service.ts'
import { createBoard } from './board.ts'
import type { Board } from './board.ts'
import type { Service } from './child.ts'
import { parseSeedReport, systemUrls } from './dev-file.ts'
import type { DevFile, SeedReport } from './dev-file.ts'
import { runGatewayCommand } from './gateway-command.ts'
import { writeWhole } from './home.ts'
import type { Home } from './home.ts'
import { keep } from './keep.ts'
import type { Keeping } from './keep.ts'
import { STOP_ORDER, STOP_PLANS } from './leftovers.ts'
import { embeddedUrls, postgresService } from './postgres-service.ts'
import type { DatabaseUrls } from './postgres-service.ts'
import { readyBlock } from './ready-block.ts'
import { runRecorder } from './run-record.ts'
import { StartError, defaultHome } from './settings.ts'
import type { Settings } from './settings.ts'
import { temporalService } from './temporal-service.ts'

/** The files that our own two processes are started by. */
export interface Entries {
  readonly gateway: string
  readonly worker: string
}

/** The programs the supervisor runs. Its tests put stand-ins here. */
export interface Programs {
  /** Finds our own two, put together if they are not. */
  applications(say: (line: string) => void): Promise<Entries>
  /** Builds the web application unless it is built. */
  buildWeb(say: (line: string) => void): Promise<void>
}

/** What a running system needs to know. */
export interface SystemOptions {
  readonly settings: Settings
  readonly home: Home
  readonly programs: Programs
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/**
 * Starts everything, keeps it running until the signal, and stops it in order. Rejects, everything stopped, when it
 * cannot be kept.
 */
export const runSystem = async (options: SystemOptions): Promise<void> => {
  const stopping = new AbortController()
  const signal = AbortSignal.any([options.signal, stopping.signal])
  const servers = serversOf(options)
  const board = createBoard([...servers.map(({ name }) => name), 'gateway', 'worker'])
  const record = runRecorder(options.home)
  const crash = Promise.withResolvers<never>()
  const keepers: Promise<void>[] = []
  try {
    await Promise.race([crash.promise, bringUp({ ...options, signal }, { board, record, servers, crash, keepers })])
    await Promise.race([crash.promise, aborted(signal)])
  } catch (error) {
    if (!options.signal.aborted) throw error
  } finally {
    stopping.abort()
    rmSync(options.home.devFile, { force: true })
    options.say('stopping …')
    await stopAll(board)
    await Promise.all(keepers)
    record.remove()
    options.say('everything is stopped')
  }
}

interface Machinery {
  readonly board: Board
  readonly record: ReturnType<typeof runRecorder>
  readonly servers: readonly Service[]
  readonly crash: PromiseWithResolvers<never>
  /** Settled once nothing is kept any more. */
  readonly keepers: Promise<void>[]
}

const bringUp = async (options: SystemOptions, machinery: Machinery): Promise<void> => {
  const { board, servers } = machinery
  const { signal, say, settings, home } = options
  const started = performance.now()
  const urls = databaseUrls(home, settings)
  let publish = (): void => undefined // until all is up for the first time there is nothing to publish
  const keepUp = (service: Service) =>
    machinery.keepers.push(keepInBackground(service, machinery, { ...options, onUp: () => publish() }))

  servers.forEach(keepUp)
  const entries = options.programs.applications(say)
  entries.catch(() => undefined) // as the next one
  const web = options.programs.buildWeb(say)
  web.catch(() => undefined) // reported below, when it is waited for
  await board.allUp(['postgres'], signal)
  let seeded = await prepareDatabase(options, { urls, entry: (await entries).gateway })
  await web
  await board.allUp(['temporal'], signal)
  const adminPasswordChanged = () => {
    seeded = { ...seeded, admin: { ...seeded.admin, oneTimePassword: null } }
    publish()
  }
  applicationsOf(options, { urls, entries: await entries, adminPasswordChanged })
    .map((application) => applicationService(home, application))
    .forEach(keepUp)
  const everything = [...servers.map(({ name }) => name), 'gateway', 'worker'] as const
  await board.allUp(everything, signal)

  publish = () => {
    if (!signal.aborted && everything.every(board.isUp))
      writeWhole(home.devFile, `${JSON.stringify(devFile({ settings, urls, board, seeded }), null, 2)}\n`)
  }
  publish()
  const dev = devFile({ settings, urls, board, seeded })
  console.log(
    readyBlock({
      dev,
      devFile: readablePath(home.devFile),
      otherHome: settings.home === defaultHome(settings.root) ? null : home.directory,
      seconds: (performance.now() - started) / 1000,
      loopbackLimited: settings.loopbackLimited,
    }),
  )
}

const serversOf = ({ settings, home, say }: SystemOptions): readonly Service[] => [
  ...(settings.database
    ? []
    : [postgresService(home, settings.ports.postgres, embeddedUrls(home, settings.ports.postgres))]),
  ...(settings.temporal ? [] : [temporalService(home, settings, say)]),
]

const databaseUrls = (home: Home, settings: Settings): DatabaseUrls =>
  settings.database ?? embeddedUrls(home, settings.ports.postgres)

const keepInBackground = (
  service: Service,
  machinery: Machinery,
  options: Pick<SystemOptions, 'say' | 'signal'> & { readonly onUp: () => void },
): Promise<void> => {
  const startedAt = performance.now()
  const keeping: Keeping = {
    board: machinery.board,
    signal: options.signal,
    say: options.say,
    onSpawn: ({ name }, running) => machinery.record.note(name, running.identity),
    onUp: ({ name }, times) => {
      options.say(
        times === 0
          ? `${name} is up (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`
          : `${name} is up again (process ${machinery.board.running(name)?.identity.pid})`,
      )
      options.onUp()
    },
  }
  return keep(service, keeping).catch((error: unknown) => {
    if (!options.signal.aborted) machinery.crash.reject(error)
  })
}

const prepareDatabase = async (
  options: SystemOptions,
  { urls, entry }: { readonly urls: DatabaseUrls; readonly entry: string },
): Promise<SeedReport> => {
  const { settings, home, signal } = options
  const env = { ...childEnvironment(options, urls), DATABASE_ADMIN_URL: urls.adminUrl }
  const output = await runGatewayCommand(home, {
    root: settings.root,
    entry,
    args: ['prepare', ...(settings.seed === 'admin only' ? ['--empty'] : [])],
    env,
    signal,
  })
  try {
    return parseSeedReport(output)
  } catch (cause) {
    throw new StartError('the seed did not report its accounts as agreed', { cause })
  }
}

interface ApplicationParts {
  readonly urls: DatabaseUrls
  readonly entries: Entries
  readonly adminPasswordChanged: () => void
}

const applicationsOf = (
  options: SystemOptions,
  { urls, entries, adminPasswordChanged }: ApplicationParts,
): readonly Application[] => {
  const { settings } = options
  const env = childEnvironment(options, urls)
  const onMessage = (type: string) => {
    if (type === 'admin-password-changed') adminPasswordChanged()
  }
  const gatewayUrl = `${settings.scheme}://localhost:${settings.ports.gateway}`
  return [
    {
      name: 'gateway',
      needs: ['postgres'],
      root: settings.root,
      entry: entries.gateway,
      env,
      readyUrl: `${gatewayUrl}/readyz`,
      healthUrl: `${gatewayUrl}/healthz`,
      onMessage,
    },
    {
      name: 'worker',
      needs: ['postgres', 'temporal'],
      root: settings.root,
      entry: entries.worker,
      env,
      readyUrl: null,
      healthUrl: null,
      onMessage,
    },
  ]
}

const childEnvironment = ({ settings, home }: SystemOptions, urls: DatabaseUrls): NodeJS.ProcessEnv => {
  // What runs has no business with the login that owns the tables.
  const { DATABASE_ADMIN_URL: _owner, ...inherited } = process.env
  const webUrl = temporalWebUrl(settings)
  return {
    ...inherited,
    DATABASE_URL: urls.ownUrl ?? urls.url,
    TEMPORAL_ADDRESS: temporalAddress(settings),
    TEMPORAL_NAMESPACE: settings.namespace,
    ...(webUrl === null ? {} : { TEMPORAL_UI_URL: webUrl }),
    GATEHOUSE_HOME: home.directory,
    GATEHOUSE_PORT: String(settings.ports.gateway),
    GATEHOUSE_DEV: '1',
  }
}

const temporalAddress = (settings: Settings): string =>
  settings.temporal?.address ?? `127.0.0.1:${settings.ports.temporal}`

const temporalWebUrl = (settings: Settings): string | null =>
  settings.temporal ? settings.temporal.webUrl : `http://localhost:${settings.ports.temporalWeb}`

const devFile = ({
  settings,
  urls,
  board,
  seeded,
}: {
  readonly settings: Settings
  readonly urls: DatabaseUrls
  readonly board: Board
  readonly seeded: SeedReport
}): DevFile => {
  const pid = (name: Parameters<Board['running']>[0]) => board.running(name)?.identity.pid ?? null
  return {
    readyAt: new Date().toISOString(),
    urls: systemUrls({ scheme: settings.scheme, port: settings.ports.gateway }, temporalWebUrl(settings)),
    database: { url: urls.url, adminUrl: urls.adminUrl },
    temporal: { address: temporalAddress(settings), namespace: settings.namespace },
    processes: {
      supervisor: process.pid,
      gateway: pid('gateway'),
      worker: pid('worker'),
      postgres: pid('postgres'),
      temporal: pid('temporal'),
    },
    admin: seeded.admin,
    principals: seeded.principals,
  }
}

const stopAll = async (board: Board): Promise<void> => {
  for (const group of STOP_ORDER) {
    await Promise.all(
      group.map(async (name) => {
        const running = board.running(name)
        if (running && !(await endProcess(running.identity, STOP_PLANS[name])))
          throw new StartError(`${name} (process ${running.identity.pid}) does not end`)
      }),
    )
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

const readablePath = (path: string): string => {
  const short = relative(process.cwd(), path)
  return short.startsWith(join('..', '..')) ? path : short
}
