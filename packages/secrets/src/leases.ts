import { Refusal, type OperationName, type Output } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Permit, Principal } from '@gatehouse/enforcement'
import { forceRevoke } from './force-revoke.ts'
import type { LeasesDeps } from './lease-deps.ts'
import {
  insertLease,
  insertLeases,
  lockLease,
  lockLeases,
  nextDueAt,
  readLease,
  type LeaseRow,
} from './lease.queries.ts'
import { revokeLease, sweepLeases, type Revocation } from './lease-revocation.ts'
import {
  advance,
  columnsOf,
  endAllIn,
  endAllOf,
  endGone,
  endMany,
  endWished,
  queueEnd,
  type EndsWish,
  type EndWish,
} from './lease-steps.ts'
import { proofSweepName } from './prove-leases.ts'
import { refuseLocked, refuseLockedLease, type Lockable } from './refuse-locked.ts'
import type { BackendName } from './secret-backend.ts'
import { activeLease, hasEnded, newLease, type LeaseEvent, type LeaseStanding } from './transitions.ts'

/** What a lease is for. */
export interface LeaseTerms {
  readonly id: string
  readonly backend: BackendName
  readonly role: string
  /** The host that it opens; null: none. */
  readonly hostId: string | null
  readonly workspace: string
  readonly purpose: string
  readonly principal: Principal
  readonly expiresAt: Date
  /** It can be renewed until then at most; left out: it cannot be. */
  readonly renewableUntil?: Date | null
  /** Fingerprint of the public key that it is for; left out: none. */
  readonly key?: string
}

/** A lease whose credential is there, for whom and for which key. */
type ActivatedTerms = Pick<LeaseTerms, 'id' | 'principal' | 'key'>

/** The engine of leases. Rows are the truth; workflows and sweeps only bring them forward. */
export interface Leases {
  /**
   * Writes the row that gets the credential taken away, before there is one. Refuses `unauthenticated` for a person or
   * program that is disabled, locked or gone, and `locked` where something else of it is.
   */
  insertPending(tx: Transaction, terms: LeaseTerms): Promise<LeaseRow>
  /**
   * Writes leases of one caller whose credentials are there with this very transaction, or not at all: nobody outside
   * is asked for them, so there is nothing to be taken away where it fails. Answers when they were issued; refuses as
   * `insertPending` does.
   */
  insertActive(tx: Transaction, leases: readonly LeaseTerms[]): Promise<Date>
  /**
   * The credential exists. Refuses `lease-ended` when the lease was ended meanwhile, and what was locked meanwhile as
   * before; the caller must not hand the credential out.
   */
  activate(tx: Transaction, terms: ActivatedTerms): Promise<LeaseRow>
  /** The same of a credential that waits for somebody to open it until then, and ends then unless they do. */
  activateWrapped(tx: Transaction, terms: ActivatedTerms, until: Date): Promise<LeaseRow>
  /**
   * Somebody has opened its credential. Refuses `not-found`, `lease-ended` when that may not be any more, and `locked`
   * where something of it is.
   */
  opened(tx: Transaction, id: string): Promise<LeaseRow>
  /** Refuses what is locked of a lease that is there; nothing of it comes to be before the transaction ends. */
  refuseLocked(tx: Transaction, lockable: Lockable): Promise<void>
  /** Ends a lease for a person: written down first, then tried at once. Refuses `not-found` and `lease-ended`. */
  revoke<N extends OperationName>(permit: Permit<N>, wish: EndWish): Promise<Revocation>
  /** Has the next sweep end a lease, unless it has ended; for what failed in the making. */
  queueEnd(tx: Transaction, wish: EndWish): Promise<void>
  /** Ends what is due of one backend, or one lease whose time to be tried again has come. */
  sweep(permit: Permit<'lease.expire'>): Promise<Output<'lease.expire'>>
  /** Ends leases whose credential is known to be gone. */
  settleGone(tx: Transaction, ids: readonly string[]): Promise<LeaseRow[]>
  /** Ends leases that a person wants ended and whose credential cannot work any more. */
  endGone(tx: Transaction, wish: { readonly ids: readonly string[]; readonly reason: string }): Promise<LeaseRow[]>
  /**
   * Ends all that a principal holds, in the transaction that takes their right away: lists of ours say so with it,
   * hosts are for the next sweep. Answers how many.
   */
  endAllOf(tx: Transaction, wish: { readonly principalId: string; readonly reason: string }): Promise<number>
  /** The same of all that was issued in one session. */
  endAllIn(tx: Transaction, wish: { readonly sessionId: string; readonly reason: string }): Promise<number>
  /** The same of all that fit, in the workspaces that somebody was decided to reach. */
  endMany(tx: Transaction, wish: Omit<EndsWish, 'now'>): Promise<{ revoked: number; ending: number }>
  /** Ends a lease although its backend does not say that its credential is gone. Refuses `not-found`, `lease-ended`. */
  forceRevoke(permit: Permit<'lease.forceRevoke'>): Promise<Revocation>
  /** After such a transaction: has the sweeps begun now rather than at their next look. */
  hurry(): void
  /** Seconds until a sweep of the backend has work, below zero when it is late; null: nothing to come. */
  nextDueInSeconds(backend: BackendName): Promise<number | null>
}

