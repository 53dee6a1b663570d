import { expect, test } from 'vitest'
import { deathGoalSeconds } from './death-goals.ts'

const limits = { ttlSecondsMin: 60, ttlSecondsMax: 3600, renewable: false } as const

test.each([
  [{ revocation: 'deletes' }, 60],
  [{ revocation: 'denies', deniesWithinSeconds: 0 }, 60],
  [{ revocation: 'denies', deniesWithinSeconds: 300 }, 300],
  [{ revocation: 'denies' }, 3600],
  [{ revocation: 'expires-only' }, 3600],
] as const)('of %j revoked credentials are to be dead within %i s', (declared, goal) => {
  expect(deathGoalSeconds({ ...limits, ...declared })).toBe(goal)
})
