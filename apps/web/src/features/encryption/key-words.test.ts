import { describe, expect, it } from 'vitest'
import {
  actsOf,
  ciphertextsWords,
  leftBelow,
  leavingWords,
  minimumWithin,
  paceWords,
  periodWords,
  quorumWords,
  toReplace,
  versionMark,
  whyNotRevoked,
  whyNotSpread,
  type Version,
} from './key-words.ts'

const version = (number: number, over: Partial<Version> = {}): Version => ({
  version: number,
  state: 'live',
  ciphertexts: 0,
  createdAt: '2026-11-23T12:00:00Z',
  revokedAt: null,
  ...over,
})

describe('a version of a key', () => {
  const key = { currentVersion: 5, minimumVersion: 2 }

  it('is closed below the minimum whatever else it is, and destroyed once its material is gone', () => {
    const marks = [
      version(5),
      version(4),
      version(3, { state: 'revoked' }),
      version(1, { state: 'revoked' }),
      version(1),
    ].map((one) => versionMark(one, key))
    expect(marks).toEqual(['current', 'older version', 'version revoked', 'closed', 'closed'])
    expect(versionMark(version(5, { state: 'destroyed' }), key)).toBe('destroyed')
  })

  it('is revoked once, and never while everything is encrypted under it', () => {
    expect(whyNotRevoked(version(5), key)).toMatch(/Rotate the key first/)
    expect(whyNotRevoked(version(3, { state: 'revoked' }), key)).toBe('Version 3 is revoked already.')
    expect(whyNotRevoked(version(4), key)).toBeNull()
  })
})

describe('what a key is still needed for', () => {
  it('allows a minimum up to the oldest version that a ciphertext needs', () => {
    const versions = [version(5), version(4, { ciphertexts: 7 }), version(3, { ciphertexts: 1 }), version(2)]
    const key = { currentVersion: 5, minimumVersion: 1 }
    expect(minimumWithin({ ...key, versions })).toBe(3)
    expect(minimumWithin({ ...key, versions: [version(5), version(4)] })).toBe(5)
  })

  // Who left ciphertexts behind before is not asked for them again, and opens nothing again by a press of a button
  it('does not count what a closed version holds', () => {
    const versions = [version(5), version(4, { ciphertexts: 7 }), version(3), version(2, { ciphertexts: 12 })]
    const key = { currentVersion: 5, minimumVersion: 3, versions }
    expect(minimumWithin(key)).toBe(4)
    expect([3, 4, 5].map((minimum) => leftBelow(key, minimum))).toEqual([0, 0, 7])
  })

  it('names the revoked versions of which something has to be replaced', () => {
    const versions = [
      version(5, { ciphertexts: 9 }),
      version(4, { state: 'revoked', ciphertexts: 2 }),
      version(3, { state: 'revoked' }),
    ]
    expect(toReplace({ versions }).map((one) => one.version)).toEqual([4])
  })
})

it('a key whose deletion is scheduled can only be kept, and a destroyed one is left alone', () => {
  expect(actsOf({ state: 'pending-deletion' })).toEqual(['cancelDeletion'])
  expect(actsOf({ state: 'destroyed' })).toEqual([])
  expect(actsOf({ state: 'disabled' })).not.toContain('rotate')
})

it('counts as people read numbers', () => {
  expect([0, 1, 1203].map(ciphertextsWords)).toEqual(['0 ciphertexts', '1 ciphertext', '1,203 ciphertexts'])
})

describe('the rotation of a key', () => {
  it('is by hand, by itself, or halted with the key', () => {
    const rotatesAt = '2026-12-01T00:00:00Z'
    expect(periodWords({ rotationDays: null, rotatesAt: null })).toBe('By hand only.')
    expect(periodWords({ rotationDays: 1, rotatesAt })).toBe('By itself every day.')
    expect(periodWords({ rotationDays: 90, rotatesAt })).toBe('By itself every 90 days.')
    expect(periodWords({ rotationDays: 90, rotatesAt: null })).toMatch(/not while it is stopped/)
  })

  it('says how far what older versions encrypted has come, and how fast', () => {
    expect(leavingWords({ moved: 48, left: 1 }, 5)).toBe(
      '48 ciphertexts rewrapped under version 5; 1 still needs an older version.',
    )
    expect(leavingWords({ moved: 48, left: 0 }, 5)).toBe('48 ciphertexts rewrapped under version 5: all of them.')
    expect(leavingWords({ moved: 0, left: 0 }, 5)).toBe('Everything is encrypted under version 5.')
    expect([null, 0.25, 1.24, 12.34, 593.5, 12_345].map((perDay) => paceWords({ perDay }))).toEqual([
      'None has been rewrapped yet.',
      '0.25 a day.',
      '1.2 a day.',
      '12 a day.',
      '594 a day.',
      '12,300 a day.',
    ])
  })
})

describe('the backends of a key', () => {
  const backends = ['installation', 'berlin', 'safe'].map((name) => ({
    name,
    state: 'whole' as const,
    versions: 1,
    of: 1,
  }))

  it('open it one by one or so many together, and these stay', () => {
    expect(quorumWords({ quorum: null, backends })).toBe('Any of these opens it.')
    expect(quorumWords({ quorum: null, backends: backends.slice(1, 2) })).toBe('It opens by this backend alone.')
    expect(quorumWords({ quorum: 2, backends })).toMatch(/^2 of these 3 open it together/)
    expect(whyNotSpread({ quorum: 2, state: 'enabled' })).toMatch(/keeps them/)
    expect(whyNotSpread({ quorum: null, state: 'disabled' })).toBeNull()
  })
})
