import { sql, type Kysely } from 'kysely'

/**
 * What witnesses co-signed, and how far each has come; exports that go on from an older checkpoint or have pseudonyms
 * for people.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table audit_witness (name text primary key, size bigint not null default 0, due_at timestamptz not null,
      claim uuid, claimed_until timestamptz, failures integer not null default 0, failing_since timestamptz,
      last_error text, signed_at timestamptz);
    create table audit_cosignature (size bigint not null, witness text not null, line text not null,
      time bigint not null, created_at timestamptz not null, primary key (size, witness));

    alter table audit_export add column since bigint, add column pseudonyms boolean not null default false;
  `)
    .execute(db)
}
