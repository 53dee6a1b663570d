/**
 * The states of a request. `pending`: waits for approvers. `approved`: waits to be activated. `active`: its emergency
 * session lives. The others are ends: `lapsed`, when a clock ran out before activation; `ended`, when its session did.
 */
export type RequestState = 'pending' | 'approved' | 'active' | 'denied' | 'cancelled' | 'lapsed' | 'ended'

/** Why a session ended. */
export type SessionEnd = 'expired' | 'inactive' | 'revoked' | 'requester-disabled' | 'approver-disabled'

/** From the request on; who is asleep has this long to get up. */
export const approvalSeconds = 3600
/** From the quorum on: an approval is for now, not for tonight. */
export const activationSeconds = 1800
/** The longest a session can be asked for, and what it is unless asked otherwise. */
export const sessionSecondsMax = 4 * 3600
export const sessionSecondsDefault = 3600
/** Without a call for this long, nobody is at it any more. */
export const inactivitySeconds = 1800
/** Before the end of a session its people are told, in seconds, the first first. */
export const warningsSeconds = [900, 300] as const
/** From the end of a session on. */
export const reviewSeconds = 48 * 3600
/** What is overdue is told again after this time. */
export const overdueEverySeconds = 24 * 3600

/**
 * Time that has passed for a request or a session, by a clock that may jump. `passedMs` never falls and grows by what
 * really went by: the greater of what the wall clock says and what the watching process measured since it last looked
 * (threat D7). A wall clock set back gains nothing, one set ahead ends things early.
 */
export interface Elapsed {
  readonly passedMs: number
  /** When it was last looked at, by the wall clock. */
  readonly seenAt: Date
}

/** What a process that watches says: the wall clock, and what its own steady clock measured since `seenAt`. */
export interface Look {
  readonly now: Date
  readonly measuredMs: number
}

/** Time after one more look. */
export function lookAgain({ passedMs, seenAt }: Elapsed, { now, measuredMs }: Look): Elapsed {
  const byWall = now.getTime() - seenAt.getTime()
  return { passedMs: passedMs + Math.max(byWall, measuredMs, 0), seenAt: now }
}

/** Where a request stands: what its row says. */
export interface RequestStanding {
  readonly state: RequestState
  /** Since the last change of state. */
  readonly elapsed: Elapsed
  /** Since this version of it was asked for. */
  readonly openMs: number
  /** A drill of the ceremony. INVARIANT: none is ever active, whatever happens to it. */
  readonly drill: boolean
}

/** However often a quorum comes and goes, what was approved for now is not had tonight. */
export const openSecondsMax = approvalSeconds + activationSeconds

/**
 * What happens to a request. `counted`: its votes were counted, from rows under lock, by whoever voted, activated or
 * looked after it. `finished`: a drill ends there where another request is activated.
 */
export type RequestEvent =
  | { readonly type: 'counted'; readonly met: boolean; readonly deniedByTeams: boolean }
  | { readonly type: 'edited' }
  | { readonly type: 'cancelled' }
  | { readonly type: 'activated' }
  | { readonly type: 'finished' }
  | { readonly type: 'sessionEnded' }
  | { readonly type: 'looked' }

/** A request as it begins. */
export const newRequest = (now: Date): RequestStanding => ({
  state: 'pending',
  elapsed: { passedMs: 0, seenAt: now },
  openMs: 0,
  drill: false,
})

/** A drill as it begins. */
export const newDrill = (now: Date): RequestStanding => ({ ...newRequest(now), drill: true })

/** How long a state of a request lasts at most; null: as long as it takes. */
const lastsSeconds: Readonly<Record<RequestState, number | null>> = {
  pending: approvalSeconds,
  approved: activationSeconds,
  active: null, // the session has its own clocks
  denied: null,
  cancelled: null,
  lapsed: null,
  ended: null,
}

/** One step of a request's life, looked at first: what ran out has run out. Null: the event does not fit. */
export function stepRequest(request: RequestStanding, event: RequestEvent, look: Look): RequestStanding | null {
  const seen = lookAtRequest(request, look)
  if (secondsLeft(seen) === 0) return event.type === 'looked' ? enter(seen, 'lapsed') : null
  if (event.type === 'looked') return seen
  const next = nextState(seen, event)
  if (next === null) return null
  if (event.type === 'edited') return { ...enter(seen, next), openMs: 0 }
  return next === seen.state ? seen : enter(seen, next)
}

function lookAtRequest(request: RequestStanding, look: Look): RequestStanding {
  const elapsed = lookAgain(request.elapsed, look)
  return { ...request, elapsed, openMs: request.openMs + elapsed.passedMs - request.elapsed.passedMs }
}

