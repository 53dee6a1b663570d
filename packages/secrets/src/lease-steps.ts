// What is done to held rows, inside somebody's transaction.
import { Refusal } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { LeasesDeps } from './lease-deps.ts'
import { claimEnds, lockWished } from './lease-bulk.queries.ts'
import {
  lockDue,
  lockDueLease,
  lockLease,
  lockLeases,
  lockLeasesIn,
  lockLeasesOf,
  updateLeases,
  type LeaseRow,
} from './lease.queries.ts'
import { sweepBudgets } from './budgets.ts'
import { leaseRevocation } from './lease-terms.ts'
import { dropWraps } from './lease-wrap.queries.ts'
import { queueProofs } from './prove-leases.ts'
import type { BackendName, RevocableBackend } from './secret-backend.ts'
import {
  hasEnded,
  transition,
  type LeaseEffect,
  type LeaseEvent,
  type LeaseFact,
  type LeaseStanding,
} from './transitions.ts'

/** A row after its step, and what is to be done outside the database after the commit. */
export interface Advanced {
  readonly row: LeaseRow
  readonly effects: readonly LeaseEffect[]
}

/** What a step itself needs. */
type StepDeps = Pick<LeasesDeps, 'change' | 'clock' | 'backends'>

/** How an attempt to take a credential away came out; `failure` null: it is gone. */
export interface Attempt {
  readonly id: string
  readonly failure: unknown
}

/** Who asks for an end, and of what. */
export interface EndWish {
  readonly id: string
  readonly reason: string
}

/** Credentials that die by themselves, and earlier by a list of ours, need nobody to be contacted. */
export const touchesOutside = ({ listed }: RevocableBackend): boolean => listed !== true

/**
 * Runs one step of the state machine on each held row, with its audit entries, in two statements however many there
 * are. Effects outside the database are returned for after the commit.
 */
export async function advanceAll(
  { change, clock, backends }: StepDeps,
  tx: Transaction,
  moves: readonly { readonly row: LeaseRow; readonly event: LeaseEvent }[],
): Promise<Advanced[]> {
  const now = clock.now()
  const steps = moves.map(({ row, event }) => ({ row, step: transition(standingOf(row), event, now) }))
  const changes = steps.flatMap(({ row, step }) => (step === null ? [] : [{ id: row.id, ...columnsOf(step.next) }]))
  await updateLeases(tx, changes)
  // they are held, so this is what stands there now
  const advanced = steps.map(({ row, step }) => ({
    row: step === null ? row : { ...row, ...columnsOf(step.next) },
    effects: step?.effects ?? [],
  }))
  await change.events(
    tx,
    advanced.flatMap(({ row, effects }) =>
      effects.flatMap((effect) => (effect.type === 'record' ? [eventOf(effect.event, { row, backends })] : [])),
    ),
  )
  return advanced
}

/** The same for one row. */
export async function advance(
  deps: StepDeps,
  tx: Transaction,
  { row, event }: { row: LeaseRow; event: LeaseEvent },
): Promise<Advanced> {
  const [advanced] = await advanceAll(deps, tx, [{ row, event }])
  return advanced ?? { row, effects: [] }
}

/** Ends rows whose credential is known to be gone, marks what their backend shows of them, and has it proved. */
export async function endGone(deps: LeasesDeps, tx: Transaction, rows: readonly LeaseRow[]): Promise<Advanced[]> {
  const living = rows.filter((row) => !hasEnded(row))
  const ended = await advanceAll(
    deps,
    tx,
    living.map((row) => ({ row, event: { type: 'credentialGone' } })),
  )
  await dropWraps(
    tx,
    ended.flatMap(({ row }) => (row.wrapped_until === null ? [] : [row.id])),
  )
  await queueProofs(
    deps,
    tx,
    ended.map(({ row }) => row).filter(({ state }) => state === 'revoked'),
  )
  for (const phase of ['revoked', 'expired'] as const) {
    for (const [name, group] of byBackend(ended.map(({ row }) => row).filter(({ state }) => state === phase)))
      await deps.backends[name].mark(
        tx,
        group.map(({ id }) => id),
        phase,
      )
  }
  return ended
}

/** Writes down how attempts came out. The rows are read again: someone else may have been faster. */
export async function settle(deps: LeasesDeps, tx: Transaction, attempts: readonly Attempt[]): Promise<Advanced[]> {
  const rows = await lockLeases(
    tx,
    attempts.map(({ id }) => id),
  )
  const failures = new Map(attempts.map(({ id, failure }) => [id, failure]))
  const failed = await advanceAll(
    deps,
    tx,
    rows
      .filter(({ id }) => failures.get(id) !== null)
      .map((row) => ({ row, event: { type: 'revocationFailed', error: messageOf(failures.get(row.id)) } })),
  )
  return [
    ...failed,
    ...(await endGone(
      deps,
      tx,
      rows.filter(({ id }) => failures.get(id) === null),
    )),
  ]
}

/** Notes that a person wants a lease ended. Refuses `not-found` and `lease-ended`. */
export async function requestEnd(deps: LeasesDeps, tx: Transaction, wish: EndWish): Promise<LeaseRow> {
  const row = await lockLease(tx, wish.id)
  if (row === null) throw new Refusal('not-found')
  if (hasEnded(row)) throw new Refusal('lease-ended')
  const { row: requested } = await advance(deps, tx, {
    row,
    event: { type: 'revocationRequested', reason: wish.reason },
  })
  return requested
}

/** Has the next sweep end a lease, unless it has ended. */
export const queueEnd = async (deps: LeasesDeps, tx: Transaction, { id, reason }: EndWish): Promise<void> =>
  void (await queueAll(deps, tx, { rows: await lockLeases(tx, [id]), reason }))

