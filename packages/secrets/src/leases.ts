import { Refusal, type OperationName, type Output } from '@gatehouse/contract'
import type { Change } from '@gatehouse/audit'
import type { Store, Transaction } from '@gatehouse/database'
import type { Alerts, Clock, Permit, Principal, Workflows } from '@gatehouse/enforcement'
import { holdActiveAccount, holdActiveUser, insertLease, lockDue, lockDueLease, lockLease, lockLeases, lockLeasesOf, nextDueAt, readLease, updateLease, type LeaseRow } from './lease.queries.ts'
import type { Backends, BackendName, LeaseRef, RevocableBackend } from './secret-backend.ts'
import { hasEnded, newLease, transition, type LeaseEffect, type LeaseEvent, type LeaseStanding } from './transitions.ts'

/** What leases need from outside. */
export interface LeasesDeps {
  readonly db: Store
  readonly change: Change
  readonly clock: Clock
  readonly backends: Backends
  readonly workflows: Workflows
  readonly alerts: Alerts
}

/** What a lease is for. */
export interface LeaseTerms {
  readonly id: string
  readonly backend: BackendName
  readonly role: string
  readonly workspace: string
  readonly purpose: string
  readonly principal: Principal
  readonly expiresAt: Date
}

/** How an attempt to end a lease came out. `failure` null: the credential cannot work any more. Else the lease is retried until it cannot. */
export interface Revocation {
  readonly lease: LeaseRow
  readonly failure: unknown
}

/** The engine of leases. Rows are the truth; workflows and sweeps only bring them forward. */
export interface Leases {
  /** Writes the row that gets the credential taken away, before there is one. Refuses `unauthenticated` for a person or program that is disabled or gone. */
  insertPending(tx: Transaction, terms: LeaseTerms): Promise<LeaseRow>
  /** The credential exists. Refuses `lease-ended` when the lease was ended meanwhile; the caller must not hand the credential out. */
  activate(tx: Transaction, id: string): Promise<LeaseRow>
  /** Ends a lease for a person: written down first, then tried at once. Refuses `not-found` and `lease-ended`. */
  revoke<N extends OperationName>(permit: Permit<N>, wish: { readonly id: string; readonly reason: string }): Promise<Revocation>
  /** Ends what is due of one backend, or one lease whose time to be tried again has come. */
  sweep(permit: Permit<'lease.expire'>): Promise<Output<'lease.expire'>>
  /** Ends leases whose credential is known to be gone. */
  settleGone(tx: Transaction, ids: readonly string[]): Promise<LeaseRow[]>
  /** Ends all that a principal holds, in the transaction that takes his right away: lists of ours say so with it, hosts are for the next sweep. Answers how many. */
  endAllOf(tx: Transaction, wish: { readonly principalId: string; readonly reason: string }): Promise<number>
  /** After such a transaction: has the sweeps begun now rather than at their next look. */
  hurry(): void
  /** Seconds until a sweep of the backend has work, below zero when it is late; null: nothing to come. */
  nextDueInSeconds(backend: BackendName): Promise<number | null>
}

/** One sweep takes so many: a second's work, so that claims are kept and a restart with a backlog starts at once. */
const batchMax = 200

/** Hosts are contacted in parallel, and each is slow in its own time. */
const revokeParallelMax = 32

/** Longest wait for a backend: below the claim, so that nobody else begins meanwhile. */
const revokeSecondsMax = 25

