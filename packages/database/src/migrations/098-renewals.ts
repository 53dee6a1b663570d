import { sql, type Kysely } from 'kysely'

/** Until when a lease can be renewed, decided when it is issued; and who is renewing it just now. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw('alter table lease add column renewable_until timestamptz, add column renewing_until timestamptz')
    .execute(db)
}
