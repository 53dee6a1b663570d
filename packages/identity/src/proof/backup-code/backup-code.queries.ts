import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'

export interface BackupCodeSet {
  readonly id: string
  readonly salt: Buffer
}

/** Keeps a set that waits to be confirmed; one that waited before goes. */
export async function insertPendingSet(
  tx: Transaction,
  set: { id: string; userId: string; salt: Buffer; hashes: readonly Buffer[]; now: Date },
): Promise<void> {
  await tx.deleteFrom('backup_code_set').where('user_id', '=', set.userId).where('confirmed_at', 'is', null).execute()
  await tx
    .insertInto('backup_code_set')
    .values({ id: set.id, user_id: set.userId, salt: set.salt, created_at: set.now, confirmed_at: null })
    .execute()
  await tx
    .insertInto('backup_code')
    .values(set.hashes.map((hash) => ({ set_id: set.id, hash, used_at: null })))
    .execute()
}

/** A set that waits and is not too old; null: there is none of this id and person. */
export async function selectPendingSet(
  db: Store,
  { id, userId, notBefore }: { id: string; userId: string; notBefore: Date },
): Promise<BackupCodeSet | null> {
  return (
    (await db
      .selectFrom('backup_code_set')
      .select(['id', 'salt'])
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .where('confirmed_at', 'is', null)
      .where('created_at', '>=', notBefore)
      .executeTakeFirst()) ?? null
  )
}

/** The set that counts; null: the person has none. */
export async function selectConfirmedSet(db: Store, userId: string): Promise<BackupCodeSet | null> {
  return (
    (await db
      .selectFrom('backup_code_set')
      .select(['id', 'salt'])
      .where('user_id', '=', userId)
      .where('confirmed_at', 'is not', null)
      .executeTakeFirst()) ?? null
  )
}

/** Puts a set in force; the one before it is gone. False: it does not wait any more. */
export async function confirmSet(
  tx: Transaction,
  { id, userId, now }: { id: string; userId: string; now: Date },
): Promise<boolean> {
  await tx.deleteFrom('backup_code_set').where('user_id', '=', userId).where('confirmed_at', 'is not', null).execute()
  const row = await tx
    .updateTable('backup_code_set')
    .set({ confirmed_at: now })
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .where('confirmed_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** True when a set holds a code that nobody has used. */
export async function isUnspent(db: Store, code: { setId: string; hash: Buffer }): Promise<boolean> {
  return (
    (await db
      .selectFrom('backup_code')
      .select('set_id')
      .where('set_id', '=', code.setId)
      .where('hash', '=', code.hash)
      .where('used_at', 'is', null)
      .executeTakeFirst()) !== undefined
  )
}

/**
 * Spends a code of a set that counts. One statement, so of many at once one wins. False: it was spent, or its set is
 * gone.
 */
export async function spendBackupCode(
  tx: Transaction,
  code: { setId: string; hash: Buffer; now: Date },
): Promise<boolean> {
  const row = await tx
    .updateTable('backup_code')
    .set({ used_at: code.now })
    .where('set_id', '=', code.setId)
    .where('hash', '=', code.hash)
    .where('used_at', 'is', null)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('backup_code_set as s')
          .select('s.id')
          .where('s.id', '=', code.setId)
          .where('s.confirmed_at', 'is not', null),
      ),
    )
    .returning('set_id')
    .executeTakeFirst()
  return row !== undefined
}

export interface BackupCodeCount {
  readonly confirmed_at: Date | null
  readonly total: number
  readonly left: number
}

/** What is left of the set that counts. */
export async function countBackupCodes(db: Store, userId: string): Promise<BackupCodeCount> {
  const { rows } = await sql<BackupCodeCount>`
    select s.confirmed_at, count(*)::int as total, (count(*) filter (where c.used_at is null))::int as left
    from backup_code_set s join backup_code c on c.set_id = s.id where s.user_id = ${userId}
      and s.confirmed_at is not null group by s.id`.execute(db)
  return rows[0] ?? { confirmed_at: null, total: 0, left: 0 }
}

/** Takes all codes of a person away, waiting ones too. */
export async function deleteBackupCodes(tx: Transaction, userId: string): Promise<void> {
  await tx.deleteFrom('backup_code_set').where('user_id', '=', userId).execute()
}
