import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'

/** A data key as it is kept. */
export interface DataKeyRow {
  readonly id: string
  readonly wrapped: string
  readonly kek_fingerprint: string
}

/** Holds off every other node until this transaction ends: two first boots agree on one data key. */
export const lockDataKey = async (tx: Transaction): Promise<void> =>
  void (await sql`select pg_advisory_xact_lock(hashtext('gatehouse-data-key'))`.execute(tx))

/** The data key in use. */
export const readDataKey = (db: Store): Promise<DataKeyRow | undefined> =>
  db
    .selectFrom('data_key')
    .select(['id', 'wrapped', 'kek_fingerprint'])
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst()

export const insertDataKey = async (tx: Transaction, row: DataKeyRow): Promise<void> =>
  void (await tx.insertInto('data_key').values(row).execute())
