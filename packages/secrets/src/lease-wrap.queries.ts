import type { LeaseWrapTable, Store, Transaction } from '@gatehouse/database'
import { sql, type Insertable, type Selectable } from 'kysely'

/** A row of `lease_wrap`. */
export type LeaseWrapRow = Selectable<LeaseWrapTable>

/** A token as somebody shows it: of which lease it says that it is, and its hash. */
export interface ShownWrapToken {
  readonly leaseId: string
  readonly hash: Buffer
}

/** Keeps a sealed credential for whoever brings its token. */
export const insertWrap = async (
  tx: Transaction,
  row: Omit<Insertable<LeaseWrapTable>, 'opened_at' | 'misused_at'>,
): Promise<void> =>
  void (await tx
    .insertInto('lease_wrap')
    .values({ ...row, opened_at: null, misused_at: null })
    .execute())

/** Takes a credential out, for good; null: there is none for this token. Of many at once one gets it. */
export async function openWrap(
  tx: Transaction,
  { leaseId, hash, now }: ShownWrapToken & { readonly now: Date },
): Promise<Buffer | null> {
  const { rows } = await sql<{ sealed: Buffer }>`with held as (
      select lease_id, sealed from lease_wrap where lease_id = ${leaseId}::uuid and token_hash = ${hash}
        and sealed is not null and opened_at is null and expires_at > ${now} for update)
    update lease_wrap set sealed = null, opened_at = ${now}
    from held where lease_wrap.lease_id = held.lease_id returning held.sealed`.execute(tx)
  return rows[0]?.sealed ?? null
}

/** What is kept of the credential that a token was made for; null: the token is none of ours. */
export async function readWrap(db: Store, { leaseId, hash }: ShownWrapToken): Promise<LeaseWrapRow | null> {
  const { rows } = await sql<LeaseWrapRow>`select * from lease_wrap
    where lease_id = ${leaseId}::uuid and token_hash = ${hash}`.execute(db)
  return rows[0] ?? null
}

/**
 * Notes that a good token was brought where it should not have been, unless that was noted since then: whoever has one
 * could fill the audit log with it.
 */
export async function noteMisuse(
  tx: Transaction,
  { leaseId, hash, now, since }: ShownWrapToken & { readonly now: Date; readonly since: Date },
): Promise<LeaseWrapRow | null> {
  const { rows } = await sql<LeaseWrapRow>`update lease_wrap set misused_at = ${now}
    where lease_id = ${leaseId}::uuid and token_hash = ${hash} and (misused_at is null or misused_at <= ${since})
    returning *`.execute(tx)
  return rows[0] ?? null
}

/** Their leases have ended: what nobody opened is not kept. */
export const dropWraps = async (tx: Transaction, leaseIds: readonly string[]): Promise<void> =>
  void (
    leaseIds.length > 0 &&
    (await tx.updateTable('lease_wrap').set({ sealed: null }).where('lease_id', 'in', leaseIds).execute())
  )
