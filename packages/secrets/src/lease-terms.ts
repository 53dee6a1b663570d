import { invalidField } from '@gatehouse/contract'
import { apiTokenOf, type Principal } from '@gatehouse/enforcement'
import type { BackendLimits } from './secret-backend.ts'

/**
 * When a lease asked for now would end. Refuses a time to live outside the backend's bounds, and never outlives the
 * caller's
 * session or token (E1): what a log-in or a token opens ends with it.
 */
export function leaseEnd({
  ttlSeconds,
  limits,
  principal,
  now,
}: {
  readonly ttlSeconds: number
  readonly limits: BackendLimits
  readonly principal: Principal
  readonly now: Date
}): Date {
  const { ttlSecondsMin, ttlSecondsMax } = limits
  if (ttlSeconds < ttlSecondsMin || ttlSeconds > ttlSecondsMax) {
    throw invalidField(
      'ttlSeconds',
      `from ${ttlSecondsMin} (${shown(ttlSecondsMin)}) to ${ttlSecondsMax} (${shown(ttlSecondsMax)}) seconds`,
    )
  }
  return earliest(secondsAfter(now, ttlSeconds), callerEnd(principal))
}

/**
 * When a lease that is renewed now would end. Refuses a time too short for the backend; what is too long is cut off,
 * and so is what would outlive the caller's session or token (E1).
 */
export function renewalEnd({
  ttlSeconds,
  limits: { ttlSecondsMin },
  renewableUntil,
  principal,
  now,
}: {
  readonly ttlSeconds: number
  readonly limits: BackendLimits
  readonly renewableUntil: Date
  readonly principal: Principal
  readonly now: Date
}): Date {
  if (ttlSeconds < ttlSecondsMin)
    throw invalidField('ttlSeconds', `at least ${ttlSecondsMin} seconds (${shown(ttlSecondsMin)})`)
  return earliest(secondsAfter(now, ttlSeconds), renewableUntil, callerEnd(principal))
}

/** A moment so many seconds later. */
export const secondsAfter = (at: Date, seconds: number): Date => new Date(at.getTime() + seconds * 1000)

/** What a log-in or a token opens ends with it; null: it has no end. */
const callerEnd = (principal: Principal): Date | null =>
  (principal.type === 'User' ? principal.session.expiresAt : apiTokenOf(principal)?.expiresAt) ?? null

/** The first of these moments; null says none. */
export const earliest = (...times: readonly (Date | null)[]): Date =>
  new Date(Math.min(...times.flatMap((time) => (time === null ? [] : [time.getTime()]))))

/** What of a credential holds once it is revoked. */
export interface RevocationTerms {
  readonly revocability: BackendLimits['revocation']
  /** So long it may still work. */
  readonly revokedWithinSeconds: number
}

/** Of a lease that stands so. */
export const leaseRevocation = (
  limits: BackendLimits,
  { issued_at: from, expires_at: to }: { readonly issued_at: Date; readonly expires_at: Date },
): RevocationTerms => revocationTerms(limits, (to.getTime() - from.getTime()) / 1000)

/** Of one that lives so long at most. */
export function revocationTerms(
  { revocation, deniesWithinSeconds }: BackendLimits,
  lifeSeconds: number,
): RevocationTerms {
  if (revocation === 'deletes') return { revocability: revocation, revokedWithinSeconds: 0 }
  const within = revocation === 'denies' ? (deniesWithinSeconds ?? lifeSeconds) : lifeSeconds
  return { revocability: revocation, revokedWithinSeconds: Math.ceil(Math.min(within, lifeSeconds)) }
}

const units = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
] as const

const shown = (seconds: number): string => {
  const [unit, size] = units.find(([, length]) => seconds >= length && seconds % length === 0) ?? ['s', 1]
  return `${seconds / size}${unit}`
}
