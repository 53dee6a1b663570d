import { describe, expect, test } from 'vitest'
import { KekError, type KekFailure } from './kek-error.ts'
import type { KeyEncryptionKey } from './kek.ts'
import { steadyKek, steadiness } from './steady-kek.ts'

const uri = 'vault:https://bao.example/transit/keys/k'

/** A key whose calls answer as they are told to, one after another, on a clock of its own. */
function told(answers: readonly (KekFailure | 'ok' | 'fault' | 'hangs')[], deadlineMs = 200) {
  const at = { milliseconds: 0 }
  const calls: number[] = []
  const answer = (): Promise<string> => {
    const next = answers[calls.length] ?? 'ok'
    calls.push(at.milliseconds)
    if (next === 'hangs') return new Promise(() => undefined)
    if (next === 'fault') return Promise.reject(new TypeError('a mistake of ours'))
    return next === 'ok' ? Promise.resolve('wrapped') : Promise.reject(new KekError(next, uri))
  }
  const inner: KeyEncryptionKey = {
    uri,
    fingerprint: 'f',
    traits: {
      plaintextBytesMax: 32,
      purpose: 'checked-there',
      dataKeys: 'made-here',
      reach: 'remote',
      quantum: 'unsafe',
    },
    wrap: answer,
    unwrap: () => answer().then(() => new Uint8Array()),
    generate: () => answer().then((wrapped) => ({ dataKey: new Uint8Array(), wrapped })),
    probe: () => answer().then(() => undefined),
  }
  const steady = steadyKek(inner, {
    limits: { ...steadiness, deadlineMs },
    ticks: () => at.milliseconds,
    wait: (milliseconds) => Promise.resolve((at.milliseconds += milliseconds)),
  })
  return { at, calls, steady, wrap: () => steady.wrap(new Uint8Array(), 'p') }
}
const codeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'ok',
    (error: unknown) => (error instanceof KekError ? error.code : 'fault'),
  )

describe('a steady key', () => {
  test.for(['unreachable', 'throttled'] as const)('is asked again after `%s`, and the answer stands', async (code) => {
    const { wrap, calls } = told([code, 'ok'])
    expect(await codeOf(wrap())).toBe('ok')
    expect(calls).toHaveLength(2)
  })

  test.for(['denied', 'no-such-key', 'key-unusable', 'unwrap-failed', 'too-long', 'rejected', 'fault'] as const)(
    'is not asked again after `%s`',
    async (code) => {
      const { wrap, calls } = told([code, 'ok'])
      expect(await codeOf(wrap())).toBe(code)
      expect(calls).toHaveLength(1)
    },
  )

  test('is asked three times at most, and waits longer each time', async () => {
    const { wrap, calls } = told(Array(9).fill('unreachable'), steadiness.deadlineMs)
    expect(await codeOf(wrap())).toBe('unreachable')
    const [first = 0, second = 0, third = 0] = calls
    expect(calls).toHaveLength(3)
    expect(second - first).toBeGreaterThan(steadiness.waitMs / 2)
    expect(third - second).toBeGreaterThan(steadiness.waitMs)
  })

  test('is not asked again where the answer would come too late', async () => {
    const { wrap, calls } = told(Array(9).fill('unreachable'), 200)
    expect(await codeOf(wrap())).toBe('unreachable')
    expect(calls).toHaveLength(2)
  })

  test.for(['wrap', 'unwrap', 'generate', 'probe'] as const)('gives up a `%s` that hangs', async (use) => {
    const { steady } = told(Array(9).fill('hangs'))
    const uses = {
      wrap: () => steady.wrap(new Uint8Array(), 'p'),
      unwrap: () => steady.unwrap('w', 'p'),
      generate: () => steady.generate('p'),
      probe: () => steady.probe(),
    }
    expect(await codeOf(uses[use]())).toBe('unreachable')
  })

  test('is left alone after five failures, then asked by one, and open to all once that one was answered', async () => {
    const { at, calls, steady, wrap } = told([...Array(10).fill('unreachable'), 'unreachable', 'unreachable', 'ok'])
    for (let failed = 0; failed < 5; failed += 1) expect(await codeOf(wrap())).toBe('unreachable')
    expect(await codeOf(wrap())).toBe('resting')
    expect([calls.length, steady.isResting?.()]).toEqual([10, true])
    at.milliseconds += steadiness.restMs
    expect(await Promise.all([codeOf(wrap()), codeOf(wrap())])).toEqual(['unreachable', 'resting'])
    expect(await codeOf(wrap())).toBe('resting')
    at.milliseconds += steadiness.restMs
    expect(await codeOf(wrap())).toBe('ok')
    expect(await codeOf(wrap())).toBe('ok')
    expect(steady.isResting?.()).toBe(false)
  })

  test('is not left alone for refusals: they are answers', async () => {
    const { wrap } = told(Array(20).fill('denied'))
    for (let failed = 0; failed < 20; failed += 1) expect(await codeOf(wrap())).toBe('denied')
  })
})

// Threat E5: what a client throws holds the request, and with it the token and what was to be wrapped
test('an error names the key and the next step, and holds nothing of the request', () => {
  const cause = Object.assign(new Error('Status 403'), { config: { headers: { 'X-Vault-Token': 'hvs.canary' } } })
  const error = new KekError('denied', uri, { cause })
  expect(error.message).toBe(
    `the key encryption key \`${uri}\` refuses our credentials: check them, and that they may use this key`,
  )
  expect(error.cause).toMatchObject({ name: 'Error', message: 'Status 403' })
  expect(JSON.stringify(Object.entries(error.cause as Error))).not.toContain('canary') // an error, asserted above
})
