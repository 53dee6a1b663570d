import { sql, type Kysely } from 'kysely'

/** By what a backend finds a credential that is not named after its lease, kept while the credential is being made. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`alter table secret_credential add column handle jsonb, add column closed boolean not null default false`)
    .execute(db)
}
