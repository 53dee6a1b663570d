import { setTimeout as sleep } from 'node:timers/promises'

/** A conflict that comes back so often is a design fault, not bad luck. */
const attemptsMax = 4
const pauseMillisecondsBase = 5

/** PostgreSQL: serialisation failure, deadlock. The transaction left nothing behind and may be run again. */
const conflicts: ReadonlySet<unknown> = new Set(['40001', '40P01'])

/** Runs a transaction again when another one was in its way. Throws the last failure after four attempts. */
export async function retryConflicts<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transaction()
    } catch (error) {
      if (attempt === attemptsMax || !isConflict(error)) throw error
      // each loser waits longer than the one before, so that two of them do not meet again
      await sleep(pauseMillisecondsBase * 2 ** attempt * (1 + (performance.now() % 1)))
    }
  }
}

const isConflict = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && conflicts.has(error.code)
