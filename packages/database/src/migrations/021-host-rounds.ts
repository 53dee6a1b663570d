import { sql, type Kysely } from 'kysely'

/** When a host was last compared with its leases, so that each has its turn however many there are. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw('alter table ssh_host add column compared_at timestamptz').execute(db)
}
