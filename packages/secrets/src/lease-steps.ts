// What is done to held rows, inside somebody's transaction.
import { Refusal } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { LeasesDeps } from './lease-deps.ts'
import {
  lockDue,
  lockDueLease,
  lockLease,
  lockLeases,
  lockLeasesOf,
  updateLease,
  type LeaseRow,
} from './lease.queries.ts'
import type { BackendName, RevocableBackend } from './secret-backend.ts'
import { hasEnded, transition, type LeaseEffect, type LeaseEvent, type LeaseStanding } from './transitions.ts'

/** One sweep takes so many: a second's work, so that claims are kept and a restart with a backlog starts at once. */
const batchMax = 200

/** A row after its step, and what is to be done outside the database after the commit. */
export interface Advanced {
  readonly row: LeaseRow
  readonly effects: readonly LeaseEffect[]
}

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
export const touchesOutside = ({ limits }: RevocableBackend): boolean => limits.revocation === 'deletes'

/**
 * Runs one step of the state machine on a held row, with its record. Effects outside the database are returned for
 * after the commit.
 */
export async function advance(
  { change, clock }: LeasesDeps,
  tx: Transaction,
  row: LeaseRow,
  event: LeaseEvent,
): Promise<Advanced> {
  const step = transition(standingOf(row), event, clock.now())
  if (step === null) return { row, effects: [] }
  const next = await updateLease(tx, row.id, columnsOf(step.next))
  for (const effect of step.effects) if (effect.type === 'record') await change.event(tx, eventOf(effect.event, next))
  return { row: next, effects: step.effects }
}

/** Ends rows whose credential is known to be gone, and marks what their backend shows of them. */
export async function endGone(deps: LeasesDeps, tx: Transaction, rows: readonly LeaseRow[]): Promise<Advanced[]> {
  const ended = await inTurn(
    rows.filter((row) => !hasEnded(row)),
    (row) => advance(deps, tx, row, { type: 'credentialGone' }),
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
  const failed = await inTurn(
    rows.filter(({ id }) => failures.get(id) !== null),
    (row) => advance(deps, tx, row, { type: 'revocationFailed', error: messageOf(failures.get(row.id)) }),
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
  const { row: requested } = await advance(deps, tx, row, { type: 'revocationRequested', reason: wish.reason })
  return requested
}

/** Claims what is due of one backend, or one lease whose time to be tried again has come. */
export async function claimDue(
  deps: LeasesDeps,
  tx: Transaction,
  { backend, lease }: { readonly backend: BackendName; readonly lease?: string | undefined },
): Promise<LeaseRow[]> {
  const now = deps.clock.now()
  const rows =
    lease === undefined
      ? await lockDue(tx, { backend, now, limit: batchMax })
      : await lockDueLease(tx, { id: lease, backend, now })
  return (await inTurn(rows, (row) => advance(deps, tx, row, { type: 'claimed' }))).map(({ row }) => row)
}

/** Ends all that a principal holds: lists of ours say so with this transaction, hosts are for the next sweep. */
export async function endAllOf(
  deps: LeasesDeps,
  tx: Transaction,
  { principalId, reason }: { readonly principalId: string; readonly reason: string },
): Promise<number> {
  const queued = await inTurn(await lockLeasesOf(tx, principalId), (row) =>
    advance(deps, tx, row, { type: 'revocationQueued', reason }),
  )
  await endGone(
    deps,
    tx,
    queued.map(({ row }) => row).filter(({ backend }) => !touchesOutside(deps.backends[backend])),
  )
  return queued.length
}

/** Ends leases for a person, whose credential is gone, or dies by a list of ours in this transaction. */
export async function endWished(
  deps: LeasesDeps,
  tx: Transaction,
  { ids, reason }: { readonly ids: readonly string[]; readonly reason: string },
): Promise<Advanced[]> {
  const requested = await inTurn(await lockLeases(tx, ids), (row) =>
    advance(deps, tx, row, { type: 'revocationQueued', reason }),
  )
  return endGone(
    deps,
    tx,
    requested.map(({ row }) => row),
  )
}

const standingOf = (row: LeaseRow): LeaseStanding => ({
  state: row.state,
  expiresAt: row.expires_at,
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
  due_at: standing.dueAt,
  revoke_requested_at: standing.revokeRequestedAt,
  ended_at: standing.endedAt,
  reason: standing.reason,
  attempts: standing.attempts,
  last_error: standing.lastError,
})

const eventOf = (name: 'lease.expired' | 'lease.revocationFailed' | 'lease.irrevocable', row: LeaseRow) => ({
  name,
  resource: { type: 'Lease', id: row.id },
  workspace: row.workspace_id,
  detail: { backend: row.backend, state: row.state, attempts: row.attempts },
})

const byBackend = (rows: readonly LeaseRow[]): Map<BackendName, LeaseRow[]> =>
  Map.groupBy(rows, ({ backend }) => backend)

/** What people read of a failure; a refusal's hint says more than its code. */
function messageOf(error: unknown): string {
  if (error instanceof Refusal) return error.details.hint ?? error.message
  return error instanceof Error ? error.message : 'it failed without saying why'
}

/** One after the other: a transaction has one connection. */
async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const item of items) results.push(await work(item))
  return results
}
