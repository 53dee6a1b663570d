import { expect, test } from 'vitest'
import { isRenewalDue } from './rotate-ssh-authority.ts'

test.each([
  ['half of its time is over', { renewable: true, ttl: 1799, creation_ttl: 3600 }, true],
  ['it has more than half of its time', { renewable: true, ttl: 1801, creation_ttl: 3600 }, false],
  ['its Vault renews it for nobody', { renewable: false, ttl: 10, creation_ttl: 3600 }, false],
  ['it has no end', { renewable: false, ttl: 0, creation_ttl: 0 }, false],
])('whether a token of ours is renewed: %s', (_, token, due) => {
  expect(isRenewalDue(token)).toBe(due)
})
