import { operations, Refusal, type OperationName } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Clock } from '@gatehouse/enforcement'
import { selectRequiredDown } from './sink.queries.ts'

/** So old may be what is known of the required sinks: within a second a change is refused, or done again. */
const knownMilliseconds = 500

/**
 * Whoever repairs a sink, or takes the requirement off, has to log in and to prove a factor; and what comes due is
 * ended whatever happens.
 */
const goesOn = (name: OperationName): boolean =>
  operations[name].internal === true || name.startsWith('auth.') || name.startsWith('auditSink.')

/**
 * Refuses changes while a required sink does not take the audit log, before anything of them is done. Throws
 * `Refusal('unavailable')`.
 */
export function createSinkGate({
  db,
  clock,
}: {
  readonly db: Store
  readonly clock: Clock
}): (name: OperationName) => Promise<void> {
  let known: { readonly at: number; readonly down: Promise<readonly string[]> } | null = null
  const look = (): Promise<readonly string[]> => {
    const at = performance.now()
    if (known === null || at - known.at > knownMilliseconds) known = { at, down: selectRequiredDown(db, clock.now()) }
    return known.down
  }
  return async (name) => {
    if (goesOn(name) || (await look()).length === 0) return
    throw new Refusal('unavailable', {
      hint:
        'the audit log has to reach a sink that does not take it, and nothing is changed until it does; ' +
        'an Admin repairs it, or requires it no more: audit-sink list, audit-sink require --no-required',
    })
  }
}
