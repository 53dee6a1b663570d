import { sql } from 'kysely'
import type { Store } from './store.ts'

/**
 * Makes every column of a time keep milliseconds, which is what a `Date` holds. PostgreSQL's own microseconds would be
 * lost on the way out: a cursor made from a row would stand before that row, and a list would skip or repeat what was
 * written within its millisecond. Done after the migrations and not by them, so that a new table cannot forget it.
 */
export async function keepMilliseconds(tx: Store): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('gatehouse-milliseconds'))`.execute(tx)
  const { rows } = await sql<{ table: string; columns: string[] }>`
    select table_name as table, array_agg(column_name::text order by ordinal_position) as columns
    from information_schema.columns join information_schema.tables using (table_schema, table_name)
    where table_schema = 'public' and table_type = 'BASE TABLE'
      and data_type = 'timestamp with time zone' and datetime_precision <> 3
    group by table_name order by table_name`.execute(tx)
  for (const { table, columns } of rows) {
    const changes = columns.map((column) => sql`alter column ${sql.ref(column)} type timestamptz(3)`)
    await sql`alter table ${sql.table(table)} ${sql.join(changes)}`.execute(tx)
  }
}