/** Creates the engine over the given backends. */
// oxlint-disable-next-line max-lines-per-function -- a factory: what is long is the list of small functions it closes over
export function createLeases(deps: LeasesDeps): Leases {
  const { change, clock, backends } = deps

  /** Runs one step of the state machine on a held row, with its record. Effects outside the database are returned for after the commit. */
  const advance = async (tx: Transaction, row: LeaseRow, event: LeaseEvent): Promise<Advanced> => {
    const step = transition(standingOf(row), event, clock.now())
    if (step === null) return { row, effects: [] }
    const next = await updateLease(tx, row.id, columnsOf(step.next))
    for (const effect of step.effects) if (effect.type === 'record') await change.event(tx, eventOf(effect.event, next))
    return { row: next, effects: step.effects }
  }

  const gone = async (tx: Transaction, rows: readonly LeaseRow[]): Promise<Advanced[]> => {
    const ended = await inTurn(rows.filter((row) => !hasEnded(row)), (row) => advance(tx, row, { type: 'credentialGone' }))
    for (const phase of ['revoked', 'expired'] as const) {
      for (const [name, group] of byBackend(ended.map(({ row }) => row).filter(({ state }) => state === phase))) await backends[name].mark(tx, group.map(({ id }) => id), phase)
    }
    return ended
  }

  /** After the commit: nobody is kept waiting for a workflow, and a lost wake-up is found by the sweep. */
  const act = (advanced: readonly Advanced[]): void => {
    for (const { row, effects } of advanced) for (const effect of effects) {
      if (effect.type === 'ensureRevocation') void deps.workflows.ensureLeaseRevocation(row.id, row.backend)
      if (effect.type === 'alert') deps.alerts.raise(effect.kind, { lease: row.id, backend: row.backend, attempts: row.attempts })
    }
  }

  const attempt = async (backend: RevocableBackend, row: LeaseRow): Promise<Attempt> => {
    try {
      await within(revokeSecondsMax, backend.revoke(refOf(row)))
      return { id: row.id, failure: null }
    } catch (error) {
      return { id: row.id, failure: error }
    }
  }

  /** Writes down how attempts came out. The rows are read again: someone else may have been faster. */
  const settle = async (tx: Transaction, attempts: readonly Attempt[]): Promise<Advanced[]> => {
    const rows = await lockLeases(tx, attempts.map(({ id }) => id))
    const failures = new Map(attempts.map(({ id, failure }) => [id, failure]))
    const failed = await inTurn(rows.filter(({ id }) => failures.get(id) !== null), (row) => advance(tx, row, { type: 'revocationFailed', error: messageOf(failures.get(row.id)) }))
    return [...failed, ...await gone(tx, rows.filter(({ id }) => failures.get(id) === null))]
  }

  const requestEnd = async (tx: Transaction, wish: { readonly id: string; readonly reason: string }): Promise<LeaseRow> => {
    const row = await lockLease(tx, wish.id)
    if (row === null) throw new Refusal('not-found')
    if (hasEnded(row)) throw new Refusal('lease-ended')
    const { row: requested } = await advance(tx, row, { type: 'revocationRequested', reason: wish.reason })
    return requested
  }

  const revokeOutside = async <N extends OperationName>(permit: Permit<N>, wish: { readonly id: string; readonly reason: string }): Promise<Revocation> => {
    const requested = await change.intent(permit, async (tx) => {
      const row = await requestEnd(tx, wish)
      await backends[row.backend].mark(tx, [row.id], 'removing')
      return row
    }, noteOf)
    const result = await attempt(backends[requested.backend], requested)
    const settled = await change(permit, (tx) => settle(tx, [result]), ([one]) => ({ ...noteOf(one?.row ?? requested), detail: { lease: requested.id, ended: result.failure === null } }))
    act(settled)
    return { lease: settled[0]?.row ?? await rereadLease(deps.db, requested), failure: result.failure }
  }

  /** What dies by a list of ours is revoked in the very transaction that asks for it. */
  const revokeInside = async <N extends OperationName>(permit: Permit<N>, wish: { readonly id: string; readonly reason: string }): Promise<Revocation> => {
    const lease = await change(permit, async (tx) => {
      const row = await requestEnd(tx, wish)
      const [ended] = await gone(tx, [row])
      return ended?.row ?? row
    }, noteOf)
    return { lease, failure: null }
  }

  const claim = async (tx: Transaction, { backend, lease }: { readonly backend: BackendName; readonly lease?: string | undefined }): Promise<LeaseRow[]> => {
    const now = clock.now()
    const rows = lease === undefined ? await lockDue(tx, { backend, now, limit: batchMax }) : await lockDueLease(tx, { id: lease, backend, now })
    return (await inTurn(rows, (row) => advance(tx, row, { type: 'claimed' }))).map(({ row }) => row)
  }

  const sweepOutside = async (permit: Permit<'lease.expire'>): Promise<Advanced[]> => {
    const backend = backends[permit.input.backend]
    const claimed = await change.intent(permit, async (tx) => {
      const rows = await claim(tx, permit.input)
      await backend.mark(tx, rows.map(({ id }) => id), 'removing')
      return rows
    }, (rows) => ({ detail: { claimed: rows.map(({ id }) => id) } }))
    const attempts = await pooled(claimed, revokeParallelMax, (row) => attempt(backend, row))
    return change(permit, (tx) => settle(tx, attempts), sweepNote)
  }

  const sweepInside = (permit: Permit<'lease.expire'>): Promise<Advanced[]> =>
    change(permit, async (tx) => gone(tx, await claim(tx, permit.input)), sweepNote)

  const endAllOf = async (tx: Transaction, { principalId, reason }: { readonly principalId: string; readonly reason: string }): Promise<number> => {
    const queued = await inTurn(await lockLeasesOf(tx, principalId), (row) => advance(tx, row, { type: 'revocationQueued', reason }))
    await gone(tx, queued.map(({ row }) => row).filter(({ backend }) => !touchesOutside(backends[backend])))
    return queued.length
  }

  const nextDueInSeconds = async (backend: BackendName): Promise<number | null> => secondsUntil(await nextDueAt(deps.db, backend), clock.now())

  const nextFor = async ({ backend, lease }: { readonly backend: BackendName; readonly lease?: string | undefined }): Promise<number | null> => {
    if (lease === undefined) return nextDueInSeconds(backend)
    return secondsUntil((await readLease(deps.db, lease))?.due_at ?? null, clock.now())
  }

  return {
    insertPending: async (tx, terms) => {
      // a call that was admitted a moment before its caller was shut out (threat A12): the leases have just been ended
      if (!await holdsActive(tx, terms.principal)) throw new Refusal('unauthenticated')
      return insertLease(tx, rowOf(terms, clock.now()))
    },
    activate: async (tx, id) => {
      const row = await lockLease(tx, id)
      const advanced = row === null ? null : await advance(tx, row, { type: 'activated' })
      if (advanced?.row.state !== 'active') throw new Refusal('lease-ended', { hint: 'it was ended before the credential was ready; ask for another' })
      return advanced.row
    },
    revoke: async (permit, wish) => {
      const row = await readLease(deps.db, wish.id)
      if (row === null) throw new Refusal('not-found')
      return touchesOutside(backends[row.backend]) ? revokeOutside(permit, wish) : revokeInside(permit, wish)
    },
    sweep: async (permit) => {
      const advanced = touchesOutside(backends[permit.input.backend]) ? await sweepOutside(permit) : await sweepInside(permit)
      act(advanced)
      const failed = advanced.filter(({ row }) => !hasEnded(row)).map(({ row }) => row.id)
      return { ended: advanced.length - failed.length, failed, nextDueInSeconds: await nextFor(permit.input) }
    },
    settleGone: async (tx, ids) => (await gone(tx, await lockLeases(tx, ids))).map(({ row }) => row),
    endAllOf,
    hurry: () => {
      for (const backend of Object.values(backends)) void deps.workflows.wakeLeaseExpiry(backend.name)
    },
    nextDueInSeconds,
  }
}

