import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'
import { noPassword } from './no-password.ts'

/** One at a time: two administrators who shut each other out at once must not both succeed. */
export async function holdAdmins(tx: Transaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('gatehouse-admins'))`.execute(tx)
}

/**
 * True while somebody is there who could administer this Gatehouse: who was invited and has not come in could not, nor
 * who is locked.
 */
export async function hasActiveAdmin(tx: Transaction): Promise<boolean> {
  const row = await tx
    .selectFrom('users as u')
    .innerJoin('user_role as r', 'r.user_id', 'u.id')
    .select('u.id')
    .where('r.role', '=', 'Admin')
    .where('u.status', '=', 'active')
    .where('u.password_hash', '!=', noPassword)
    .where(sql<boolean>`not exists (select from locked_principal l where l.id = u.id)`)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Sets whether a person may log in. False: it was so already. */
export async function setStatus(
  tx: Transaction,
  { userId, status }: { userId: string; status: 'active' | 'disabled' },
): Promise<boolean> {
  const row = await tx
    .updateTable('users')
    .set({ status })
    .where('id', '=', userId)
    .where('status', '!=', status)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Gives a person another password, whatever they had. */
export async function replacePassword(
  tx: Transaction,
  change: { userId: string; passwordHash: string; now: Date },
): Promise<void> {
  await tx
    .updateTable('users')
    .set({ password_hash: change.passwordHash, must_change_password: true, password_changed_at: change.now })
    .where('id', '=', change.userId)
    .execute()
}

/** Stores the same password in another form. False: it has been changed since. */
export async function replaceHash(db: Store, change: { userId: string; old: string; fresh: string }): Promise<boolean> {
  const row = await db
    .updateTable('users')
    .set({ password_hash: change.fresh })
    .where('id', '=', change.userId)
    .where('password_hash', '=', change.old)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Half-finished log-ins of a person lead nowhere any more. */
export async function dropChallenges(tx: Transaction, userId: string): Promise<void> {
  await tx.deleteFrom('mfa_challenge').where('user_id', '=', userId).execute()
}

/**
 * Forgets an account's guesses of every kind, those of its known devices, and its failures. Answers how many guesses
 * had been counted.
 */
export async function forgetAllGuesses(tx: Transaction, username: string): Promise<number> {
  await tx.deleteFrom('auth_failure').where('key', '=', username).execute()
  const rows = await tx
    .deleteFrom('guess_throttle')
    .where((eb) =>
      eb.or([
        eb('kind', 'in', ['password', 'code']).and('key', '=', username),
        eb('kind', '=', 'device').and(
          'key',
          'in',
          eb
            .selectFrom('known_device as d')
            .innerJoin('users as u', 'u.id', 'd.user_id')
            .where('u.username', '=', username)
            .select(sql<string>`encode(d.hash, 'hex')`.as('key')),
        ),
      ]),
    )
    .returning('failures')
    .execute()
  return rows.reduce((sum, { failures }) => sum + failures, 0)
}

/** Changes what was given; `undefined` leaves it. */
export async function updateProfile(
  tx: Transaction,
  profile: { userId: string; displayName: string | undefined; email: string | null | undefined },
): Promise<void> {
  const { userId, displayName, email } = profile
  await tx
    .updateTable('users')
    .set({
      ...(displayName === undefined ? {} : { display_name: displayName }),
      ...(email === undefined ? {} : { email }),
    })
    .where('id', '=', userId)
    .execute()
}

/** Deletes a person and all that hangs on them. */
export async function deleteUser(tx: Transaction, userId: string): Promise<void> {
  await tx.deleteFrom('users').where('id', '=', userId).execute()
}
