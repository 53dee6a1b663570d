import type { OperationName } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'

/** When an operation last ran to its end, by whomever; the audit log knows. Null: never. */
export async function findLastRun(db: Store, operation: OperationName): Promise<Date | null> {
  const row = await db
    .selectFrom('audit_entry')
    .select('at')
    .where('action', '=', operation)
    .where('outcome', '=', 'allowed')
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : new Date(row.at)
}
