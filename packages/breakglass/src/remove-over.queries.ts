import type { Transaction } from '@gatehouse/database'
import { sql } from 'kysely'

/** So many requests go in one transaction; what is left goes with the next run. */
const requestsAtOnce = 200

/** Removes what is over since the retention of its class and what no hold is over, and answers how many requests. */
export async function removeOver(tx: Transaction): Promise<number> {
  const { rows } = await sql<{ removed: number }>`
    select break_glass_remove(${requestsAtOnce}::int) as removed`.execute(tx)
  return rows[0]?.removed ?? 0
}
