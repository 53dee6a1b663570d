import { sql } from 'kysely'
import type { Store } from './store.ts'

/** A column of a table, by their names. */
export interface ColumnName {
  readonly table: string
  readonly column: string
}

/** So many values of each column are looked at: what is written there is written in one form. */
const valuesSeen = 100
/** They are looked for in so many rows: a long table whose column is empty would be read to its end. */
const rowsSeen = 10_000

/** Columns of bytes with values that begin so. Only the beginnings are looked at, and none of them is answered. */
export async function selectColumnsBeginning(db: Store, head: Uint8Array): Promise<ColumnName[]> {
  const columns = await selectByteColumns(db)
  if (columns.length === 0) return []
  const looks = columns.map(
    ({ table, column }) => sql`
      select ${table}::text as "table", ${column}::text as "column" where exists (
        select from (
          select value from (
            select ${sql.ref(column)} as value from ${sql.table(table)} limit ${rowsSeen}::int) as rows_seen
          where value is not null limit ${valuesSeen}::int) as looked_at
        where substring(value from 1 for ${head.length}::int) = ${Buffer.from(head)}::bytea)`,
  )
  const { rows } = await sql<ColumnName>`${sql.join(looks, sql` union all `)}`.execute(db)
  return rows
}

/** Columns of bytes that this process can read, in the order of their names. */
async function selectByteColumns(db: Store): Promise<ColumnName[]> {
  const { rows } = await sql<ColumnName>`
    select c.relname as "table", a.attname as "column" from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and a.attnum > 0 and not a.attisdropped and a.atttypid = 'bytea'::regtype
      and has_column_privilege(c.oid, a.attnum, 'select')
    order by 1, 2`.execute(db)
  return rows
}