/** Holds who a lease is for, until it is there. Our own processes are not shut out. */
async function holdsActive(tx: Transaction, principal: LeaseTerms['principal']): Promise<boolean> {
  if (principal.type === 'User') return holdActiveUser(tx, principal.id)
  return principal.type !== 'Service' || principal.apiToken === undefined || holdActiveAccount(tx, principal.id)
}

interface Advanced {
  readonly row: LeaseRow
  readonly effects: readonly LeaseEffect[]
}

interface Attempt {
  readonly id: string
  readonly failure: unknown
}

/** Credentials that die by themselves, and earlier by a list of ours, need nobody to be contacted. */
const touchesOutside = ({ limits }: RevocableBackend): boolean => limits.revocation === 'deletes'

const standingOf = (row: LeaseRow): LeaseStanding => ({
  state: row.state, expiresAt: row.expires_at, dueAt: row.due_at, revokeRequestedAt: row.revoke_requested_at, endedAt: row.ended_at, reason: row.reason, attempts: row.attempts, lastError: row.last_error,
})

const columnsOf = (standing: LeaseStanding) => ({
  state: standing.state, due_at: standing.dueAt, revoke_requested_at: standing.revokeRequestedAt, ended_at: standing.endedAt, reason: standing.reason, attempts: standing.attempts, last_error: standing.lastError,
})

function rowOf({ id, backend, role, workspace, purpose, principal, expiresAt }: LeaseTerms, now: Date): Parameters<typeof insertLease>[1] {
  if (principal.type === 'Anonymous') throw new Refusal('unauthenticated')
  return {
    id, backend, role, workspace_id: workspace, purpose, principal_type: principal.type, principal_id: principal.id, principal_name: principal.type === 'User' ? principal.username : principal.name,
    session_id: principal.type === 'User' ? principal.session.id : null, issued_at: now, expires_at: expiresAt, ...columnsOf(newLease({ expiresAt, now })),
  }
}

const refOf = (row: LeaseRow): LeaseRef => ({ id: row.id, expiresAt: row.expires_at })

const noteOf = (row: LeaseRow) => ({ workspace: row.workspace_id, detail: { lease: row.id } })

const eventOf = (name: 'lease.expired' | 'lease.revocationFailed' | 'lease.irrevocable', row: LeaseRow) => ({
  name, resource: { type: 'Lease', id: row.id }, workspace: row.workspace_id, detail: { backend: row.backend, state: row.state, attempts: row.attempts },
})

const sweepNote = (advanced: readonly Advanced[]) => ({
  detail: { ended: advanced.filter(({ row }) => hasEnded(row)).map(({ row }) => row.id), failed: advanced.filter(({ row }) => !hasEnded(row)).map(({ row }) => row.id) },
})

const byBackend = (rows: readonly LeaseRow[]): Map<BackendName, LeaseRow[]> => Map.groupBy(rows, ({ backend }) => backend)

const rereadLease = async (db: Store, row: LeaseRow): Promise<LeaseRow> => (await readLease(db, row.id)) ?? row

const secondsUntil = (at: Date | null, now: Date): number | null => at === null ? null : (at.getTime() - now.getTime()) / 1000

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

/** At most so many at once. */
async function pooled<T, R>(items: readonly T[], parallelMax: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const queue = items.entries()
  const runner = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(parallelMax, items.length) }, runner))
  return results
}

/** The result, or a refusal once the time is over; the work itself goes on and is harmless, since revoking twice is. */
async function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Refusal('unavailable', { hint: `the backend did not answer within ${seconds} s` })), seconds * 1000)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
