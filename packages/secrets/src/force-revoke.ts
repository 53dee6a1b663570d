import type { Transaction } from '@gatehouse/database'
import type { Permit } from '@gatehouse/enforcement'
import { sweepBudgets } from './budgets.ts'
import type { LeasesDeps } from './lease-deps.ts'
import { attempt, noteOf, type Revocation } from './lease-revocation.ts'
import { advance, endGone, messageOf, requestEnd, touchesOutside, type Advanced, type Attempt } from './lease-steps.ts'
import { dropWraps } from './lease-wrap.queries.ts'
import { lockLeases } from './lease.queries.ts'
import { queueProofs } from './prove-leases.ts'
import { hasEnded } from './transitions.ts'

/**
 * Ends a lease for good. Its backend is asked once more, and whatever it says the lease is over; `failure` says what
 * may still be alive, and comparisons take that away when the backend answers again.
 */
export async function forceRevoke(deps: LeasesDeps, permit: Permit<'lease.forceRevoke'>): Promise<Revocation> {
  const { change, backends } = deps
  const requested = await change.intent(
    permit,
    async (tx) => {
      const row = await requestEnd(deps, tx, permit.input)
      await backends[row.backend].mark(tx, [row.id], 'removing')
      return row
    },
    noteOf,
  )
  const backend = backends[requested.backend]
  const tried = touchesOutside(backend)
    ? await attempt(backend, requested, sweepBudgets[backend.name].waitSeconds)
    : { id: requested.id, failure: null }
  const ended = await change(
    permit,
    (tx) => forced(deps, tx, tried),
    () => ({ ...noteOf(requested), detail: { lease: requested.id, gone: tried.failure === null } }),
  )
  return { lease: ended?.row ?? requested, failure: tried.failure }
}

/** Somebody else may have ended it meanwhile: then it has ended, and by more than force. */
async function forced(deps: LeasesDeps, tx: Transaction, { id, failure }: Attempt): Promise<Advanced | undefined> {
  const rows = await lockLeases(tx, [id])
  if (failure === null) return (await endGone(deps, tx, rows))[0] ?? rows.map((row) => ({ row, effects: [] }))[0]
  const [row] = rows
  if (row === undefined || hasEnded(row)) return row === undefined ? undefined : { row, effects: [] }
  const ended = await advance(deps, tx, { row, event: { type: 'forced', error: messageOf(failure) } })
  // nobody has said that it is gone, so that is asked until somebody does
  await queueProofs(deps, tx, [ended.row])
  await dropWraps(tx, [id])
  await deps.backends[row.backend].mark(tx, [id], 'revoked')
  return ended
}
