import { sql, type Kysely } from 'kysely'

/** What a spent refresh token was exchanged for, so that a holder of its key can ask once more for a lost answer. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table refresh_token
      add column successor_id uuid,
      add column successor_access_id uuid,
      add column exchanged_in text,
      add column repeated_at timestamptz,
      add constraint refresh_token_successor check (
        (successor_id is null) = (successor_access_id is null) and (successor_id is null or used_at is not null)
      );
  `)
    .execute(db)
}
