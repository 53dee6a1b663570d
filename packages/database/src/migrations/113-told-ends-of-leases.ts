import { sql, type Kysely } from 'kysely'

/** Which leases were told of before their end, each once; `alone`: by an alert of its own. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table lease_end_notice (lease_id uuid primary key references lease, told_at timestamptz not null,
      alone boolean not null);
    create index lease_end_notice_alone on lease_end_notice (told_at) where alone;
  `)
    .execute(db)
}
