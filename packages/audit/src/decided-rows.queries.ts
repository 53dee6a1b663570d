import type { Transaction } from '@gatehouse/database'
import type { RowVersion } from '@gatehouse/enforcement'
import { sql, type RawBuilder } from 'kysely'

/** A decided row, and how firmly to hold it until the change is done. */
export interface HeldRow extends RowVersion {
  /** `update`: this change may write it. `share`: it must only stay as it was decided. */
  readonly hold: 'update' | 'share'
}

/**
 * Locks rows in one statement, in the given order, and returns the version each has now; a row that is gone is left
 * out.
 */
export async function holdRows(tx: Transaction, rows: readonly HeldRow[]): Promise<ReadonlyMap<string, string>> {
  const [only, ...more] = rows
  if (only === undefined) return new Map()
  const { rows: found } = await (more.length === 0 ? lockOf(only, 0) : lockInTurn(rows)).execute(tx)
  return new Map(found.map(({ key, version }) => [key, version]))
}

interface Found {
  readonly key: string
  readonly version: string
}

/** PostgreSQL locks no rows of a union, but those of each of its parts before. */
const lockInTurn = (rows: readonly HeldRow[]): RawBuilder<Found> => sql<Found>`
  with ${sql.join(rows.map((row, index) => sql`${sql.id(`row_${index}`)} as materialized (${lockOf(row, index)})`))}
  ${sql.join(
    rows.map((_, index) => sql`select key, version from ${sql.table(`row_${index}`)}`),
    sql` union all `,
  )}`

const lockOf = ({ table, id, hold }: HeldRow, index: number): RawBuilder<Found> =>
  sql<Found>`
    select ${sql.lit(String(index))} as key, xmin::text as version from ${sql.table(table)}
    where id = ${id} for ${sql.raw(hold)}`
