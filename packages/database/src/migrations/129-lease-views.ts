import { sql, type Kysely } from 'kysely'

/** Views of leases that people keep under a name. Their filters are the input of the list, as JSON text. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table lease_view (id uuid primary key, owner_id uuid not null references users on delete cascade,
      name text not null, filters text not null, created_at timestamptz not null, unique (owner_id, name));
  `)
    .execute(db)
}
