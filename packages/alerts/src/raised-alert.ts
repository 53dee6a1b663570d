import type { AlertFacts, AlertKind, AlertSeverity, ResourceType } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'

/** Something that a person has to look at. */
export interface AlertToRaise<K extends AlertKind = AlertKind> {
  readonly kind: K
  /** Absent: what its kind says. */
  readonly severity?: AlertSeverity
  readonly about: { readonly type: ResourceType; readonly id: string }
  /** Of two alerts of a kind with the same key within the quiet time one is told, and the other counted. */
  readonly dedupeKey: string
  /** Absent: what its kind says, or the settings. */
  readonly quietMinutes?: number
  /** What the contract declares for the kind, and never a secret. */
  readonly facts: AlertFacts<K>
}

/** What came of it. */
export interface RaisedAlert {
  readonly id: string
  /** How often it was raised by now. */
  readonly count: number
  /** Whether channels are told, or it was only counted. */
  readonly told: boolean
  /** Messages that wait for channels now; none: there is no channel that would take it. */
  readonly messages: number
}

/**
 * Raises an alert in the caller's transaction: the alert, one message for each channel and the entry of the audit log
 * are there exactly if what it tells of is. Nothing is sent before the commit, and nobody waits for what is sent after
 * it. May be done again with the transaction.
 */
export type RaiseAlert = <K extends AlertKind>(tx: Transaction, alert: AlertToRaise<K>) => Promise<RaisedAlert>
