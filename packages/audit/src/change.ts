import type { EventName, OperationName } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { EntityUid, Permit } from '@gatehouse/enforcement'

/** What the entry says beyond the permit's own facts. Never a secret. */
export interface AuditNote {
  /** The thing that was made or changed, where it is not the decided resource (a create). */
  readonly resource?: EntityUid
  readonly workspace?: string | null
  readonly detail?: Readonly<Record<string, unknown>>
}

/** Says, from the result of the work, what the entry shall note. */
export type Noting<T> = (result: T) => AuditNote

/**
 * The only way to write. Runs the work in one transaction together with its audit entry: both are there or neither is.
 * The decided rows are read again `FOR UPDATE` (parents: `FOR SHARE`); if they have moved the decision is made once more on what is there now.
 * The work must not check out another connection.
 */
export interface Change {
  /** Work whose entry is the outcome `allowed`. */
  <N extends OperationName, T>(permit: Permit<N>, work: (tx: Transaction) => Promise<T>, note?: Noting<T>): Promise<T>
  /** Work before something outside is touched: the entry is an `intent`, closed by a later outcome, or as `unknown` after `deadlineSeconds`. */
  intent<N extends OperationName, T>(permit: Permit<N>, work: (tx: Transaction) => Promise<T>, note?: Noting<T>): Promise<T>
  /** A fact without a caller, recorded in the transaction that makes it true. */
  event(tx: Transaction, event: EventFacts): Promise<void>
}

export interface EventFacts {
  readonly name: EventName
  readonly resource: EntityUid
  readonly workspace?: string | null
  readonly detail?: Readonly<Record<string, unknown>>
}
