import type { GaugeReading } from '@gatehouse/enforcement'
import type { BackendLimits, Backends } from './secret-backend.ts'

/** In this time a person who revoked something still looks at it; a kind that takes longer by itself says so. */
const goalSeconds = 60

/** In which time revoked credentials of a kind are to be dead, by what the kind declares of them. */
export function deathGoalSeconds({ revocation, deniesWithinSeconds, ttlSecondsMax }: BackendLimits): number {
  if (revocation === 'deletes') return goalSeconds
  const declared = revocation === 'denies' ? (deniesWithinSeconds ?? ttlSecondsMax) : ttlSecondsMax
  return Math.max(goalSeconds, declared)
}

/** The goals of all kinds, as they are measured against. */
export const deathGoals = (backends: Backends): GaugeReading => ({
  name: 'gatehouse_leases_dead_goal_seconds',
  rows: Object.values(backends).map(({ name, limits }) => ({ labels: [name], value: deathGoalSeconds(limits) })),
})
