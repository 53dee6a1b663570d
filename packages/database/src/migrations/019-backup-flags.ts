import { sql, type Kysely } from 'kysely'

/** Since when a passkey says otherwise than at its registration whether it may be copied to other devices. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw('alter table webauthn_credential add column backup_changed_at timestamptz').execute(db)
}
