import { expect, test } from 'vitest'
import { revocabilityText, type Revocation } from './revocability-text.ts'

test.each<[Revocation, string]>([
  [{ revocability: 'deletes', revokedWithinSeconds: 0 }, 'can be revoked'],
  [{ revocability: 'denies', revokedWithinSeconds: 0 }, 'denied at once'],
  [{ revocability: 'denies', revokedWithinSeconds: 60 }, 'denied within 1 min'],
  [{ revocability: 'denies', revokedWithinSeconds: 300 }, 'denied within 5 min'],
  [{ revocability: 'expires-only', revokedWithinSeconds: 3600 }, 'only expires (at most 1 h)'],
])('%j is said in words with its delay', (revocation, words) => {
  expect(revocabilityText(revocation)).toBe(words)
})
