import type { Role } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'
import { noPassword } from './no-password.ts'

export interface Invitee {
  readonly id: string
  readonly status: 'active' | 'disabled'
  readonly hasPassword: boolean
}

/** Who has this canonical name, held; null: nobody. */
export async function holdInvitee(tx: Transaction, username: string): Promise<Invitee | null> {
  const row = await tx
    .selectFrom('users')
    .select(['id', 'status', 'password_hash'])
    .where('username', '=', username)
    .forUpdate()
    .executeTakeFirst()
  return row === undefined ? null : { id: row.id, status: row.status, hasPassword: row.password_hash !== noPassword }
}

/** Makes somebody who has not come in yet what they are invited as now; what is `undefined` stays. */
export async function reviseInvitee(
  tx: Transaction,
  person: {
    userId: string
    displayName?: string | undefined
    email?: string | undefined
    role: Role
    teamIds: readonly string[]
    now: Date
  },
): Promise<void> {
  const { userId, displayName, email, role, teamIds, now } = person
  if (displayName !== undefined || email !== undefined) {
    await tx
      .updateTable('users')
      .set({
        ...(displayName === undefined ? {} : { display_name: displayName }),
        ...(email === undefined ? {} : { email }),
      })
      .where('id', '=', userId)
      .execute()
  }
  await tx.deleteFrom('user_role').where('user_id', '=', userId).execute()
  await tx.insertInto('user_role').values({ user_id: userId, role, granted_at: now }).execute()
  await tx.deleteFrom('team_member').where('user_id', '=', userId).execute()
  for (const teamId of teamIds)
    await tx.insertInto('team_member').values({ team_id: teamId, user_id: userId }).execute()
}

export interface NewInvitation {
  readonly id: string
  readonly userId: string
  readonly hash: Buffer
  readonly token: Buffer | null
  readonly now: Date
  readonly expiresAt: Date
}

/** Gives a person an invitation; the one before is good for nothing any more. True: there was one. */
export async function replaceInvitation(tx: Transaction, one: NewInvitation): Promise<boolean> {
  const replaced = await dropInvitations(tx, one.userId)
  await tx
    .insertInto('invitation')
    .values({
      id: one.id,
      user_id: one.userId,
      hash: one.hash,
      token: one.token,
      created_at: one.now,
      expires_at: one.expiresAt,
    })
    .execute()
  return replaced
}

/** Takes a person's invitation away. False: they had none. */
export async function dropInvitations(tx: Transaction, userId: string): Promise<boolean> {
  const row = await tx.deleteFrom('invitation').where('user_id', '=', userId).returning('id').executeTakeFirst()
  return row !== undefined
}

/**
 * Whose an invitation is that is good now; null: unknown, used, expired, or of somebody who has come in otherwise or is
 * disabled.
 */
export async function selectInvited(
  db: Store,
  { hash, now }: { hash: Buffer; now: Date },
): Promise<{ userId: string; username: string } | null> {
  const row = await db
    .selectFrom('invitation as i')
    .innerJoin('users as u', 'u.id', 'i.user_id')
    .select(['u.id as userId', 'u.username'])
    .where('i.hash', '=', hash)
    .where('i.accepted_at', 'is', null)
    .where('i.expires_at', '>', now)
    .where('u.status', '=', 'active')
    .where('u.password_hash', '=', noPassword)
    .executeTakeFirst()
  return row ?? null
}

/** Uses an invitation up. One statement, so of many at once one is let in. False: it is good for nothing any more. */
export async function claimInvitation(
  tx: Transaction,
  { hash, userId, now }: { hash: Buffer; userId: string; now: Date },
): Promise<boolean> {
  const row = await tx
    .updateTable('invitation')
    .set({ accepted_at: now, token: null })
    .where('hash', '=', hash)
    .where('user_id', '=', userId)
    .where('accepted_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** The names of these that are taken. */
export async function selectTakenNames(db: Store, usernames: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{
    username: string
  }>`select username from users where username = any (${sql.val([...usernames])}::text[])`.execute(db)
  return new Set(rows.map(({ username }) => username))
}
