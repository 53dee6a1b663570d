import type { OperationName, Output, Raw } from '@gatehouse/contract'

/** Runs an internal operation, as the process that asks. */
export type RunInternal = <N extends OperationName>(name: N, raw: Raw<N>) => Promise<Output<N>>

/**
 * Work that comes due in rows: done by Temporal's workflows, and by the worker itself where they are late. Rows are the
 * truth, so that a lost workflow loses nothing.
 */
export interface Sweep {
  /** Its name in Temporal, for ever. */
  readonly name: string
  /** Seconds until there is something to do, below zero when that is late; null: nothing to come. */
  nextDueInSeconds(): Promise<number | null>
  /** Does what is due. Answers the seconds until there is more; null: nothing to come. */
  run(internal: RunInternal): Promise<number | null>
  /** Tries one thing again. Answers the seconds until its next try; null: it is done. */
  retry(internal: RunInternal, item: string): Promise<number | null>
}
