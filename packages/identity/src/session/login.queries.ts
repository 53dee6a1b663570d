import type { Store, Transaction } from '@gatehouse/database'

export interface LoginRow {
  readonly id: string
  readonly username: string
  readonly password_hash: string
  readonly status: 'active' | 'disabled'
}

/** Who logs in under this canonical name; null: nobody. */
export async function selectLogin(db: Store, username: string): Promise<LoginRow | null> {
  return (
    (await db
      .selectFrom('users')
      .select(['id', 'username', 'password_hash', 'status'])
      .where('username', '=', username)
      .executeTakeFirst()) ?? null
  )
}

/** Keeps a challenge; the person's old ones go. */
export async function insertChallenge(
  tx: Transaction,
  row: { id: string; userId: string; now: Date; expiresAt: Date; address: string; userAgent: string },
): Promise<void> {
  await tx.deleteFrom('mfa_challenge').where('user_id', '=', row.userId).where('expires_at', '<', row.now).execute()
  await tx
    .insertInto('mfa_challenge')
    .values({
      id: row.id,
      user_id: row.userId,
      created_at: row.now,
      expires_at: row.expiresAt,
      used_at: null,
      address: row.address,
      user_agent: row.userAgent,
    })
    .execute()
}

/** Whose an open challenge is; null: there is none, it has expired or been met, or its person is disabled. */
export async function selectChallenge(
  db: Store,
  { id, now }: { id: string; now: Date },
): Promise<{ userId: string; username: string } | null> {
  const row = await db
    .selectFrom('mfa_challenge as c')
    .innerJoin('users as u', 'u.id', 'c.user_id')
    .select(['u.id as userId', 'u.username'])
    .where('c.id', '=', id)
    .where('c.used_at', 'is', null)
    .where('c.expires_at', '>', now)
    .where('u.status', '=', 'active')
    .executeTakeFirst()
  return row ?? null
}

/** Meets a challenge. False: it was met already, or has expired. */
export async function claimChallenge(
  tx: Transaction,
  { id, userId, now }: { id: string; userId: string; now: Date },
): Promise<boolean> {
  const row = await tx
    .updateTable('mfa_challenge')
    .set({ used_at: now })
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Notes a finished log-in, holding the row: who is disabled meanwhile gets no session. False: they are. */
export async function noteLogin(tx: Transaction, { userId, now }: { userId: string; now: Date }): Promise<boolean> {
  const row = await tx
    .updateTable('users')
    .set({ last_login_at: now })
    .where('id', '=', userId)
    .where('status', '=', 'active')
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}
