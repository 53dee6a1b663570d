import type { Input } from '@gatehouse/contract'
import type { Enforcer, Schedule } from '@gatehouse/enforcement'
import { ApplicationFailure } from '@temporalio/common'
import type { GatehouseActivities } from '../workflows/activity-types.ts'

type Backend = Input<'lease.expire'>['backend']

/** What activities act through: internal operations of the enforcer, and nothing beside it. */
export interface ActivityDeps {
  readonly enforcer: Pick<Enforcer, 'internal'>
  /** A look at the rows, so that an operation is only called, and recorded, when there is something for it to do. */
  readonly nextDueInSeconds: (backend: Backend) => Promise<number | null>
  readonly backends: readonly Backend[]
  readonly schedules: readonly Schedule[]
  readonly newRequestId: () => string
  /** Told of failures in full; Temporal keeps only that there was one. */
  readonly onError: (error: unknown) => void
}

/** The activities over these ports. */
export const createActivities = (deps: ActivityDeps): GatehouseActivities => ({
  sweepDue: (backend) =>
    guarded(deps, async () => {
      const known = knownBackend(deps, backend)
      const next = await deps.nextDueInSeconds(known)
      if (next === null || next > 0) return next
      return (await deps.enforcer.internal('lease.expire', { backend: known }, deps.newRequestId())).nextDueInSeconds
    }),
  retryRevocation: ({ backend, leaseId }) =>
    guarded(deps, async () => {
      const { nextDueInSeconds } = await deps.enforcer.internal(
        'lease.expire',
        { backend: knownBackend(deps, backend), lease: leaseId },
        deps.newRequestId(),
      )
      return nextDueInSeconds
    }),
  runSchedule: (id) =>
    guarded(deps, async () => {
      const schedule = deps.schedules.find((one) => one.id === id)
      if (schedule === undefined) throw ApplicationFailure.nonRetryable('there is no such schedule')
      await deps.enforcer.internal(schedule.operation, schedule.input, deps.newRequestId())
    }),
})

function knownBackend({ backends }: ActivityDeps, name: string): Backend {
  const backend = backends.find((one) => one === name)
  if (backend === undefined) throw ApplicationFailure.nonRetryable('there is no such backend')
  return backend
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
