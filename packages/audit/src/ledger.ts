import type { CallFacts } from '@gatehouse/enforcement'

/** What stands in the audit log for one call so far. */
export interface Written {
  readonly state: 'none' | 'intent' | 'outcome'
  /** The intent that waits for its outcome. */
  readonly openIntent: string | null
}

/** Remembers, while a call is under way, what has been written under it. Shared by `change()` and the trail. */
export interface Ledger {
  of(call: CallFacts): Written
  note(call: CallFacts, written: Written): void
}

const nothing: Written = Object.freeze({ state: 'none', openIntent: null })

/**
 * A ledger forgets a call when the call itself is forgotten. The key is the call's own facts object, of which there is
 * one per call.
 */
export function createLedger(): Ledger {
  const calls = new WeakMap<CallFacts, Written>()
  return { of: (call) => calls.get(call) ?? nothing, note: (call, written) => void calls.set(call, written) }
}
