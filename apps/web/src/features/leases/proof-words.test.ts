import { expect, test } from 'vitest'
import { evidenceText, proofWord, proofWords, type Proof } from './proof-words.ts'

const proof: Proof = {
  lease: 'l',
  state: 'refused',
  provider: 'sshd of db-1',
  refusedAt: '2026-03-01T12:00:04.000Z',
  secondsToDead: 4.2,
  evidence: { kind: 'lease-proof', statement: '{}', signature: 's', signedBy: 'k' },
  askedAt: '2026-03-01T12:00:04.000Z',
  attempts: 2,
  lastAnswer: 'the host refuses it',
}

test('a refusal says who refused, and how long it took', () => {
  expect([proofWord(proof), proofWords(proof)]).toEqual([
    'Proved: refused',
    'sshd of db-1 refused the credential 4 s after it was revoked.',
  ])
  expect(proofWords({ ...proof, secondsToDead: 0.3 })).toContain('less than a second after')
  expect(JSON.parse(evidenceText(proof))).toEqual(proof.evidence)
})

test('until then, who was asked and what they said', () => {
  const waiting = { ...proof, state: 'waiting', evidence: null } as const
  expect(proofWords(waiting)).toBe('sshd of db-1 was asked 2 times: the host refuses it.')
  expect(proofWords({ ...waiting, attempts: 0 })).toBe('It will be asked about in a moment.')
  expect(evidenceText(waiting)).toBe('')
})

test('each state has words of its own', () => {
  const states = ['living', 'waiting', 'refused', 'ended', 'not-provable', 'given-up'] as const
  expect(new Set(states.map((state) => proofWord({ state }))).size).toBe(states.length)
  expect(new Set(states.map((state) => proofWords({ ...proof, state }))).size).toBe(states.length)
})
