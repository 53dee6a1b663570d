import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'

export type KeyStatus = 'next' | 'current' | 'previous'
export interface SigningKeyRow { readonly kid: string; readonly status: KeyStatus; readonly public_jwk: string; readonly private_key: Buffer }

/** Every key that tokens may be signed with, oldest first. */
export const selectSigningKeys = (db: Store): Promise<SigningKeyRow[]> =>
  db.selectFrom('signing_key').select(['kid', 'status', 'public_jwk', 'private_key']).orderBy('created_at').execute()

/** Two nodes that boot at once must not make two current keys. */
export async function lockSigningKeys(tx: Transaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('gatehouse-signing-keys'))`.execute(tx)
}

export async function insertSigningKey(tx: Transaction, row: SigningKeyRow & { at: Date }): Promise<void> {
  const { at, ...key } = row
  await tx.insertInto('signing_key').values({ ...key, created_at: at, activated_at: key.status === 'current' ? at : null, retired_at: null }).execute()
}

/** The current key goes on being accepted, but signs no more. */
export async function retireCurrentKey(tx: Transaction, at: Date): Promise<void> {
  await tx.updateTable('signing_key').set({ status: 'previous', retired_at: at }).where('status', '=', 'current').execute()
}
