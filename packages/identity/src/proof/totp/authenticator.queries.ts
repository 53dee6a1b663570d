import type { Schema, Store, Transaction } from '@gatehouse/database'
import { sql, type Selectable } from 'kysely'

export type AuthenticatorRow = Selectable<Schema['authenticator']>

/** A person's confirmed TOTP authenticators. */
export const selectConfirmedTotp = (db: Store, userId: string): Promise<AuthenticatorRow[]> =>
  db
    .selectFrom('authenticator')
    .selectAll()
    .where('user_id', '=', userId)
    .where('kind', '=', 'totp')
    .where('confirmed_at', 'is not', null)
    .orderBy('created_at')
    .execute()

/** How many confirmed authenticators of any kind a person has. */
export async function countConfirmed(db: Store, userId: string): Promise<number> {
  const row = await db
    .selectFrom('authenticator')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('user_id', '=', userId)
    .where('confirmed_at', 'is not', null)
    .executeTakeFirst()
  return row?.count ?? 0
}

/** How many of those can still prove something: a key whose counter went back, or whose nature changed, cannot. */
export async function countUsable(db: Store, userId: string): Promise<number> {
  const row = await db
    .selectFrom('authenticator as a')
    .leftJoin('webauthn_credential as c', 'c.authenticator_id', 'a.id')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('a.user_id', '=', userId)
    .where('a.confirmed_at', 'is not', null)
    .where('c.suspect_at', 'is', null)
    .where('c.backup_changed_at', 'is', null)
    .executeTakeFirst()
  return row?.count ?? 0
}

/** One authenticator of one person. */
export async function selectAuthenticator(
  db: Store,
  { id, userId }: { id: string; userId: string },
): Promise<AuthenticatorRow | null> {
  return (
    (await db
      .selectFrom('authenticator')
      .selectAll()
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .executeTakeFirst()) ?? null
  )
}

/** Adds an enrolment that waits for its first code. Old ones of this person go, and the oldest of too many. */
export async function insertPendingTotp(
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
    expiredBefore: Date
    pendingMax: number
  },
): Promise<void> {
  await tx
    .deleteFrom('authenticator')
    .where('user_id', '=', row.userId)
    .where('confirmed_at', 'is', null)
    .where((eb) =>
      eb.or([
        eb('created_at', '<', row.expiredBefore),
        eb(
          'id',
          'in',
          eb
            .selectFrom('authenticator as p')
            .select('p.id')
            .where('p.user_id', '=', row.userId)
            .where('p.confirmed_at', 'is', null)
            .orderBy('p.created_at', 'desc')
            .offset(row.pendingMax - 1),
        ),
      ]),
    )
    .execute()
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
      confirmed_at: null,
      last_used_at: null,
    })
    .execute()
}

/**
 * Spends a time step: it and all before it are never accepted again. False: it was spent. One statement, so of many at
 * once one wins.
 */
export async function spendStep(
  tx: Transaction,
  { id, step, now }: { id: string; step: number; now: Date },
): Promise<boolean> {
  const row = await tx
    .updateTable('authenticator')
    .set({ last_step: String(step), last_used_at: now })
    .where('id', '=', id)
    .where('confirmed_at', 'is not', null)
    .where((eb) => eb.or([eb('last_step', 'is', null), eb('last_step', '<', String(step))]))
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Confirms an enrolment by its first code, which is spent by it. Null: it was confirmed, has expired or is gone. */
export async function confirmTotp(
  tx: Transaction,
  proof: { id: string; userId: string; step: number; now: Date; notBefore: Date },
): Promise<AuthenticatorRow | null> {
  return (
    (await tx
      .updateTable('authenticator')
      .set({ confirmed_at: proof.now, last_step: String(proof.step), last_used_at: proof.now })
      .where('id', '=', proof.id)
      .where('user_id', '=', proof.userId)
      .where('confirmed_at', 'is', null)
      .where('created_at', '>=', proof.notBefore)
      .returningAll()
      .executeTakeFirst()) ?? null
  )
}

/** Names an authenticator anew. Null: it is gone. */
export async function renameAuthenticator(
  tx: Transaction,
  { id, userId, name }: { id: string; userId: string; name: string },
): Promise<AuthenticatorRow | null> {
  return (
    (await tx
      .updateTable('authenticator')
      .set({ name })
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .returningAll()
      .executeTakeFirst()) ?? null
  )
}

/** Takes an authenticator away, secret, credential and all; with `kind`, only one of that kind. Null: there is none. */
export async function deleteAuthenticator(
  tx: Transaction,
  { id, userId, kind }: { id: string; userId: string; kind: AuthenticatorRow['kind'] | null },
): Promise<Pick<AuthenticatorRow, 'name' | 'confirmed_at'> | null> {
  return (
    (await tx
      .deleteFrom('authenticator')
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .$if(kind !== null, (query) => query.where('kind', '=', kind ?? 'totp'))
      .returning(['name', 'confirmed_at'])
      .executeTakeFirst()) ?? null
  )
}

/** Takes all of a person's authenticators away. Answers how many were confirmed. */
export async function deleteAuthenticators(tx: Transaction, userId: string): Promise<number> {
  const rows = await tx.deleteFrom('authenticator').where('user_id', '=', userId).returning('confirmed_at').execute()
  return rows.filter(({ confirmed_at }) => confirmed_at !== null).length
}

/** A person's authenticators, newest first; enrolments that have expired are none. */
export function selectAuthenticators(
  db: Store,
  page: { userId: string; notBefore: Date; first: number; after: { at: Date; id: string } | null },
): Promise<AuthenticatorRow[]> {
  return db
    .selectFrom('authenticator')
    .selectAll()
    .where('user_id', '=', page.userId)
    .where((eb) => eb.or([eb('confirmed_at', 'is not', null), eb('created_at', '>=', page.notBefore)]))
    .$if(page.after !== null, (query) =>
      query.where(sql<boolean>`(created_at, id) < (${page.after?.at}, ${page.after?.id}::uuid)`),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.first + 1)
    .execute()
}
