import type { Limits } from '../shared/settings.ts'

/** The dates of a session that its limits are measured from. */
export interface SessionLife {
  readonly auth_time: Date
  readonly last_used_at: Date
  readonly expires_at: Date
}

/** A session's last use is written at most once in this time: one write per minute, not one per request … */
const touchSecondsMax = 60

/** … and more often where the idle limit is short, so that what is not written is never more than a sixtieth of it. */
const touchShare = 60

/** How far the last use that is written down may lag behind the real one. */
export const touchSeconds = ({ sessionIdleSeconds }: Limits): number =>
  Math.max(1, Math.min(touchSecondsMax, Math.floor(sessionIdleSeconds / touchShare)))

/** A use since then need not be written down again now. */
export const unlessUsedSince = (limits: Limits, now: Date): Date => after(now, -touchSeconds(limits))

/**
 * When a session ends at the latest, by the limits of this moment. Counted from the proof of the person, not from the
 * row:
 * a session that another one approved is as old as that one. What was fixed when it was opened can only be shortened.
 */
export const absoluteEnd = (
  { auth_time, expires_at }: Omit<SessionLife, 'last_used_at'>,
  { sessionAbsoluteSeconds }: Limits,
): Date => new Date(Math.min(expires_at.getTime(), after(auth_time, sessionAbsoluteSeconds).getTime()))

/** When a session ends if nobody uses it again. */
export const idleEnd = (life: SessionLife, limits: Limits): Date =>
  new Date(Math.min(absoluteEnd(life, limits).getTime(), after(life.last_used_at, limits.sessionIdleSeconds).getTime()))

/**
 * Whether a session has ended by its limits. A session in use never ends early: it is given the time by which its last
 * use may lag.
 */
export const hasEnded = (life: SessionLife, limits: Limits, now: Date): boolean =>
  now >= absoluteEnd(life, limits) || now >= after(life.last_used_at, limits.sessionIdleSeconds + touchSeconds(limits))

const after = (moment: Date, seconds: number): Date => new Date(moment.getTime() + seconds * 1000)
