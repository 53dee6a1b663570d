import { sql, type Kysely } from 'kysely'

/** What is due next is asked every second: its two halves, each in the order in which they come due. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create index lease_due_first on lease (backend, due_at) where due_at is not null and attempts = 0;
    create index lease_due_again on lease (backend, due_at) where due_at is not null and attempts > 0;
  `)
    .execute(db)
}
