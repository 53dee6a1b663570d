import { claimSeconds } from './budgets.ts'

export { activitySeconds, claimSeconds } from './budgets.ts'

/**
 * The states of a lease. `revoked`, `expired`: ended, the credential cannot work. `irrevocable`: given up on, a person
 * is needed.
 */
export type LeaseState = 'pending' | 'active' | 'revoked' | 'expired' | 'irrevocable'

/** Where a lease stands: what its row says. */
export interface LeaseStanding {
  readonly state: LeaseState
  readonly expiresAt: Date
  /** Its credential waits for somebody to open it until then at most; null: it does not wait. */
  readonly wrappedUntil: Date | null
  /** When something must be done next; null once there is nothing left to do. */
  readonly dueAt: Date | null
  readonly revokeRequestedAt: Date | null
  readonly endedAt: Date | null
  readonly reason: string | null
  readonly attempts: number
  readonly lastError: string | null
}

/** What happens to a lease. */
export type LeaseEvent =
  | { readonly type: 'activated' }
  | { readonly type: 'wrapped'; readonly until: Date }
  | { readonly type: 'renewed'; readonly expiresAt: Date }
  | { readonly type: 'opened' }
  | { readonly type: 'revocationRequested'; readonly reason: string }
  | { readonly type: 'revocationQueued'; readonly reason: string }
  | { readonly type: 'claimed' }
  | { readonly type: 'credentialGone' }
  | { readonly type: 'revocationFailed'; readonly error: string }
  | { readonly type: 'forced'; readonly error: string }

/** What the audit log says of a lease that nobody asked for in this very call. */
export type LeaseFact =
  | 'lease.expired'
  | 'lease.revoked'
  | 'lease.revocationFailed'
  | 'lease.irrevocable'
  | 'lease.forced'

/** What the world outside has to do about it. */
export type LeaseEffect =
  | { readonly type: 'record'; readonly event: LeaseFact }
  | { readonly type: 'ensureRevocation' }
  | { readonly type: 'alert'; readonly kind: 'lease-revocation-failed' | 'lease-irrevocable' }

/** The next standing and what follows from it; null: the event does not fit the state, and nothing may change. */
export interface LeaseStep {
  readonly next: LeaseStanding
  readonly effects: readonly LeaseEffect[]
}

/** A row whose credential was never reported made is revoked after this: longer than any backend may take to answer. */
export const pendingSeconds = 60

/** First pause after a failure; it doubles up to the maximum, so a host that is away for a minute costs few tries. */
const retrySecondsMin = 5
const retrySecondsMax = 300

/** Tries before a person is called: with the pauses above a little over an hour and a half. */
export const attemptsMax = 24

/** A lease that was given up on is still tried once a day: hosts come back. */
const irrevocableRetrySeconds = 86_400

/** What is kept of an error: enough to act on, too little to fill a table. */
const errorCharsMax = 240

/** Never half a character: no row could hold that. */
const shortError = (error: string): string => error.slice(0, errorCharsMax).toWellFormed()

/** How long to wait after the given number of failures. */
export const retryDelaySeconds = (attempts: number): number =>
  Math.min(retrySecondsMax, retrySecondsMin * 2 ** Math.min(Math.max(attempts - 1, 0), 16))

/** True once the credential cannot work and nothing is left to do. */
export const hasEnded = ({ state }: Pick<LeaseStanding, 'state'>): boolean => state === 'revoked' || state === 'expired'

/** True while nobody wants it ended and its time is not over: what is being taken away is not made to live on. */
export const isRenewable = (
  { state, revokeRequestedAt, expiresAt }: Pick<LeaseStanding, 'state' | 'revokeRequestedAt' | 'expiresAt'>,
  now: Date,
): boolean => state === 'active' && revokeRequestedAt === null && expiresAt > now

/** True while a credential that nobody has opened may be opened. */
const isOpenable = (lease: LeaseStanding, now: Date): boolean =>
  isRenewable(lease, now) && lease.wrappedUntil !== null && lease.wrappedUntil > now

/** The standing of a lease that is about to be made: the row is there before the credential is. */
export const newLease = ({ expiresAt, now }: { readonly expiresAt: Date; readonly now: Date }): LeaseStanding => ({
  state: 'pending',
  expiresAt,
  wrappedUntil: null,
  dueAt: later(now, pendingSeconds),
  revokeRequestedAt: null,
  endedAt: null,
  reason: null,
  attempts: 0,
  lastError: null,
})

/** The same where the credential is there with the transaction that writes the row, or not at all. */
export const activeLease = ({ expiresAt, now }: { readonly expiresAt: Date; readonly now: Date }): LeaseStanding => ({
  ...newLease({ expiresAt, now }),
  state: 'active',
  dueAt: expiresAt,
})

