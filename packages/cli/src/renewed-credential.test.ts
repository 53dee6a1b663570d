import { expect, test } from 'vitest'
import { renewedCredential } from './renewed-credential.ts'

const LIFE_MS = 900_000

/** A clock in the hand, and an issuer that counts. */
const surroundings = () => {
  const state = { now: Date.parse('2026-03-01T12:00:00Z'), issued: 0, revoked: [] as number[], refuses: false }
  const credential = renewedCredential({
    now: () => new Date(state.now),
    issue: async () => {
      if (state.refuses) throw new Error('session ended')
      return { nth: (state.issued += 1), endsAt: new Date(state.now + LIFE_MS) }
    },
    revoke: ({ nth }) => Promise.resolve(void state.revoked.push(nth)),
  })
  return { state, credential }
}

test('one credential serves until a third of its life is left; then the next who asks gets another', async () => {
  const { state, credential } = surroundings()
  const both = await Promise.all([credential.current(), credential.current()])
  expect(both.map(({ nth }) => nth)).toEqual([1, 1])
  state.now += LIFE_MS * (2 / 3) - 1
  expect((await credential.current()).nth).toBe(1)
  state.now += 1
  expect((await credential.current()).nth).toBe(2)
  await credential.end()
  expect(state.revoked.toSorted()).toEqual([1, 2])
})

test('where no new one can be had, the old one serves to its end, and not longer', async () => {
  const { state, credential } = surroundings()
  await credential.current()
  state.refuses = true
  state.now += LIFE_MS - 1
  expect((await credential.current()).nth).toBe(1)
  state.now += 1
  await expect(credential.current()).rejects.toThrow('session ended')
  await credential.end()
  expect(state.revoked, 'what is over needs no revocation').toEqual([])
})
