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
  const wanted = now.getTime() + ttlSeconds * 1000
  const ends = principal.type === 'User' ? principal.session.expiresAt : apiTokenOf(principal)?.expiresAt
  return new Date(Math.min(wanted, ends?.getTime() ?? wanted))
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
