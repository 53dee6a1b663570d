import { sql, type Kysely } from 'kysely'

/**
 * A backend that can be asked about a credential's death only by who has one (AWS): what the worker asks with lies
 * sealed beside the credential from its revocation until the answer. Where there is none, nobody can be asked, and that
 * is an end of asking as well.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table secret_credential add column witness bytea;
    alter table lease_proof drop constraint lease_proof_state_check,
      add constraint lease_proof_state_check
        check (state in ('waiting', 'refused', 'ended', 'given-up', 'not-provable'));
  `)
    .execute(db)
}
