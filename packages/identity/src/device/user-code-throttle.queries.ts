import type { Store } from '@gatehouse/database'
import { sql } from 'kysely'

/** Takes one guess off a count that is not at nothing. */
export async function giveBackGuess(db: Store, { kind, key }: { kind: string; key: string }): Promise<void> {
  await db.updateTable('guess_throttle').set({ failures: sql<number>`failures - 1` }).where('kind', '=', kind).where('key', '=', key).where('failures', '>', 0).execute()
}
