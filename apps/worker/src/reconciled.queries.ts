import type { Store } from '@gatehouse/database'

/** When hosts were last reconciled by anybody; the audit record knows. */
export async function lastReconciledAt(db: Store): Promise<Date | null> {
  const row = await db
    .selectFrom('audit_entry')
    .select('at')
    .where('action', '=', 'sshHost.reconcile')
    .where('outcome', '=', 'allowed')
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : new Date(row.at)
}
