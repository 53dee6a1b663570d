import { sql, type Kysely } from 'kysely'
import { placingWithValues } from './151-values-wait-with-their-entry.ts'
import { readable, unread } from './152-nothing-holds-up-the-queue.ts'
import { intake } from './154-lone-entries-by-a-view.ts'

/** Sixteen times the longest entry that is made. */
const entryBytesMax = 1_048_576

/** A longer one fails as a text does that is no JSON, before any of it is read. */
export const reads = `(case when octet_length(entry) <= ${entryBytesMax} then entry else '' end)::jsonb`

/**
 * As 152. A list of seventeen million numbers, 34 MB of text, was more than the database can hold at once, and it says
 * so by an error that stands for mistakes of its own: nothing behind it had a place any more, for good.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const place = placingWithValues({ ...unread, reads })
  const come = intake(`
      and octet_length(entry) <= ${entryBytesMax}`)
  for (const statement of [readable(reads), place, come]) await sql.raw(statement).execute(db)
}
