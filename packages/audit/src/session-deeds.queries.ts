import type { Store } from '@gatehouse/database'

/** One thing that was done in a session. */
export interface SessionDeed {
  readonly id: string
  readonly at: Date
  readonly action: string
  readonly outcome: string
  readonly resource_type: string | null
  readonly resource_id: string | null
}

/** What was done in one session, oldest first; at most `limit`. */
export const selectDeedsOf = async (
  db: Store,
  { sessionId, limit }: { readonly sessionId: string; readonly limit: number },
): Promise<SessionDeed[]> => {
  const rows = await db
    .selectFrom('audit_entry')
    .select(['id', 'at', 'action', 'outcome', 'resource_type', 'resource_id'])
    .where('session_id', '=', sessionId)
    .orderBy('at')
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ ...row, at: new Date(row.at), action: String(row.action), outcome: String(row.outcome) }))
}
