import type { Schema, Store, Transaction } from '@gatehouse/database'
import { sql, type Selectable } from 'kysely'

export type KeyStatus = 'next' | 'current' | 'previous'
export type KeyState = KeyStatus | 'removed'
export interface SigningKeyRow {
  readonly kid: string
  readonly status: KeyStatus
  readonly public_jwk: string
  readonly private_key: Buffer
}

/** A key and its life, without its private part. */
export type SigningKeyLife = Omit<Selectable<Schema['signing_key']>, 'private_key' | 'public_jwk'>

const lifeColumns = ['kid', 'status', 'created_at', 'activated_at', 'retired_at'] as const

/** Every key that tokens may be signed with, oldest first. */
export async function selectSigningKeys(db: Store): Promise<SigningKeyRow[]> {
  const rows = await db
    .selectFrom('signing_key')
    .select(['kid', 'status', 'public_jwk', 'private_key'])
    .where('status', '!=', 'removed')
    .orderBy('created_at')
    .orderBy('kid')
    .execute()
  return rows.map((row) => ({ ...row, status: row.status as KeyStatus })) // the query leaves `removed` out
}

/** True for a key that is or was ours: one that was removed does not come back. */
export async function isKnownSigningKey(db: Store, kid: string): Promise<boolean> {
  return (await db.selectFrom('signing_key').select('kid').where('kid', '=', kid).executeTakeFirst()) !== undefined
}

/** A page of keys, newest first, the removed ones included. */
export function selectKeyLives(
  db: Store,
  page: { first: number; after: { at: Date; id: string } | null; state: KeyState | null },
): Promise<SigningKeyLife[]> {
  return db
    .selectFrom('signing_key')
    .select(lifeColumns)
    .$if(page.state !== null, (query) => query.where('status', '=', page.state ?? 'current'))
    .$if(page.after !== null, (query) =>
      query.where(sql<boolean>`(created_at, kid) < (${page.after?.at}, ${page.after?.id})`),
    )
    .orderBy('created_at', 'desc')
    .orderBy('kid', 'desc')
    .limit(page.first + 1)
    .execute()
}

/** The one key of a status that only one key has. */
export async function selectKeyLife(db: Store, status: 'next' | 'current'): Promise<SigningKeyLife | null> {
  return (
    (await db.selectFrom('signing_key').select(lifeColumns).where('status', '=', status).executeTakeFirst()) ?? null
  )
}

/** Two nodes that boot, or rotate, at once must not make two current keys. */
export async function lockSigningKeys(tx: Transaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('gatehouse-signing-keys'))`.execute(tx)
}

export async function insertSigningKey(tx: Transaction, row: SigningKeyRow & { at: Date }): Promise<void> {
  const { at, ...key } = row
  await tx
    .insertInto('signing_key')
    .values({ ...key, created_at: at, activated_at: key.status === 'current' ? at : null, retired_at: null })
    .execute()
}

/** The current key goes on being accepted, but signs no more. */
export async function retireCurrentKey(tx: Transaction, at: Date): Promise<SigningKeyLife | null> {
  return (
    (await tx
      .updateTable('signing_key')
      .set({ status: 'previous', retired_at: at })
      .where('status', '=', 'current')
      .returning(lifeColumns)
      .executeTakeFirst()) ?? null
  )
}

/** The next key signs from now on. Null: there is none. */
export async function promoteNextKey(tx: Transaction, at: Date): Promise<SigningKeyLife | null> {
  return (
    (await tx
      .updateTable('signing_key')
      .set({ status: 'current', activated_at: at })
      .where('status', '=', 'next')
      .returning(lifeColumns)
      .executeTakeFirst()) ?? null
  )
}

/**
 * Ends the previous keys that were retired before a moment. Their private part is gone with that; what is left is their
 * name.
 */
export async function removeKeysRetiredBefore(tx: Transaction, moment: Date): Promise<number> {
  const removed = await tx
    .updateTable('signing_key')
    .set({ status: 'removed', private_key: Buffer.alloc(0) })
    .where('status', '=', 'previous')
    .where('retired_at', '<', moment)
    .returning('kid')
    .execute()
  return removed.length
}