/** What is due of one backend, or one lease whose time to be tried again has come. */
export interface Due {
  readonly backend: BackendName
  readonly lease?: string | undefined
}

/** Holds what is due until the transaction ends; whoever else sweeps goes on to the next. */
export function holdDue(
  { clock }: Pick<LeasesDeps, 'clock'>,
  tx: Transaction,
  { backend, lease }: Due,
): Promise<LeaseRow[]> {
  const now = clock.now()
  return lease === undefined
    ? lockDue(tx, { backend, now, limit: sweepBudgets[backend].batchMax })
    : lockDueLease(tx, { id: lease, backend, now })
}

/** The same for longer than the transaction: while somebody outside is asked, they are this sweep's. */
export async function claimDue(deps: LeasesDeps, tx: Transaction, due: Due): Promise<LeaseRow[]> {
  const rows = await holdDue(deps, tx, due)
  const claimed = await advanceAll(
    deps,
    tx,
    rows.map((row) => ({ row, event: { type: 'claimed' } })),
  )
  return claimed.map(({ row }) => row)
}

/** Ends all that a principal holds: lists of ours say so with this transaction, hosts are for the next sweep. */
export const endAllOf = async (
  deps: LeasesDeps,
  tx: Transaction,
  { principalId, reason }: { readonly principalId: string; readonly reason: string },
): Promise<number> => endAll(deps, tx, { rows: await lockLeasesOf(tx, principalId), reason })

/** The same of all that was issued in one session. */
export const endAllIn = async (
  deps: LeasesDeps,
  tx: Transaction,
  { sessionId, reason }: { readonly sessionId: string; readonly reason: string },
): Promise<number> => endAll(deps, tx, { rows: await lockLeasesIn(tx, sessionId), reason })

async function endAll(
  deps: LeasesDeps,
  tx: Transaction,
  wish: { readonly rows: readonly LeaseRow[]; readonly reason: string },
): Promise<number> {
  const queued = await queueAll(deps, tx, wish)
  await endGone(
    deps,
    tx,
    queued.map(({ row }) => row).filter(({ backend }) => !touchesOutside(deps.backends[backend])),
  )
  return queued.length
}

/** Which leases are to be ended, and why. */
export type EndsWish = Parameters<typeof claimEnds>[1]

/**
 * So many are ended in the very transaction that asks for it, where a list of ours is enough; more of them are the
 * sweep's, so that the transaction stays short.
 */
const endedAtOnceMax = 1000

/** Ends all that fit: one statement writes it down, and what dies by a list of ours is on it with this transaction. */
export async function endMany(
  deps: LeasesDeps,
  tx: Transaction,
  wish: Omit<EndsWish, 'now'>,
): Promise<{ revoked: number; ending: number }> {
  const now = deps.clock.now()
  const claimed = await claimEnds(tx, { ...wish, now })
  const inside = claimed.map(({ backend }) => backend).filter((name) => !touchesOutside(deps.backends[name]))
  const ended = await endGone(deps, tx, await lockWished(tx, { backends: inside, now, limit: endedAtOnceMax }))
  const revoked = claimed.reduce((sum, { count }) => sum + count, 0)
  return { revoked, ending: Math.max(0, revoked - ended.length) }
}

/** Ends leases for a person, whose credential is gone, or dies by a list of ours in this transaction. */
export async function endWished(
  deps: LeasesDeps,
  tx: Transaction,
  { ids, reason }: { readonly ids: readonly string[]; readonly reason: string },
): Promise<Advanced[]> {
  const requested = await queueAll(deps, tx, { rows: await lockLeases(tx, ids), reason })
  return endGone(
    deps,
    tx,
    requested.map(({ row }) => row),
  )
}

const queueAll = (
  deps: LeasesDeps,
  tx: Transaction,
  { rows, reason }: { readonly rows: readonly LeaseRow[]; readonly reason: string },
): Promise<Advanced[]> =>
  advanceAll(
    deps,
    tx,
    rows.map((row) => ({ row, event: { type: 'revocationQueued', reason } })),
  )

/** Where a row stands. */
export const standingOf = (row: LeaseRow): LeaseStanding => ({
  state: row.state,
  expiresAt: row.expires_at,
  wrappedUntil: row.wrapped_until,
  dueAt: row.due_at,
  revokeRequestedAt: row.revoke_requested_at,
  endedAt: row.ended_at,
  reason: row.reason,
  attempts: row.attempts,
  lastError: row.last_error,
})

/** How a standing stands in a row. */
export const columnsOf = (standing: LeaseStanding) => ({
  state: standing.state,
  expires_at: standing.expiresAt,
  wrapped_until: standing.wrappedUntil,
  due_at: standing.dueAt,
  revoke_requested_at: standing.revokeRequestedAt,
  ended_at: standing.endedAt,
  reason: standing.reason,
  attempts: standing.attempts,
  last_error: standing.lastError,
})

const eventOf = (
  name: LeaseFact,
  { row, backends }: { readonly row: LeaseRow; readonly backends: LeasesDeps['backends'] },
) => {
  const { id, backend, state, attempts, workspace_id: workspace } = row
  const detail = { backend, state, attempts, ...leaseRevocation(backends[backend].limits, row) }
  return { name, resource: { type: 'Lease', id }, workspace, detail }
}

const byBackend = (rows: readonly LeaseRow[]): Map<BackendName, LeaseRow[]> =>
  Map.groupBy(rows, ({ backend }) => backend)

/** What people read of a failure; a refusal's hint says more than its code. */
export function messageOf(error: unknown): string {
  if (error instanceof Refusal) return error.details.hint ?? error.message
  return error instanceof Error ? error.message : 'it failed without saying why'
}
