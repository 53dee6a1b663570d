import { visitSecondsMax } from './visit-times.ts'

/** What one round over hosts may take. */
export interface RoundBudget {
  /** So many hosts are visited side by side; each visit is an `ssh` process. */
  readonly parallelMax: number
  /** After this the round is over: what still runs counts as failed, what was not begun is left for the next. */
  readonly seconds: number
  /** No visit is begun with less than this left of the round: it could not end in it. */
  readonly visitSeconds: number
}

/** How long a contact takes before and after what it does there: the name, the choice of an address, our own rows. */
const aroundVisitSeconds = 10

/**
 * One round over all hosts. A test checks what it rests on: the round ends within its intent's deadline, so that its
 * outcome finds its intent; that within the activity, so that Temporal does not start another meanwhile; and all of it
 * before the schedule's next run.
 */
export const roundBudget: RoundBudget = {
  parallelMax: 32,
  seconds: 105,
  visitSeconds: visitSecondsMax + aroundVisitSeconds,
}
