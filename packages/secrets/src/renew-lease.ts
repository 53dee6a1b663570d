import { leaseSecondsDefault, Refusal } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Handler, Permit } from '@gatehouse/enforcement'
import { claimSeconds } from './budgets.ts'
import type { LeasesDeps } from './lease-deps.ts'
import type { Leases } from './leases.ts'
import { advance, standingOf } from './lease-steps.ts'
import { earliest, renewalEnd, secondsAfter } from './lease-terms.ts'
import { toLease, type LeaseSights } from './lease-view.ts'
import { claimRenewal, readLease, releaseRenewal, type LeaseRow } from './lease.queries.ts'
import { backendRefusal } from './reach-backend.ts'
import { hasEnded, isRenewable } from './transitions.ts'

/** What renewing needs. */
export type RenewDeps = Pick<LeasesDeps, 'db' | 'change' | 'clock' | 'backends'> &
  Pick<LeaseSights, 'web'> & { readonly leases: Pick<Leases, 'refuseLocked'> }

/**
 * Has a lease live on. The backend is told before the row: when either dies between the two, the sweep takes the
 * credential away at the end that the row still says.
 */
export const renewLease =
  (deps: RenewDeps): Handler<'lease.renew'> =>
  async (permit) => {
    const { db, change, backends, web } = deps
    const row = await readLease(db, permit.input.id)
    if (row === null) throw new Refusal('not-found')
    const { limits, renew } = backends[row.backend]
    const { renewable_until: renewableUntil } = row
    if (renew === undefined || renewableUntil === null) throw hasEnded(row) ? ended() : notRenewable()
    const wanted = renewalEnd({
      ttlSeconds: permit.input.ttlSeconds ?? leaseSecondsDefault,
      limits,
      renewableUntil,
      principal: permit.principal,
      now: deps.clock.now(),
    })
    const noteOf = (until: Date) => ({ workspace: row.workspace_id, detail: { until: until.toISOString() } })
    const lease = await change.intent(
      permit,
      (tx) => claimed(deps, tx, permit),
      () => noteOf(wanted),
    )
    const given = await renew({ id: lease.id, expiresAt: lease.expires_at }, wanted).catch(async (error: unknown) => {
      await released(deps, permit)
      throw backendRefusal(error)
    })
    const renewed = await change(
      permit,
      (tx) => settled(deps, tx, { permit, given }),
      ({ expires_at: until }) => noteOf(until),
    )
    return toLease(renewed, { web, limits })
  }

const ended = (): Refusal => new Refusal('lease-ended')
const notRenewable = (): Refusal => new Refusal('lease-not-renewable')

/** One renewal at a time: of two that overtake each other, row and credential would say different ends. */
async function claimed(deps: RenewDeps, tx: Transaction, permit: Permit<'lease.renew'>): Promise<LeaseRow> {
  const { id } = permit.input
  const now = deps.clock.now()
  const row = await claimRenewal(tx, { id, now, until: secondsAfter(now, claimSeconds) })
  if (row !== null) {
    await deps.leases.refuseLocked(tx, lockable(permit, row))
    return row
  }
  const standing = await readLease(tx, id)
  if (standing === null) throw new Refusal('not-found')
  if (standing.state === 'pending') throw new Refusal('conflict', { hint: 'its credential is still being made' })
  if (!isRenewable(standingOf(standing), now)) throw ended()
  if (standing.renewable_until === null) throw notRenewable()
  throw new Refusal('conflict', { hint: 'it is being renewed just now; look at it again in a moment' })
}

const lockable = ({ principal }: Permit<'lease.renew'>, row: LeaseRow) => ({
  principal,
  role: row.role,
  hostId: row.host_id,
})

/** The backend did not do it: whoever tries again is not to wait for the claim to lapse. */
const released = ({ change }: RenewDeps, permit: Permit<'lease.renew'>): Promise<unknown> =>
  change(
    permit,
    (tx) => releaseRenewal(tx, permit.input.id),
    () => ({ detail: { renewed: false } }),
  )

/** A lease whose end came meanwhile is being taken away, whatever its backend was told. */
async function settled(
  deps: RenewDeps,
  tx: Transaction,
  { permit, given }: { readonly permit: Permit<'lease.renew'>; readonly given: Date },
): Promise<LeaseRow> {
  const row = await releaseRenewal(tx, permit.input.id)
  if (row === null || !isRenewable(standingOf(row), deps.clock.now())) throw ended()
  // its role may give less by now than its backend was told: then the row's end is the one that is kept
  if (row.renewable_until === null) throw notRenewable()
  const expiresAt = earliest(given, row.renewable_until)
  // what was locked while its backend was told ends when its row says, as it did before
  await deps.leases.refuseLocked(tx, lockable(permit, row))
  return (await advance(deps, tx, { row, event: { type: 'renewed', expiresAt } })).row
}
