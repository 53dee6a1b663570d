import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'

/** For how long entries stay, as it is kept. */
export interface RetentionRow {
  readonly days: number
  readonly break_glass_days: number
  readonly updated_at: Date | null
  /** Null: nobody has set anything, and it is as the settings say. */
  readonly updated_by: string | null
  /** RFC 3339; entries from before may be gone. */
  readonly pruned_before: string | null
}

/** What is kept; null: nobody has set anything, and nothing was removed yet. */
export async function findRetention(db: Store): Promise<RetentionRow | null> {
  const { rows } = await sql<RetentionRow>`
    select days, break_glass_days, updated_at, updated_by, pruned_before from audit_retention`.execute(db)
  return rows[0] ?? null
}

/** Entries from before this moment may be gone; null: nothing was removed yet. */
export const prunedBeforeOf = (row: RetentionRow | null): Date | null =>
  row === null || row.pruned_before === null ? null : new Date(row.pruned_before)

/** What is in force; `pruned_before` stays as it is. */
export async function upsertRetention(tx: Transaction, row: Omit<RetentionRow, 'pruned_before'>): Promise<void> {
  await sql`
    insert into audit_retention (one, days, break_glass_days, updated_at, updated_by)
    values (true, ${row.days}::int, ${row.break_glass_days}::int, ${row.updated_at}, ${row.updated_by})
    on conflict (one) do update set days = excluded.days, break_glass_days = excluded.break_glass_days,
      updated_at = excluded.updated_at, updated_by = excluded.updated_by`.execute(tx)
}

/** An entry's place in time. */
export interface TimePlace {
  readonly at: string
  readonly id: string
}

/** The oldest entries behind a place and before a moment, whatever holds them. */
export async function selectOldest(
  db: Store,
  { after, before, limit }: { readonly after: TimePlace; readonly before: Date; readonly limit: number },
): Promise<TimePlace[]> {
  const { rows } = await sql<TimePlace>`
    select at, id from audit_entry where at < ${before.toISOString()} and (at, id) > (${after.at}, ${after.id}::uuid)
    order by at, id limit ${limit}::int`.execute(db)
  return rows
}

/** Those of some entries that may go today. */
export async function selectOver(
  db: Store,
  ids: readonly string[],
  { days, breakGlassDays }: { readonly days: number; readonly breakGlassDays: number },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from audit_over(${[...ids]}::uuid[], ${days}::int, ${breakGlassDays}::int)`.execute(db)
  return rows.map(({ id }) => id)
}

/** Removes those of some entries that may go now, and answers their places in the tree. */
export async function removeEntries(tx: Transaction, ids: readonly string[]): Promise<number[]> {
  const { rows } = await sql<{ seq: string }>`select seq from audit_remove(${[...ids]}::uuid[])`.execute(tx)
  return rows.map(({ seq }) => Number(seq))
}
