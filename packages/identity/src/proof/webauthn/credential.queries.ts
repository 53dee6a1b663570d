import type { Schema, Store, Transaction } from '@gatehouse/database'
import { sql, type Insertable, type Selectable } from 'kysely'

export type CredentialRow = Selectable<Schema['webauthn_credential']>

/** A person's credentials, oldest first, suspect ones among them. */
export const selectCredentials = (db: Store, userId: string): Promise<CredentialRow[]> =>
  db
    .selectFrom('webauthn_credential as c')
    .innerJoin('authenticator as a', 'a.id', 'c.authenticator_id')
    .selectAll('c')
    .where('a.user_id', '=', userId)
    .orderBy('a.created_at')
    .execute()

/** The credential of one authenticator; null: it is of another kind, or gone. */
export async function selectCredentialOf(db: Store, authenticatorId: string): Promise<CredentialRow | null> {
  return (
    (await db
      .selectFrom('webauthn_credential')
      .selectAll()
      .where('authenticator_id', '=', authenticatorId)
      .executeTakeFirst()) ?? null
  )
}

/** Whose a credential is. */
export interface OwnedCredential extends CredentialRow {
  readonly user_id: string
  readonly username: string
  readonly handle: Buffer
}

/** A credential of an active person by the id that the authenticator gave it; null: there is none. */
export async function selectCredential(db: Store, credentialId: Buffer): Promise<OwnedCredential | null> {
  return (
    (await db
      .selectFrom('webauthn_credential as c')
      .innerJoin('authenticator as a', 'a.id', 'c.authenticator_id')
      .innerJoin('users as u', 'u.id', 'a.user_id')
      .innerJoin('webauthn_user as w', 'w.user_id', 'u.id')
      .selectAll('c')
      .select(['u.id as user_id', 'u.username', 'w.handle'])
      .where('c.credential_id', '=', credentialId)
      .where('u.status', '=', 'active')
      .executeTakeFirst()) ?? null
  )
}

/** The random bytes that authenticators know a person by: made once, from `fresh`, and kept. */
export async function ensureHandle(
  tx: Transaction,
  { userId, fresh }: { userId: string; fresh: Buffer },
): Promise<Buffer> {
  await tx
    .insertInto('webauthn_user')
    .values({ user_id: userId, handle: fresh })
    .onConflict((on) => on.column('user_id').doNothing())
    .execute()
  const { handle } = await tx
    .selectFrom('webauthn_user')
    .select('handle')
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow()
  return handle
}

/** Adds an authenticator with its credential. False: this credential is registered already, by whomever. */
export async function insertCredential(
  tx: Transaction,
  {
    userId,
    name,
    now,
    credential,
  }: { userId: string; name: string; now: Date; credential: Insertable<Schema['webauthn_credential']> },
): Promise<boolean> {
  await tx
    .insertInto('authenticator')
    .values({
      id: credential.authenticator_id,
      user_id: userId,
      kind: 'webauthn',
      name,
      secret: null,
      algorithm: null,
      digits: null,
      period_seconds: null,
      last_step: null,
      created_at: now,
      confirmed_at: now,
      last_used_at: now,
    })
    .execute()
  const row = await tx
    .insertInto('webauthn_credential')
    .values(credential)
    .onConflict((on) => on.column('credential_id').doNothing())
    .returning('authenticator_id')
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Notes a use: the counter goes forward, or stays at zero where the authenticator keeps none (WebAuthn §7.2 step 22).
 * One statement, so of two uses at once
 * neither can hide the other. False: the counter did not go forward, or the credential is suspect or gone.
 */
export async function useCredential(
  tx: Transaction,
  use: { authenticatorId: string; counter: number; backedUp: boolean; userVerified: boolean; now: Date },
): Promise<boolean> {
  const row = await tx
    .updateTable('webauthn_credential')
    .set({
      counter: String(use.counter),
      backed_up: use.backedUp,
      user_verified: sql<boolean>`user_verified or ${use.userVerified}`,
    })
    .where('authenticator_id', '=', use.authenticatorId)
    .where('suspect_at', 'is', null)
    .where(sql<boolean>`(counter < ${use.counter} or (counter = 0 and ${use.counter} = 0))`)
    .returning('authenticator_id')
    .executeTakeFirst()
  if (row === undefined) return false
  await tx.updateTable('authenticator').set({ last_used_at: use.now }).where('id', '=', use.authenticatorId).execute()
  return true
}

/** Notes that a credential's backup eligibility has changed. False: it was known. */
export async function noteBackupChange(
  tx: Transaction,
  { authenticatorId, now }: { authenticatorId: string; now: Date },
): Promise<boolean> {
  const row = await tx
    .updateTable('webauthn_credential')
    .set({ backup_changed_at: now })
    .where('authenticator_id', '=', authenticatorId)
    .where('backup_changed_at', 'is', null)
    .returning('authenticator_id')
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Takes a credential's power away while it stays a second factor of its person: else a password alone would do. False:
 * it was suspect already.
 */
export async function suspectCredential(
  tx: Transaction,
  { authenticatorId, now }: { authenticatorId: string; now: Date },
): Promise<boolean> {
  const row = await tx
    .updateTable('webauthn_credential')
    .set({ suspect_at: now })
    .where('authenticator_id', '=', authenticatorId)
    .where('suspect_at', 'is', null)
    .returning('authenticator_id')
    .executeTakeFirst()
  return row !== undefined
}