/** Creates the engine over the given backends. */
export function createLeases(deps: LeasesDeps): Leases {
  const { db, clock, backends, workflows } = deps
  const nextDueInSeconds = async (backend: BackendName): Promise<number | null> =>
    secondsUntil(await nextDueAt(db, backend), clock.now())
  const nextFor = async ({
    backend,
    lease,
  }: {
    readonly backend: BackendName
    readonly lease?: string | undefined
  }): Promise<number | null> =>
    lease === undefined
      ? nextDueInSeconds(backend)
      : secondsUntil((await readLease(db, lease))?.due_at ?? null, clock.now())
  return {
    insertPending: async (tx, terms) => {
      await requireActive(deps, tx, terms.principal)
      await refuseLocked(deps, tx, [terms])
      const now = clock.now()
      return insertLease(tx, rowOf(terms, { now, standing: newLease({ expiresAt: terms.expiresAt, now }) }))
    },
    insertActive: async (tx, all) => {
      const now = clock.now()
      await requireActive(deps, tx, onlyPrincipal(all))
      await refuseLocked(deps, tx, all)
      const rowAs = (terms: LeaseTerms) =>
        rowOf(terms, { now, standing: activeLease({ expiresAt: terms.expiresAt, now }) })
      await insertLeases(tx, all.map(rowAs))
      return now
    },
    activate: (tx, terms) => activate(deps, tx, { terms, event: { type: 'activated' } }),
    activateWrapped: (tx, terms, until) => activate(deps, tx, { terms, event: { type: 'wrapped', until } }),
    opened: async (tx, id) => {
      const row = await lockLease(tx, id)
      if (row === null) throw new Refusal('not-found')
      await refuseLockedLease(deps, tx, row)
      const advanced = await advance(deps, tx, { row, event: { type: 'opened' } })
      if (row.wrapped_until === null || advanced.row.wrapped_until !== null) throw new Refusal('lease-ended')
      return advanced.row
    },
    refuseLocked: (tx, lockable) => refuseLocked(deps, tx, [lockable]),
    revoke: (permit, wish) => revokeLease(deps, permit, wish),
    queueEnd: (tx, wish) => queueEnd(deps, tx, wish),
    sweep: async (permit) => {
      const rows = await sweepLeases(deps, permit)
      const failed = rows.filter((row) => !hasEnded(row)).map(({ id }) => id)
      return { ended: rows.length - failed.length, failed, nextDueInSeconds: await nextFor(permit.input) }
    },
    settleGone: async (tx, ids) => (await endGone(deps, tx, await lockLeases(tx, ids))).map(({ row }) => row),
    endGone: async (tx, wish) => (await endWished(deps, tx, wish)).map(({ row }) => row),
    endAllOf: (tx, wish) => endAllOf(deps, tx, wish),
    endAllIn: (tx, wish) => endAllIn(deps, tx, wish),
    endMany: (tx, wish) => endMany(deps, tx, wish),
    forceRevoke: (permit) => forceRevoke(deps, permit),
    hurry: () => {
      for (const sweep of [...Object.keys(backends), proofSweepName]) void workflows.wake(sweep)
    },
    nextDueInSeconds,
  }
}

/** Whose leases these are. Throws where they are several callers': each would have to be looked at. */
function onlyPrincipal(all: readonly LeaseTerms[]): Principal {
  const [first, ...others] = all.map(({ principal }) => principal)
  if (first === undefined || others.some(({ type, id }) => type !== first.type || id !== first.id))
    throw new TypeError('leases of several callers at once, or of none')
  return first
}

/** A call that was admitted a moment before its caller was shut out (threat A12): the leases have just been ended. */
async function requireActive(deps: LeasesDeps, tx: Transaction, principal: Principal): Promise<void> {
  if (!(await holdsActive(deps, tx, principal))) throw new Refusal('unauthenticated')
}

async function activate(
  deps: LeasesDeps,
  tx: Transaction,
  { terms: { id, principal, key }, event }: { readonly terms: ActivatedTerms; readonly event: LeaseEvent },
): Promise<LeaseRow> {
  const row = await lockLease(tx, id)
  if (row !== null)
    await refuseLocked(deps, tx, [
      { principal, role: row.role, hostId: row.host_id, ...(key === undefined ? {} : { key }) },
    ])
  const advanced = row === null ? null : await advance(deps, tx, { row, event })
  if (advanced?.row.state !== 'active')
    throw new Refusal('lease-ended', { hint: 'it was ended before the credential was ready; ask for another' })
  return advanced.row
}

/** Holds who a lease is for, until it is there. Our own processes are not shut out. */
async function holdsActive(
  { directory }: LeasesDeps,
  tx: Transaction,
  principal: LeaseTerms['principal'],
): Promise<boolean> {
  if (principal.type === 'User') return directory.holdActive(tx, { type: 'User', id: principal.id })
  return (
    principal.type !== 'Service' ||
    principal.apiToken === undefined ||
    directory.holdActive(tx, { type: 'ServiceAccount', id: principal.id })
  )
}

function rowOf(
  { id, backend, role, hostId, workspace, purpose, principal, renewableUntil = null }: LeaseTerms,
  { now, standing }: { readonly now: Date; readonly standing: LeaseStanding },
): Parameters<typeof insertLease>[1] {
  if (principal.type === 'Anonymous') throw new Refusal('unauthenticated')
  return {
    id,
    backend,
    role,
    host_id: hostId,
    workspace_id: workspace,
    purpose,
    principal_type: principal.type,
    principal_id: principal.id,
    principal_name: principal.type === 'User' ? principal.username : principal.name,
    session_id: principal.type === 'User' ? principal.session.id : null,
    issued_at: now,
    renewable_until: renewableUntil,
    ...columnsOf(standing),
  }
}

const secondsUntil = (at: Date | null, now: Date): number | null =>
  at === null ? null : (at.getTime() - now.getTime()) / 1000
