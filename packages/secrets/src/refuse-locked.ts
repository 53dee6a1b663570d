import { credentialEnds, lockedRefusal, Refusal } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { emergencyOf, lockedRole, type LockTarget, type Principal } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import type { LeasesDeps } from './lease-deps.ts'
import type { LeaseRow } from './lease.queries.ts'

/** What of a lease can be locked. */
export interface Lockable {
  readonly principal: Principal
  readonly role: string
  readonly hostId: string | null
  /** Fingerprint of the public key that it is for. */
  readonly key?: string
}

/**
 * Refuses what is locked of some leases of one caller: a lock denies at once, whatever policies allow. Nothing of them
 * comes to be locked before the transaction ends: they are given out before the lock, or not at all. Refuses
 * `unauthenticated` who is locked, or whose emergency session is over.
 */
export async function refuseLocked(
  deps: Pick<LeasesDeps, 'directory' | 'emergencies'>,
  tx: Transaction,
  all: readonly Lockable[],
): Promise<void> {
  const [first] = all
  if (first === undefined) return
  const kind = await deps.directory.findLock(tx, [
    ...(await targetsOf(deps, tx, first.principal)),
    ...all.flatMap(targetsOfLease),
  ])
  if (kind === null) return
  if (kind !== 'principal') throw lockedRefusal(kind)
  throw new Refusal('unauthenticated', { reason: 'user-locked' }, { message: credentialEnds['user-locked'] })
}

/**
 * Refuses what is locked of a lease whose credential somebody else opens. What it was given out by is looked at as
 * well: who holds it, and what was approved for the emergency that it is of.
 */
export async function refuseLockedLease(
  { directory, emergencies }: Pick<LeasesDeps, 'directory' | 'emergencies'>,
  tx: Transaction,
  row: LeaseRow,
): Promise<void> {
  const request = row.session_id === null ? null : await emergencies.holdAlive(tx, row.session_id)
  const kind = await directory.findLock(tx, [
    ...targetsOfLease({ role: row.role, hostId: row.host_id }),
    // our own processes go by no id, and nobody locks them
    ...(isUuid(row.principal_id) ? [{ kind: 'principal', target: row.principal_id } as const] : []),
    ...(request === null ? [] : [{ kind: 'approval', target: request } as const]),
  ])
  if (kind !== null) throw lockedRefusal(kind)
}

const targetsOfLease = ({ role, hostId, key }: Omit<Lockable, 'principal'>): readonly LockTarget[] => [
  lockedRole(role, hostId),
  ...(hostId === null ? [] : [{ kind: 'host', target: hostId } as const]),
  ...(key === undefined ? [] : [{ kind: 'key', target: key } as const]),
]

/** What of who calls can be locked. Our own processes cannot. */
async function targetsOf(
  { emergencies }: Pick<LeasesDeps, 'emergencies'>,
  tx: Transaction,
  principal: Principal,
): Promise<readonly LockTarget[]> {
  const isOurs = principal.type === 'Anonymous' || (principal.type === 'Service' && principal.apiToken === undefined)
  if (isOurs) return []
  const own = { kind: 'principal', target: principal.id } as const
  const emergency = emergencyOf(principal)
  if (emergency === null) return [own]
  // what an emergency session opens ends with it, so nothing is opened once it has ended
  const request = await emergencies.holdAlive(tx, emergency.id)
  if (request === null) throw new Refusal('unauthenticated')
  return [own, { kind: 'approval', target: request }]
}
