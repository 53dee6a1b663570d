import { closeSync, openSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './free-port.ts'
import { startGuarded } from './guarded-process.ts'
import type { GuardedProcess } from './guarded-process.ts'
import { ServerSetupError } from './server-setup-error.ts'
import { temporalArguments, temporalPath, temporalTestServerPath } from './temporal-tools.ts'

/** A real Temporal server of a test's own. */
export interface TestTemporal {
  readonly address: string
  readonly namespace: string
  readonly webUrl: string
  /** Starts it again on the same port and the same state, after `halt`. */
  resume(): Promise<void>
  /** Ends the server and keeps its state, as an outage does. */
  halt(): Promise<void>
  /** Ends it for good. */
  stop(): Promise<void>
}

const NAMESPACE = 'gatehouse'
const READY_TIMEOUT_MS = 60_000
const POLL_MS = 50

const say = (line: string): void => console.error(line)

/**
 * The path of the Temporal test server that skips time, for `TestWorkflowEnvironment.createTimeSkipping({ server: {
 * executable: { type: 'existing-path', path } } })`.
 */
export const timeSkippingTemporalPath = (): Promise<string> => temporalTestServerPath(say)

/** Starts a Temporal server in a temporary directory. It ends with this process at the latest. */
export const startTemporal = async (): Promise<TestTemporal> => {
  const [program, directory, port, uiPort] = await Promise.all([
    temporalPath(say),
    mkdtemp(join(tmpdir(), 'gatehouse-temporal-')),
    freePort(),
    freePort(),
  ])
  const webUrl = `http://127.0.0.1:${uiPort}`
  const launch = async (): Promise<GuardedProcess> => {
    const log = openSync(join(directory, 'temporal.log'), 'a')
    const args = temporalArguments({ file: join(directory, 'temporal.db'), port, uiPort, namespace: NAMESPACE })
    const started = startGuarded({ command: program, args, cwd: directory, log, stopSignal: 'TERM' })
    closeSync(log)
    await waitUntilReady(`${webUrl}/api/v1/namespaces/${NAMESPACE}`, started)
    return started
  }
  let server = await launch()
  return {
    address: `127.0.0.1:${port}`,
    namespace: NAMESPACE,
    webUrl,
    resume: async () => {
      server = await launch()
    },
    halt: () => server.stop(),
    stop: async () => {
      await server.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

const waitUntilReady = async (url: string, server: GuardedProcess): Promise<void> => {
  let over = false
  void server.ended.then(() => (over = true))
  const deadline = performance.now() + READY_TIMEOUT_MS
  while (!(await answers(url))) {
    if (over) throw new ServerSetupError('Temporal ended before it was ready')
    if (performance.now() > deadline)
      throw new ServerSetupError(`Temporal was not ready after ${READY_TIMEOUT_MS / 1000} s`)
    await sleep(POLL_MS)
  }
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    async (answer) => (await answer.body?.cancel(), answer.ok),
    () => false,
  )
