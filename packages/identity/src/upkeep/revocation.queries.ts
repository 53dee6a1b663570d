import type { Store } from '@gatehouse/database'
import { sql } from 'kysely'

export interface RevocationFigures {
  readonly size: number
  readonly oldest: Date | null
  readonly cleaned: number
  readonly lastCleanedAt: Date | null
}

/** The revoked tokens that have not expired yet, and how many have been forgotten since the beginning. */
export async function selectRevocationStats(db: Store, now: Date): Promise<RevocationFigures> {
  const { rows } = await sql<{ size: number; oldest: Date | null; cleaned: string; cleaned_at: Date | null }>`
    select (select count(*)::int from revoked_token where expires_at >= ${now}) as size,
      (select min(revoked_at) from revoked_token where expires_at >= ${now}) as oldest, cleaned, cleaned_at
    from revocation_cleaning where id = 1`.execute(db)
  const [row] = rows
  return {
    size: row?.size ?? 0,
    oldest: row?.oldest ?? null,
    cleaned: Number(row?.cleaned ?? 0),
    lastCleanedAt: row?.cleaned_at ?? null,
  }
}

/** Counts what a cleaning took away. */
export async function noteCleaning(db: Store, { count, now }: { count: number; now: Date }): Promise<void> {
  await db
    .updateTable('revocation_cleaning')
    .set({ cleaned: sql<string>`cleaned + ${count}`, cleaned_at: now })
    .where('id', '=', 1)
    .execute()
}
