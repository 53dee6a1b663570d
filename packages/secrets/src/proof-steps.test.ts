import { expect, test } from 'vitest'
import { afterAsking, pauseAfter } from './proof-steps.ts'

const revokedAt = new Date('2026-03-01T12:00:00Z')
const expiresAt = new Date('2026-03-01T13:00:00Z')
const after = (seconds: number): Date => new Date(revokedAt.getTime() + seconds * 1000)
const proof = { attempts: 1, revokedAt, expiresAt }

test('a refusal is the proof, and its time counts from when somebody wanted the credential dead', () => {
  expect(afterAsking(proof, { dead: true }, after(4.5))).toEqual({ state: 'refused', secondsToDead: 4.5 })
})

test('while it is taken, or nobody answers, it is asked again after growing pauses', () => {
  for (const testimony of [{ dead: false }, null]) {
    expect(afterAsking(proof, testimony, after(1))).toEqual({ state: 'waiting', dueAt: after(3) })
    expect(afterAsking({ ...proof, attempts: 99 }, testimony, after(1))).toEqual({
      state: 'waiting',
      dueAt: after(301),
    })
  }
  const pauses = Array.from({ length: 20 }, (_, index) => pauseAfter(index + 1))
  expect(pauses.toSorted((a, b) => a - b)).toEqual(pauses)
})

test('what has come to its own end is asked about no more, and that is no proof', () => {
  expect(afterAsking(proof, { dead: false }, expiresAt)).toEqual({ state: 'ended' })
  expect(afterAsking(proof, null, expiresAt)).toEqual({ state: 'ended' })
})

test('it is given up on after a day', () => {
  const far = new Date('2026-04-01T00:00:00Z')
  expect(afterAsking({ ...proof, attempts: 300, expiresAt: far }, null, after(90_000))).toEqual({ state: 'given-up' })
})
