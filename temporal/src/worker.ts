import { setTimeout as sleep } from 'node:timers/promises'
import { taskQueue } from '@gatehouse/contract'
import type { Sealer } from '@gatehouse/enforcement'
import type { Sampler } from '@gatehouse/kit/tracing'
import {
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type LogEntry,
  type WorkflowBundle,
} from '@temporalio/worker'
import { receivesRequest } from './request-interceptors.ts'
import { saysItLives } from './says-it-lives.ts'
import type { RunningWorkflows, Standing } from './client.ts'
import { connectionOptions, identityOf, type TemporalAddress } from './connection.ts'
import { dataConverterFor } from './data-converter.ts'
import { workflowCode } from './workflow-bundle.ts'
import type { GatehouseActivities } from './workflows/activity-types.ts'

export interface TemporalWorkerOptions {
  readonly temporal: TemporalAddress
  readonly sealer: Sealer
  /** Which activities are recorded as part of a trace. */
  readonly sampler: Sampler
  readonly newRequestId: () => string
  readonly activities: GatehouseActivities
  readonly workflows: Pick<RunningWorkflows, 'ensureStanding'>
  readonly standing: Standing
  readonly onLog: (level: 'info' | 'warn' | 'error', message: string, error?: unknown) => void
}

/** A worker that comes and goes with Temporal. */
export interface TemporalWorker {
  /** True while it polls. */
  connected(): boolean
  stop(): Promise<void>
}

/** Pause before Temporal is tried again. A dev server is back within seconds, and an empty try costs nothing. */
const reconnectMilliseconds = 2000

/**
 * What must always be running is looked after so often: somebody may have terminated it, or started Temporal with an
 * empty store.
 */
const ensureEveryMilliseconds = 30_000

const activitiesParallelMax = 16

/** Starts polling as soon as Temporal answers and again whenever it comes back. Resolves at once. */
export function startTemporalWorker(options: TemporalWorkerOptions): TemporalWorker {
  const { onLog } = options
  const stopping = new AbortController()
  let current: Worker | null = null
  installLogger(onLog)

  const serveOnce = async (workflowBundle: WorkflowBundle): Promise<void> => {
    const connection = await NativeConnection.connect(connectionOptions(options.temporal))
    try {
      await options.workflows.ensureStanding(options.standing)
      current = await createWorker(options, connection, workflowBundle)
      if (stopping.signal.aborted) return
      onLog('info', 'the worker polls Temporal')
      const keeping = keepStanding(options, stopping.signal)
      await current.runUntil(keeping)
    } finally {
      current = null
      await connection.close()
    }
  }

  const serve = async (): Promise<void> => {
    const workflowBundle = { code: await workflowCode(dataConverterFor(options.sealer).failureConverterPath) }
    let told = false
    while (!stopping.signal.aborted) {
      try {
        await serveOnce(workflowBundle)
        told = false
      } catch (error) {
        if (!stopping.signal.aborted && !told)
          onLog('warn', 'Temporal does not answer; leases are ended by the worker itself until it does', error)
        told = true
      }
      await sleep(reconnectMilliseconds, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }

  const done = serve().catch((error: unknown) => onLog('error', 'the workflow code cannot be loaded', error))
  return {
    connected: () => current !== null,
    stop: async () => {
      stopping.abort()
      await done
    },
  }
}

const createWorker = (
  { temporal, sealer, sampler, newRequestId, activities }: TemporalWorkerOptions,
  connection: NativeConnection,
  workflowBundle: WorkflowBundle,
): Promise<Worker> =>
  Worker.create({
    connection,
    namespace: temporal.namespace,
    taskQueue,
    workflowBundle,
    activities: { ...activities },
    identity: identityOf('worker'),
    dataConverter: dataConverterFor(sealer),
    interceptors: { activity: [saysItLives, receivesRequest({ sealer, sampler, newRequestId })] },
    maxConcurrentActivityTaskExecutions: activitiesParallelMax,
    shutdownGraceTime: '1 second',
    shutdownForceTime: '1500 ms',
  })

/** Resolves when the worker is to stop; rejects when Temporal has gone for good, so that a new connection is made. */
async function keepStanding({ workflows, standing }: TemporalWorkerOptions, signal: AbortSignal): Promise<void> {
  let failures = 0
  while (!signal.aborted) {
    await sleep(ensureEveryMilliseconds, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    try {
      await workflows.ensureStanding(standing)
      failures = 0
    } catch (error) {
      failures += 1
      if (failures > 2) throw error
    }
  }
}

let installed = false // Temporal's runtime is one per process by its own design

function installLogger(onLog: TemporalWorkerOptions['onLog']): void {
  if (installed) return
  installed = true
  Runtime.install({
    shutdownSignals: [], // the process decides when it ends, and stops its worker in order
    logger: new DefaultLogger('WARN', ({ level, message, meta }: LogEntry) =>
      onLog(level === 'ERROR' ? 'error' : 'warn', message, meta?.['error']),
    ),
    telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } } },
  })
}
