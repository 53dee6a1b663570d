import { sql, type Kysely } from 'kysely'

/** Exports of the audit log while they may be read: what was asked for, by whom, up to which checkpoint. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table audit_export (id uuid primary key, principal_id text not null, session_id text not null,
      format text not null, filters text not null, redacted boolean not null, proofs boolean not null,
      size bigint not null, checkpoint text, created_at timestamptz not null, expires_at timestamptz not null,
      finished_at timestamptz);
  `)
    .execute(db)
}