/** How much longer a request stays as it is; null: no clock runs. */
export function secondsLeft({ state, elapsed, openMs }: RequestStanding): number | null {
  const lasts = lastsSeconds[state]
  if (lasts === null) return null
  return Math.max(0, Math.min(lasts - elapsed.passedMs / 1000, openSecondsMax - openMs / 1000))
}

const enter = (request: RequestStanding, state: RequestState): RequestStanding => ({
  ...request,
  state,
  elapsed: { passedMs: 0, seenAt: request.elapsed.seenAt },
})

function nextState(
  { state, drill }: Pick<RequestStanding, 'state' | 'drill'>,
  event: Exclude<RequestEvent, { type: 'looked' }>,
): RequestState | null {
  const open = state === 'pending' || state === 'approved'
  switch (event.type) {
    case 'counted':
      if (!open) return null
      if (event.deniedByTeams) return 'denied'
      return event.met ? 'approved' : 'pending' // who moved away since takes their yes along (threat D4)
    case 'edited':
      return open ? 'pending' : null
    case 'cancelled':
      return open ? 'cancelled' : null
    case 'activated':
      return state === 'approved' && !drill ? 'active' : null
    case 'finished':
      return state === 'approved' && drill ? 'ended' : null
    case 'sessionEnded':
      return state === 'active' ? 'ended' : null
  }
}

/** Where an emergency session stands. `idleMs` counts from its last call, `elapsed` from its activation. */
export interface SessionStanding {
  readonly durationSeconds: number
  readonly elapsed: Elapsed
  readonly idleMs: number
  /** How many warnings have gone out. */
  readonly warned: number
  readonly endedBy: SessionEnd | null
}

/** What happens to a session. `looked`: somebody looks after it, with what the rows say of its people. */
export type SessionEvent =
  | { readonly type: 'used' }
  | { readonly type: 'revoked' }
  | { readonly type: 'looked'; readonly requesterActive: boolean; readonly approversActive: boolean }

/** A session as it begins. */
export const newSession = (durationSeconds: number, now: Date): SessionStanding => ({
  durationSeconds: Math.min(durationSeconds, sessionSecondsMax),
  elapsed: { passedMs: 0, seenAt: now },
  idleMs: 0,
  warned: 0,
  endedBy: null,
})

/** One step of a session's life. Null: it has ended before, and what was tried is refused. */
export function stepSession(session: SessionStanding, event: SessionEvent, look: Look): SessionStanding | null {
  if (session.endedBy !== null) return null
  const elapsed = lookAgain(session.elapsed, look)
  const idleMs = session.idleMs + (elapsed.passedMs - session.elapsed.passedMs)
  const seen: SessionStanding = { ...session, elapsed, idleMs }
  const endedBy = whyEnded(seen, event)
  if (endedBy !== null) return { ...seen, endedBy }
  return event.type === 'used' ? { ...seen, idleMs: 0 } : { ...seen, warned: warningsDue(seen) }
}

function whyEnded(session: SessionStanding, event: SessionEvent): SessionEnd | null {
  if (event.type === 'revoked') return 'revoked'
  if (sessionSecondsLeft(session) === 0) return 'expired'
  if (session.idleMs >= inactivitySeconds * 1000) return 'inactive'
  if (event.type === 'used') return null
  if (!event.requesterActive) return 'requester-disabled'
  return event.approversActive ? null : 'approver-disabled'
}

/** How much longer a session lives, if it is used. */
export const sessionSecondsLeft = ({ durationSeconds, elapsed }: SessionStanding): number =>
  Math.max(0, durationSeconds - elapsed.passedMs / 1000)

const warningsDue = (session: SessionStanding): number =>
  warningsSeconds.filter((left) => sessionSecondsLeft(session) <= left).length

/**
 * Seconds until there is something to do for a session that was looked at and has not ended: its end, its next warning,
 * or its end because nobody uses it.
 */
export function sessionDueSeconds(session: SessionStanding): number {
  const left = sessionSecondsLeft(session)
  const warning = warningsSeconds[session.warned]
  const idle = inactivitySeconds - session.idleMs / 1000
  return Math.min(left, idle, ...(warning === undefined ? [] : [left - warning]))
}

/** Seconds until people are told that nobody has reviewed an ended session: two days after its end, and daily. */
export function reviewDueSeconds(
  { endedAt, toldAt }: { readonly endedAt: Date; readonly toldAt: Date | null },
  now: Date,
): number {
  const from = toldAt === null ? reviewSeconds : overdueEverySeconds
  return (toldAt ?? endedAt).getTime() / 1000 + from - now.getTime() / 1000
}
