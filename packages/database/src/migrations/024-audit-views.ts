import { sql, type Kysely } from 'kysely'

/** Searches of the audit log that people keep under a name. Their filters are the input of the search, as JSON text. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table audit_view (id uuid primary key, owner_id uuid not null references users on delete cascade,
      name text not null, filters text not null, shared boolean not null,
      created_at timestamptz not null, unique (owner_id, name));
    create index audit_view_created on audit_view (created_at desc, id desc);
  `)
    .execute(db)
}
