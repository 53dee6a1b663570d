import { sql, type Kysely } from 'kysely'

/**
 * Credentials that wait, sealed, for whoever brings their one token. What was opened, or whose lease has ended, keeps
 * its row without the credential: a second try is to be known for one.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table lease add column wrapped_until timestamptz;
    create table lease_wrap (lease_id uuid primary key references lease, token_hash bytea not null, sealed bytea,
      expires_at timestamptz not null, opened_at timestamptz, misused_at timestamptz,
      check (sealed is null or opened_at is null));
  `)
    .execute(db)
}
