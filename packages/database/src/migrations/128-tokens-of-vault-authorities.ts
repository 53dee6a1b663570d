import { sql, type Kysely } from 'kysely'

/** The token of an authority that is being put in place of the one before, as it is for backends. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table ssh_vault_authority add column next_token bytea, add column rotating_until timestamptz,
      add check (removed_at is null or next_token is null);
  `)
    .execute(db)
}
