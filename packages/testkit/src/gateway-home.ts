import { execFile, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inject } from 'vitest'
import { freePort } from './free-port.ts'
import { startGateway, stopGateway } from './gateway-process.ts'
import { inherited, type DevJson, type TestHome } from './home.ts'
import { createDatabaseIn } from './postgres.ts'
import { ServerSetupError } from './server-setup-error.ts'
import type { SeededDatabase } from './seeded-database.ts'
import type { TestTemporal } from './temporal.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where a test asks for the seeded database and its keys, which are made when the first one does. */
    readonly gatehouseSeeded: string
  }
}

/** What is known of one gateway without a supervisor: the same facts, and no other process. */
export type GatewayFacts = Omit<DevJson, 'processes'> & { readonly processes: { readonly gateway: number } }

/** One gateway on a database of its own in the run's PostgreSQL. */
export interface GatewayHome extends Pick<TestHome, 'home' | 'env' | 'remove'> {
  /** What is known of it; its process is the one that was started first. */
  dev(): GatewayFacts
  /** Kills the gateway with -9, and starts another one at the same place. */
  killGateway(): Promise<void>
}

/** How a test's gateway is to be started. */
export interface GatewayHomeOptions {
  /** Further environment, such as GATEHOUSE_CONFIG. */
  readonly env?: NodeJS.ProcessEnv
  /** A Temporal that answers; without it none does. */
  readonly temporal?: Pick<TestTemporal, 'address' | 'namespace'>
}

/**
 * Starts a gateway on a seeded database, with no worker beside it, for tests of what a gateway answers: that costs a
 * third of a whole system.
 */
export async function startGatewayHome(options: GatewayHomeOptions = {}): Promise<GatewayHome> {
  const { logins, name, directory, people } = await seededDatabase()
  const home = await mkdtemp(join(tmpdir(), 'gatehouse-home-'))
  await promisify(execFile)('cp', ['-a', `${directory}/.`, home])
  const { url, adminUrl, drop } = await createDatabaseIn(logins, { copyOf: name })
  const [port, unused] = await Promise.all([freePort(), freePort()])
  const { address, namespace } = options.temporal ?? { address: `127.0.0.1:${unused}`, namespace: 'default' }
  const env = { ...inherited(), GATEHOUSE_HOME: home, GATEHOUSE_PORT: String(port), ...options.env }
  const serve = (): Promise<ChildProcess> =>
    startGateway({ ...env, DATABASE_URL: url, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace })
  let gateway = await serve()
  const web = `http://localhost:${port}`
  const facts: GatewayFacts = {
    readyAt: new Date().toISOString(),
    urls: { web, graphql: `${web}/graphql`, trpc: `${web}/trpc`, temporalWeb: null },
    database: { url, adminUrl },
    temporal: { address, namespace },
    processes: { gateway: gateway.pid ?? 0 },
    ...people,
  }
  await writeFile(join(home, 'dev.json'), JSON.stringify(facts), { mode: 0o600 })
  const remove = async (): Promise<void> => {
    await stopGateway(gateway)
    await drop()
    await rm(home, { recursive: true, force: true })
  }
  const killGateway = async (): Promise<void> => {
    await stopGateway(gateway, 'SIGKILL')
    gateway = await serve()
  }
  return { home, env, dev: () => facts, killGateway, remove }
}

const seededDatabase = async (): Promise<SeededDatabase> => {
  const answer = await fetch(inject('gatehouseSeeded'))
  if (!answer.ok) throw new ServerSetupError(`the tests' database was not seeded: ${await answer.text()}`)
  return (await answer.json()) as SeededDatabase // our own set-up wrote it
}
