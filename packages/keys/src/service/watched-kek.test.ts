import { expect, test } from 'vitest'
import { KekError, type KekFailure } from '../kek-error.ts'
import type { KeyEncryptionKey } from '../kek.ts'
import { watchKek, type KekSight } from './watched-kek.ts'

const uri = 'vault:https://bao.example/transit/keys/k'

/** A watched key whose backend answers as it is told to, on clocks of its own. */
function watched(...answers: readonly (KekFailure | 'ok' | 'fault' | 'hangs')[]) {
  const at = { milliseconds: 0 }
  let asked = 0
  const answer = async (): Promise<string> => {
    const next = answers[asked] ?? 'ok'
    asked += 1
    if (next === 'hangs') return new Promise(() => undefined)
    if (next === 'fault') throw new TypeError('a mistake of ours')
    if (next !== 'ok') throw new KekError(next, uri)
    return 'wrapped'
  }
  const kek: KeyEncryptionKey = {
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
  const clock = { now: () => new Date(at.milliseconds) }
  const watch = watchKek(kek, { clock, ticks: () => at.milliseconds })
  return { at, watch, asked: () => asked, use: () => watch.kek.unwrap('w', 'p').catch(() => undefined) }
}
const look = { freshMs: 1000, withinMs: 10_000 }
const told = ({ state, since, checkedAt, failure }: KekSight) => ({
  state,
  since: since?.getTime() ?? null,
  checkedAt: checkedAt?.getTime() ?? null,
  failure: failure?.code ?? null,
})

test('of what nobody has used nothing is known; a look asks', async () => {
  const { watch } = watched('ok')
  expect(told(watch.sight())).toEqual({ state: 'unknown', since: null, checkedAt: null, failure: null })
  expect(told(await watch.look(look))).toEqual({ state: 'usable', since: 0, checkedAt: 0, failure: null })
})

test('each use tells, and a backend that was asked a moment ago is not asked again', async () => {
  const { watch, at, use, asked } = watched('ok', 'ok', 'unreachable', 'ok')
  await use()
  expect(told(watch.sight())).toMatchObject({ state: 'usable' })
  at.milliseconds = 10
  expect(told(await watch.look(look))).toMatchObject({ state: 'usable', since: 0, checkedAt: 10 })
  at.milliseconds = 1009
  await use()
  expect(told(await watch.look(look))).toMatchObject({ state: 'unusable', failure: 'unreachable', since: 1009 })
  expect(asked()).toBe(3)
  at.milliseconds = 1010
  expect(told(await watch.look(look))).toEqual({ state: 'usable', since: 1010, checkedAt: 1010, failure: null })
})

test('what is in memory alone is not found again by being used', async () => {
  const { watch, at, use } = watched('not-kept', 'ok', 'ok')
  await watch.look(look)
  await use()
  expect(told(watch.sight())).toMatchObject({ state: 'unusable', failure: 'not-kept' })
  at.milliseconds = 1000
  expect(told(await watch.look(look))).toMatchObject({ state: 'usable', since: 1000, failure: null })
})

test('it is unusable since the first failure, whatever the last one was', async () => {
  const { watch, at, use } = watched('unreachable', 'resting', 'denied')
  for (const time of [10, 20, 30]) {
    at.milliseconds = time
    await use()
  }
  expect(told(watch.sight())).toEqual({ state: 'unusable', since: 10, checkedAt: 30, failure: 'denied' })
})

test.for([
  ['unwrap-failed', 'usable'],
  ['too-long', 'usable'],
  ['fault', 'unknown'],
  ['no-such-key', 'unusable'],
  ['not-kept', 'unusable'],
] as const)('a use that ends as %s leaves it %s', async ([answer, state]) => {
  const { watch, use } = watched(answer)
  await use()
  expect(watch.sight().state).toBe(state)
})

test('one that hangs is unusable in the time that is given, and asked once; and is not once it answers', async () => {
  const { watch, asked, use } = watched('hangs', 'ok')
  const hurried = { ...look, withinMs: 5 }
  const all = await Promise.all([watch.look(hurried), watch.look(hurried), watch.look(hurried)])
  for (const sight of all) expect(told(sight)).toMatchObject({ state: 'unusable', failure: 'unreachable' })
  expect(told(await watch.look(hurried))).toMatchObject({ state: 'unusable', failure: 'unreachable' })
  expect(asked()).toBe(1)
  await use()
  expect(told(await watch.look(hurried))).toMatchObject({ state: 'usable', failure: null })
})
