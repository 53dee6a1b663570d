import { taskQueue, workflowIds } from '@gatehouse/contract'
import type { RowClock, Schedule, Sealer, Sweep, Workflows } from '@gatehouse/enforcement'
import {
  Client,
  Connection,
  ScheduleAlreadyRunning,
  ScheduleOverlapPolicy,
  type ScheduleOptions,
} from '@temporalio/client'
import { connectionOptions, identityOf, type TemporalAddress } from './connection.ts'
import { dataConverterFor } from './data-converter.ts'
import { openPayload, type OpenedPayload } from './payload-codec.ts'
import { sendsRequest } from './request-interceptors.ts'
import { changed, leaseExpiry, leaseRevocation, rowClock, scheduled, wake } from './workflows/index.ts'

export interface WorkflowsOptions {
  readonly temporal: TemporalAddress
  readonly sealer: Sealer
  readonly process: 'gateway' | 'worker'
  /** Told of what could not be started; the worker's own fallback does the work meanwhile. */
  readonly onError: (error: unknown) => void
}

/** What must always be there: a workflow for each sweep and for each row with a clock, and the schedules. */
export interface Standing {
  readonly sweeps: readonly Pick<Sweep, 'name'>[]
  readonly clocks: readonly Pick<RowClock, 'kind' | 'livingIds'>[]
  readonly schedules: readonly Schedule[]
}

/** The client of Temporal. Connects at the first call; whoever calls never waits long and never sees a failure. */
export interface RunningWorkflows extends Workflows {
  /** Starts what must always be running. Throws while Temporal is away. */
  ensureStanding(standing: Standing): Promise<void>
  /** Opens payloads that were sealed for Temporal; null for one that was not, or not under this key. */
  open(sealed: readonly Uint8Array[]): readonly (OpenedPayload | null)[]
  /** Throws unless Temporal answers. */
  ping(): Promise<void>
  close(): Promise<void>
}

/** A call takes milliseconds; a Temporal that hangs must not pile up callers. */
const callMilliseconds = 3000

/** Opens the client. Nothing is sent yet. */
export function createWorkflows({ temporal, sealer, process, onError }: WorkflowsOptions): RunningWorkflows {
  const connection = Connection.lazy({ ...connectionOptions(temporal), connectTimeout: callMilliseconds })
  const client = new Client({
    connection,
    namespace: temporal.namespace,
    identity: identityOf(process),
    dataConverter: dataConverterFor(sealer),
    interceptors: { workflow: [sendsRequest(sealer)] },
  })

  const soon = <T>(call: () => Promise<T>): Promise<T> =>
    connection.withDeadline(new Date(performance.timeOrigin + performance.now() + callMilliseconds), call)
  const quietly = async (call: () => Promise<unknown>): Promise<void> => {
    try {
      await soon(call)
    } catch (error) {
      onError(error)
    }
  }

  // a second start of what runs is the first one
  const standing = {
    taskQueue,
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  } as const

  return {
    // ids, types and arguments are as the first sweeps, which are of leases, have them in running systems' histories
    retry: (sweep, item) =>
      quietly(() =>
        client.workflow.start(leaseRevocation, {
          ...standing,
          workflowId: workflowIds.leaseRevocation(item),
          args: [{ leaseId: item, backend: sweep }],
        }),
      ),
    wake: (sweep) => quietly(() => client.workflow.getHandle(workflowIds.leaseExpiry(sweep)).signal(wake)),
    follow: (kind, id) =>
      quietly(() =>
        client.workflow.signalWithStart(rowClock, {
          taskQueue,
          workflowIdReusePolicy: standing.workflowIdReusePolicy,
          workflowId: workflowIds.rowClock(kind, id),
          args: [{ kind, id }],
          signal: changed,
        }),
      ),
    ensureStanding: async ({ sweeps, clocks, schedules }) => {
      for (const { name } of sweeps)
        await soon(() =>
          client.workflow.start(leaseExpiry, {
            ...standing,
            workflowId: workflowIds.leaseExpiry(name),
            args: [{ backend: name }],
          }),
        )
      for (const schedule of schedules) await soon(() => ensureSchedule(client, schedule))
      for (const { kind, id } of await soon(() => rowsWithoutWorkflow(client, clocks)))
        await soon(() =>
          client.workflow.start(rowClock, {
            ...standing,
            workflowId: workflowIds.rowClock(kind, id),
            args: [{ kind, id }],
          }),
        )
    },
    open: (sealed) => sealed.map((payload) => openPayload(sealer, payload)),
    ping: async () => {
      await soon(() => connection.workflowService.getSystemInfo({}))
    },
    close: () => connection.close(),
  }
}

/** Rows of one kind that are looked after so; those beyond it have the sweep, which looks at all of them. */
const livingRowsMax = 1000

/** The rest follow at the next look, half a minute later: a worker that starts does not wait for a thousand starts. */
const begunAtOnceMax = 50

/**
 * Rows whose workflow was never started, or is gone: Temporal was away, a process died in between, or somebody
 * terminated it. Temporal's own list may be behind; a second start of what runs is the first one.
 */
async function rowsWithoutWorkflow(
  client: Client,
  clocks: Standing['clocks'],
): Promise<readonly { readonly kind: RowClock['kind']; readonly id: string }[]> {
  const living = await Promise.all(
    clocks.map(async ({ kind, livingIds }) => (await livingIds(livingRowsMax)).map((id) => ({ kind, id }))),
  )
  const rows = living.flat()
  if (rows.length === 0) return []
  const running = new Set<string>()
  for await (const { workflowId } of client.workflow.list({ query: runningRowClocks })) running.add(workflowId)
  return rows.filter(({ kind, id }) => !running.has(workflowIds.rowClock(kind, id))).slice(0, begunAtOnceMax)
}

const runningRowClocks = `WorkflowType = 'rowClock' AND ExecutionStatus = 'Running'`

/** Brings a schedule to what the table says, whether it is there or not. */
async function ensureSchedule(client: Client, schedule: Schedule): Promise<void> {
  const options = scheduleOptions(schedule)
  try {
    await client.schedule.create(options)
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error
    await client.schedule
      .getHandle(schedule.id)
      .update((previous) => ({
        ...previous,
        spec: options.spec,
        action: options.action,
        policies: { ...previous.policies, ...options.policies },
      }))
  }
}

/**
 * A run that is still going when the next one is due is let finish; runs missed while Temporal was away are not made up
 * for.
 */
const scheduleOptions = ({ id, cron }: Schedule): ScheduleOptions => ({
  scheduleId: id,
  spec: { cronExpressions: [cron] },
  action: { type: 'startWorkflow', workflowType: scheduled, workflowId: id, taskQueue, args: [{ id }] },
  policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
})
