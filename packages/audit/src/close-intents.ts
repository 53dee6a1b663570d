import type { Store } from '@gatehouse/database'
import type { Clock, Random } from '@gatehouse/enforcement'
import { closingEntry } from './closing-entry.ts'
import { insertEntries } from './entry.queries.ts'
import { claimOverdueIntents } from './intent.queries.ts'
import { openCommitted } from './open-committed.ts'
import type { SubjectKeys } from './subject-keys.ts'

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
  subjectKeys,
}: {
  db: Store
  clock: Clock
  random: Random
  subjectKeys: SubjectKeys
}): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const overdue = await claimOverdueIntents(tx, clock.now(), intentsPerSweep)
    const entries = overdue.map((intent) =>
      closingEntry({
        intent: { ...intent, personal: openCommitted(subjectKeys.open, intent) ?? [] },
        at: clock.now(),
        random,
      }),
    )
    if (entries.length > 0) await insertEntries(tx, subjectKeys, { entries })
    return entries.length
  })
}