/** One step of a lease's life. Pure: the same answer for handler, sweeper and workflow. */
export function transition(lease: LeaseStanding, event: LeaseEvent, now: Date): LeaseStep | null {
  if (hasEnded(lease)) return null
  switch (event.type) {
    case 'activated':
      return activate(lease)
    case 'wrapped':
      return activate({ ...lease, wrappedUntil: event.until })
    case 'renewed':
      return isRenewable(lease, now) ? step(ending({ ...lease, expiresAt: event.expiresAt })) : null
    case 'opened':
      return isOpenable(lease, now) ? step(ending({ ...lease, wrappedUntil: null })) : null
    case 'revocationRequested':
      return requestRevocation(lease, event.reason, now)
    case 'revocationQueued':
      return queueRevocation(lease, event.reason, now)
    case 'claimed':
      return step({ ...lapsed(lease, now), dueAt: later(now, claimSeconds) })
    case 'credentialGone':
      return end(lease, now)
    case 'revocationFailed':
      return retry(lease, event.error, now)
    case 'forced':
      return force(lease, event.error, now)
  }
}

/** Only a pending lease nobody has ended meanwhile: a late answer of a backend must not bring a lease back. */
function activate(lease: LeaseStanding): LeaseStep | null {
  if (lease.state !== 'pending' || lease.revokeRequestedAt !== null) return null
  return step(ending({ ...lease, state: 'active' }))
}

/** A lease that lives has something done to it at its end, or at that of its wrap. */
const ending = (lease: LeaseStanding): LeaseStanding => ({
  ...lease,
  dueAt: lease.wrappedUntil !== null && lease.wrappedUntil < lease.expiresAt ? lease.wrappedUntil : lease.expiresAt,
})

/** What nobody has opened in time nobody needs: whoever has the token now was not meant to have it so long. */
function lapsed(lease: LeaseStanding, now: Date): LeaseStanding {
  const { wrappedUntil } = lease
  if (wrappedUntil === null || wrappedUntil > now || !isRenewable(lease, now)) return lease
  return { ...lease, revokeRequestedAt: now, reason: lease.reason ?? 'nobody opened its credential in time' }
}

/** Whoever asks tries at once; the claim makes the sweeper try after him should they die. The first reason stays. */
function requestRevocation(lease: LeaseStanding, reason: string, now: Date): LeaseStep {
  return step({
    ...lease,
    revokeRequestedAt: lease.revokeRequestedAt ?? now,
    reason: lease.reason ?? reason,
    dueAt: later(now, claimSeconds),
  })
}

/**
 * Nobody waits for it: the next sweep takes it. One that failed before keeps its own pauses, so that a dead host is not
 * called in a hurry.
 */
function queueRevocation(lease: LeaseStanding, reason: string, now: Date): LeaseStep {
  return step({
    ...lease,
    revokeRequestedAt: lease.revokeRequestedAt ?? now,
    reason: lease.reason ?? reason,
    dueAt: lease.attempts === 0 ? now : lease.dueAt,
  })
}

function end(lease: LeaseStanding, now: Date): LeaseStep {
  const taken = lease.revokeRequestedAt !== null
  const neverMade = lease.state === 'pending' && !taken
  const state = taken || neverMade ? 'revoked' : 'expired'
  return step(
    {
      ...lease,
      state,
      endedAt: now,
      dueAt: null,
      lastError: null,
      reason: neverMade ? 'issuing did not finish' : lease.reason,
    },
    [{ type: 'record', event: `lease.${state}` }],
  )
}

/** What its backend said last stays beside it: it is what may still be alive. */
const force = (lease: LeaseStanding, error: string, now: Date): LeaseStep =>
  step({ ...lease, state: 'revoked', endedAt: now, dueAt: null, lastError: shortError(error) }, [
    { type: 'record', event: 'lease.forced' },
  ])

/** Recorded at the first failure and when it is given up on, not each time: a dead host must not fill the audit log. */
function retry(lease: LeaseStanding, error: string, now: Date): LeaseStep {
  const attempts = lease.attempts + 1
  const failed = { ...lease, attempts, lastError: shortError(error) }
  if (lease.state === 'irrevocable') return step({ ...failed, dueAt: later(now, irrevocableRetrySeconds) })
  if (attempts >= attemptsMax) {
    return step({ ...failed, state: 'irrevocable', dueAt: later(now, irrevocableRetrySeconds) }, [
      { type: 'record', event: 'lease.irrevocable' },
      { type: 'alert', kind: 'lease-irrevocable' },
    ])
  }
  const first: readonly LeaseEffect[] =
    attempts === 1
      ? [
          { type: 'record', event: 'lease.revocationFailed' },
          { type: 'alert', kind: 'lease-revocation-failed' },
        ]
      : []
  return step({ ...failed, dueAt: later(now, retryDelaySeconds(attempts)) }, [...first, { type: 'ensureRevocation' }])
}

const step = (next: LeaseStanding, effects: readonly LeaseEffect[] = []): LeaseStep => ({ next, effects })

const later = (now: Date, seconds: number): Date => new Date(now.getTime() + seconds * 1000)
