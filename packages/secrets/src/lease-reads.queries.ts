import type { Store, Transaction } from '@gatehouse/database'
import type { Expression } from 'kysely'
import { livingStates } from './lease.queries.ts'

// What backends ask of leases: their own rows hang on one, and nobody but this package reads the table.

/** What leases open, whose they are and what for, to be joined by whoever lists what hangs on one. */
export const leaseOwners = (db: Store) =>
  db.selectFrom('lease').select(['id', 'role', 'principal_type', 'principal_id', 'principal_name', 'purpose'])

/** Leases whose end has come, by their time or by a wish, and that have not ended yet. */
export const leasesAtTheirEnd = (db: Store, now: Date) =>
  db
    .selectFrom('lease')
    .select('id')
    .where('state', 'in', ['active', 'irrevocable'])
    .where((eb) => eb.or([eb('revoke_requested_at', 'is not', null), eb('expires_at', '<=', now)]))

/** A lease's owner, as it stands beside a credential. */
export interface LeaseOwner {
  readonly principal_type: 'User' | 'Service'
  readonly principal_id: string
}

/**
 * A lease that still carries its credential; null: it does not. Holds the lease until the transaction ends, so that
 * nobody ends it meanwhile.
 */
export async function holdCarryingLease(
  tx: Transaction,
  leaseId: string,
  now: Date,
): Promise<{ readonly role: string; readonly principal_id: string } | null> {
  const row = await tx
    .selectFrom('lease')
    .select(['role', 'principal_id', 'state', 'revoke_requested_at', 'expires_at'])
    .where('id', '=', leaseId)
    .forShare()
    .executeTakeFirst()
  const carries = row?.state === 'active' && row.revoke_requested_at === null && row.expires_at > now
  return row !== undefined && carries ? row : null
}

/** Which of these leases, by a subquery, have not ended. */
export async function selectLivingLeases(db: Store, among: Expression<string>): Promise<string[]> {
  const rows = await db
    .selectFrom('lease')
    .select('id')
    .where('state', 'in', livingStates)
    .where('id', 'in', among)
    .orderBy('id')
    .execute()
  return rows.map(({ id }) => id)
}

/** How many leases of a workspace have not ended. */
export async function countLivingLeases(db: Store, workspaceId: string): Promise<number> {
  const row = await db
    .selectFrom('lease')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('workspace_id', '=', workspaceId)
    .where('state', 'in', livingStates)
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}
