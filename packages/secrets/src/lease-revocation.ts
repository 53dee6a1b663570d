// How leases are ended: by a person, and by sweeps; with a host that is contacted between two transactions, or by a
// list of ours in one.
import { Refusal, type OperationName } from '@gatehouse/contract'
import type { Permit } from '@gatehouse/enforcement'
import { hasAnswered } from './backends/backend-error.ts'
import type { LeasesDeps } from './lease-deps.ts'
import { sweepBudgets } from './budgets.ts'
import { readLease, type LeaseRow } from './lease.queries.ts'
import {
  claimDue,
  endGone,
  holdDue,
  requestEnd,
  settle,
  touchesOutside,
  type Advanced,
  type Attempt,
  type EndWish,
} from './lease-steps.ts'
import { pooled } from './pooled.ts'
import { proofSweepName } from './prove-leases.ts'
import type { LeaseRef, RevocableBackend } from './secret-backend.ts'
import { hasEnded } from './transitions.ts'
import { within } from './within.ts'

/**
 * How an attempt to end a lease came out. `failure` null: the credential cannot work any more. Else the lease is
 * retried until it cannot.
 */
export interface Revocation {
  readonly lease: LeaseRow
  readonly failure: unknown
}

/** Ends a lease for a person: written down first, then tried at once. Refuses `not-found` and `lease-ended`. */
export async function revokeLease<N extends OperationName>(
  deps: LeasesDeps,
  permit: Permit<N>,
  wish: EndWish,
): Promise<Revocation> {
  const row = await readLease(deps.db, wish.id)
  if (row === null) throw new Refusal('not-found')
  const revocation = touchesOutside(deps.backends[row.backend])
    ? await revokeOutside(deps, permit, wish)
    : await revokeInside(deps, permit, wish)
  void deps.workflows.wake(proofSweepName) // whether it is dead is asked at once
  return revocation
}

async function revokeOutside<N extends OperationName>(
  deps: LeasesDeps,
  permit: Permit<N>,
  wish: EndWish,
): Promise<Revocation> {
  const { change, backends, db } = deps
  const requested = await change.intent(
    permit,
    async (tx) => {
      const row = await requestEnd(deps, tx, wish)
      await backends[row.backend].mark(tx, [row.id], 'removing')
      return row
    },
    noteOf,
  )
  const { waitSeconds } = sweepBudgets[requested.backend]
  const result = await attempt(backends[requested.backend], requested, waitSeconds)
  const settled = await change(
    permit,
    (tx) => settle(deps, tx, [result]),
    ([one]) => ({ ...noteOf(one?.row ?? requested), detail: { lease: requested.id, ended: result.failure === null } }),
  )
  act(deps, settled)
  return { lease: settled[0]?.row ?? (await readLease(db, requested.id)) ?? requested, failure: result.failure }
}

/** What dies by a list of ours is revoked in the very transaction that asks for it. */
async function revokeInside<N extends OperationName>(
  deps: LeasesDeps,
  permit: Permit<N>,
  wish: EndWish,
): Promise<Revocation> {
  const lease = await deps.change(
    permit,
    async (tx) => {
      const row = await requestEnd(deps, tx, wish)
      const [ended] = await endGone(deps, tx, [row])
      return ended?.row ?? row
    },
    noteOf,
  )
  return { lease, failure: null }
}

/** Ends what is due of one backend, or one lease. Answers the rows as they are now. */
export async function sweepLeases(deps: LeasesDeps, permit: Permit<'lease.expire'>): Promise<LeaseRow[]> {
  const advanced = touchesOutside(deps.backends[permit.input.backend])
    ? await sweepOutside(deps, permit)
    : await sweepInside(deps, permit)
  act(deps, advanced)
  return advanced.map(({ row }) => row)
}

async function sweepOutside(deps: LeasesDeps, permit: Permit<'lease.expire'>): Promise<Advanced[]> {
  const backend = deps.backends[permit.input.backend]
  const claimed = await deps.change.intent(
    permit,
    async (tx) => {
      const rows = await claimDue(deps, tx, permit.input)
      await backend.mark(
        tx,
        rows.map(({ id }) => id),
        'removing',
      )
      return rows
    },
    (rows) => ({ detail: { claimed: rows.map(({ id }) => id) } }),
  )
  const { parallelMax, waitSeconds } = sweepBudgets[backend.name]
  const places = (await backend.placesOf?.(claimed.map(({ id }) => id))) ?? new Map<string, string>()
  const groups = [...Map.groupBy(claimed, ({ id }) => places.get(id) ?? id).values()]
  const attempts = (await pooled(groups, parallelMax, (rows) => attemptAtPlace(backend, rows, waitSeconds))).flat()
  return deps.change(permit, (tx) => settle(deps, tx, attempts), sweepNote)
}

/** They end in the transaction that holds them: a claim would write each of them twice. */
const sweepInside = (deps: LeasesDeps, permit: Permit<'lease.expire'>): Promise<Advanced[]> =>
  deps.change(permit, async (tx) => endGone(deps, tx, await holdDue(deps, tx, permit.input)), sweepNote)

/** After the commit: nobody is kept waiting for a workflow, and a lost wake-up is found by the sweep. */
function act({ workflows, alerts }: LeasesDeps, advanced: readonly Advanced[]): void {
  for (const { row, effects } of advanced)
    for (const effect of effects) {
      if (effect.type === 'ensureRevocation') void workflows.retry(row.backend, row.id)
      if (effect.type === 'alert')
        alerts.raise(effect.kind, { lease: row.id, role: row.role, backend: row.backend, attempts: row.attempts })
    }
}

/**
 * One place within its time, lease by lease: where it did not answer for one, it is not asked for the others. What it
 * does not take away for one lease says nothing of the others.
 */
async function attemptAtPlace(
  backend: RevocableBackend,
  rows: readonly LeaseRow[],
  waitSeconds: number,
): Promise<Attempt[]> {
  const begun = performance.now()
  const attempts: Attempt[] = []
  for (const [index, row] of rows.entries()) {
    const left = Math.max(0, waitSeconds - (performance.now() - begun) / 1000)
    const one = await attempt(backend, row, left)
    attempts.push(one)
    if (one.failure !== null && !hasAnswered(one.failure))
      return [...attempts, ...rows.slice(index + 1).map(({ id }) => ({ id, failure: one.failure }))]
  }
  return attempts
}

/** One try, within its time. */
export async function attempt(backend: RevocableBackend, row: LeaseRow, waitSeconds: number): Promise<Attempt> {
  try {
    await within(waitSeconds, backend.revoke(refOf(row)))
    return { id: row.id, failure: null }
  } catch (error) {
    return { id: row.id, failure: error }
  }
}

const refOf = (row: LeaseRow): LeaseRef => ({ id: row.id, expiresAt: row.expires_at })

/** What an entry says of one lease. */
export const noteOf = (row: LeaseRow) => ({ workspace: row.workspace_id, detail: { lease: row.id } })

const sweepNote = (advanced: readonly Advanced[]) => ({
  detail: {
    ended: advanced.filter(({ row }) => hasEnded(row)).map(({ row }) => row.id),
    failed: advanced.filter(({ row }) => !hasEnded(row)).map(({ row }) => row.id),
  },
})
