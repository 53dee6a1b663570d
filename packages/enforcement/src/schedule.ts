import type { OperationName, Raw } from '@gatehouse/contract'

interface ScheduleOf<N extends OperationName> {
  /** The id of the schedule and of its workflow. */
  readonly id: string
  /** Five fields, in UTC. */
  readonly cron: string
  /** What the cron says, as seconds between two runs: how the worker knows that one is late. */
  readonly everySeconds: number
  readonly operation: N
  readonly input: Raw<N>
}

/** An internal operation that runs by the clock: by Temporal's schedule, and by the worker itself when that is late. */
export type Schedule = { readonly [N in OperationName]: ScheduleOf<N> }[OperationName]
