import type { Transaction } from '@gatehouse/database'
import type { RowVersion } from '@gatehouse/enforcement'
import { sql, type RawBuilder } from 'kysely'

/** A decided row, and how firmly to hold it until the change is done. */
export interface HeldRow extends RowVersion {
  /** `update`: this change may write it. `share`: it must only stay as it was decided. */
  readonly hold: 'update' | 'share'
}

/** Locks rows in one statement, in the given order, and returns the version each has now; a row that is gone is left out. */
export async function holdRows(tx: Transaction, rows: readonly HeldRow[]): Promise<ReadonlyMap<string, string>> {
  if (rows.length === 0) return new Map()
  const found = await sql<{ key: string; version: string }>`
    with ${sql.join(rows.map((row, index) => sql`${sql.id(`row_${index}`)} as materialized (${lockOf(row)})`))}
    ${sql.join(rows.map((_, index) => sql`select ${`${index}`}::text as key, version from ${sql.table(`row_${index}`)}`), sql` union all `)}`.execute(tx)
  return new Map(found.rows.map(({ key, version }) => [key, version]))
}

const lockOf = ({ table, id, hold }: HeldRow): RawBuilder<unknown> =>
  sql`select xmin::text as version from ${sql.table(table)} where id = ${id} for ${sql.raw(hold)}`
