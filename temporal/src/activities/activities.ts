import type { Enforcer, RowClock, RunInternal, Schedule, Sweep } from '@gatehouse/enforcement'
import { ApplicationFailure } from '@temporalio/common'
import type { GatehouseActivities } from '../workflows/activity-types.ts'

/** What activities act through: internal operations of the enforcer, and nothing beside it. */
export interface ActivityDeps {
  readonly enforcer: Pick<Enforcer, 'internal'>
  readonly sweeps: readonly Sweep[]
  readonly clocks: readonly RowClock[]
  readonly schedules: readonly Schedule[]
  readonly newRequestId: () => string
  /** Told of failures in full; Temporal keeps only that there was one. */
  readonly onError: (error: unknown) => void
}

/** The activities over these ports. */
export const createActivities = (deps: ActivityDeps): GatehouseActivities => ({
  sweepDue: (name) =>
    guarded(deps, async () => {
      const sweep = knownSweep(deps, name)
      // looked at first, so that an operation is only called, and recorded, when there is something for it to do
      const next = await sweep.nextDueInSeconds()
      return next === null || next > 0 ? next : sweep.run(internalOf(deps))
    }),
  retryRevocation: ({ backend, leaseId }) =>
    guarded(deps, () => knownSweep(deps, backend).retry(internalOf(deps), leaseId)),
  lookAtRow: ({ kind, id }) =>
    guarded(deps, async () => {
      const clock = deps.clocks.find((one) => one.kind === kind)
      if (clock === undefined) throw ApplicationFailure.nonRetryable('there are no such rows')
      const next = await clock.dueInSeconds(id)
      return next === null || next > 0 ? next : clock.run(internalOf(deps), id)
    }),
  runSchedule: (id) =>
    guarded(deps, async () => {
      const schedule = deps.schedules.find((one) => one.id === id)
      if (schedule === undefined) throw ApplicationFailure.nonRetryable('there is no such schedule')
      await deps.enforcer.internal(schedule.operation, schedule.input, deps.newRequestId())
    }),
})

/** Each operation is a request of its own. */
const internalOf =
  ({ enforcer, newRequestId }: ActivityDeps): RunInternal =>
  (name, raw) =>
    enforcer.internal(name, raw, newRequestId())

function knownSweep({ sweeps }: ActivityDeps, name: string): Sweep {
  const sweep = sweeps.find((one) => one.name === name)
  if (sweep === undefined) throw ApplicationFailure.nonRetryable('there is no such sweep')
  return sweep
}

/** What went wrong stays here: messages of hosts and databases are not for the history, encrypted or not. */
async function guarded<T>({ onError }: ActivityDeps, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ApplicationFailure) throw error
    onError(error)
    throw ApplicationFailure.retryable("the operation failed; the worker's log has the cause")
  }
}
