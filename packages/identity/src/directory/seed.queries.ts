import type { Role } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'
import { forgetAllGuesses } from './standing.queries.ts'

/** Two starts at once must not make two of anybody. */
export async function lockSeeds(tx: Transaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('gatehouse-seeds'))`.execute(tx)
}

export async function hasUsers(db: Store): Promise<boolean> {
  return (await db.selectFrom('users').select('id').limit(1).executeTakeFirst()) !== undefined
}

export async function insertSeedSecret(
  tx: Transaction,
  row: { userId: string; kind: 'one-time' | 'seed'; password: Buffer; totpSecret: Buffer | null },
): Promise<void> {
  await tx
    .insertInto('seed_secret')
    .values({ user_id: row.userId, kind: row.kind, password: row.password, totp_secret: row.totpSecret })
    .execute()
}

/** Forgets a kept password that is not the person's any more. Answers which kind there was. */
export async function deleteSeedSecret(tx: Transaction, userId: string): Promise<'one-time' | 'seed' | null> {
  const row = await tx.deleteFrom('seed_secret').where('user_id', '=', userId).returning('kind').executeTakeFirst()
  return row?.kind ?? null
}

export interface SeedSecretRow {
  readonly user_id: string
  readonly username: string
  readonly password: Buffer
  readonly totp_secret: Buffer | null
  readonly roles: Role[]
  readonly teams: string[]
}

/** Kept passwords of one kind, oldest person first. */
export async function selectSeedSecrets(db: Store, kind: 'one-time' | 'seed'): Promise<SeedSecretRow[]> {
  const { rows } = await sql<SeedSecretRow>`
    select s.user_id, u.username, s.password, s.totp_secret,
      array(select r.role::text from user_role r where r.user_id = u.id order by r.role) as roles,
      array(select t.name from team_member m join team t on t.id = m.team_id where m.user_id = u.id
        order by t.name) as teams
    from seed_secret s join users u on u.id = s.user_id where s.kind = ${kind} order by u.created_at, u.id`.execute(db)
  return rows
}

/** Says that somebody has had their roles since an earlier time. */
export async function backdateRoles(
  tx: Transaction,
  { userId, since }: { userId: string; since: Date },
): Promise<void> {
  await tx.updateTable('user_role').set({ granted_at: since }).where('user_id', '=', userId).execute()
}

/** Adds an authenticator that needs no first code any more. */
export async function insertConfirmedTotp(
  tx: Transaction,
  row: {
    id: string
    userId: string
    name: string
    secret: Buffer
    algorithm: 'SHA1' | 'SHA256' | 'SHA512'
    digits: number
    periodSeconds: number
    now: Date
  },
): Promise<void> {
  await tx
    .insertInto('authenticator')
    .values({
      id: row.id,
      user_id: row.userId,
      kind: 'totp',
      name: row.name,
      secret: row.secret,
      algorithm: row.algorithm,
      digits: row.digits,
      period_seconds: row.periodSeconds,
      last_step: null,
      created_at: row.now,
      confirmed_at: row.now,
      last_used_at: null,
    })
    .execute()
}

/**
 * Makes a person an enabled one with a password that must be changed, and without authenticators, open challenges or
 * counted guesses.
 */
export async function resetUser(
  tx: Transaction,
  reset: { userId: string; username: string; passwordHash: string; now: Date },
): Promise<void> {
  await tx
    .updateTable('users')
    .set({
      status: 'active',
      password_hash: reset.passwordHash,
      must_change_password: true,
      password_changed_at: reset.now,
      cut_off: reset.now,
    })
    .where('id', '=', reset.userId)
    .execute()
  await tx.deleteFrom('authenticator').where('user_id', '=', reset.userId).execute()
  await tx.deleteFrom('mfa_challenge').where('user_id', '=', reset.userId).execute()
  await tx.deleteFrom('known_device').where('user_id', '=', reset.userId).execute()
  await forgetAllGuesses(tx, reset.username)
}
