import type { Store } from '@gatehouse/database'
import type { Clock, Random } from '@gatehouse/enforcement'
import { closingEntry } from './closing-entry.ts'
import { insertEntries } from './entry.queries.ts'
import { claimOverdueIntents } from './intent.queries.ts'

/** Intents closed in one transaction. */
const intentsPerSweep = 100

/**
 * Closes intents whose outcome nobody wrote in time, as `unknown`: the process died, or the outside never answered. The
 * record then says
 * so, instead of leaving a question open for ever. Two nodes at once close each intent once.
 */
export async function closeOverdueIntents({
  db,
  clock,
  random,
}: {
  db: Store
  clock: Clock
  random: Random
}): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const overdue = await claimOverdueIntents(tx, clock.now(), intentsPerSweep)
    const entries = overdue.map((intent) => closingEntry({ intent, at: clock.now(), random }))
    if (entries.length > 0) await insertEntries(tx, { entries })
    return entries.length
  })
}
