import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'

/** The data key as one key encryption key wrapped it. */
export interface DataKeyRow {
  readonly id: string
  readonly wrapped: string
  readonly kek_fingerprint: string
  /** Null: wrapped before this was kept. */
  readonly kek_uri: string | null
}

/** Holds off every other node until this transaction ends: two first boots agree on one data key. */
export const lockDataKey = async (tx: Transaction): Promise<void> =>
  void (await sql`select pg_advisory_xact_lock(hashtext('gatehouse-data-key'))`.execute(tx))

/** The data key in use, as each key encryption key wrapped it, in the order in which they did; empty: there is none. */
export async function readDataKey(db: Store): Promise<DataKeyRow[]> {
  const rows = await db
    .selectFrom('data_key')
    .select(['id', 'wrapped', 'kek_fingerprint', 'kek_uri'])
    .orderBy('created_at')
    .orderBy('kek_fingerprint')
    .execute()
  return rows.filter(({ id }) => id === rows.at(-1)?.id)
}

/** False: it is wrapped under that key already. */
export async function insertDataKey(tx: Transaction, row: DataKeyRow): Promise<boolean> {
  const added = await tx
    .insertInto('data_key')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .execute()
  return added.length > 0
}

/** Takes away what one key encryption key wrapped; only the owner of the tables may. */
export const deleteDataKeyWrap = async (
  owner: Store,
  { id, kek_fingerprint: fingerprint }: Pick<DataKeyRow, 'id' | 'kek_fingerprint'>,
): Promise<void> =>
  void (await owner.deleteFrom('data_key').where('id', '=', id).where('kek_fingerprint', '=', fingerprint).execute())
