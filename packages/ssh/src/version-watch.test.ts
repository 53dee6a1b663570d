import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createVersionWatch } from './version-watch.ts'

const hour = 3600
const forever = { seconds: hour, signal: new AbortController().signal }

test('all who wait are told of a new version, by one look at a time', async () => {
  let version = 7
  let looks = 0
  let [running, most] = [0, 0]
  const watch = createVersionWatch(async () => {
    looks += 1
    running += 1
    most = Math.max(most, running)
    await sleep(5)
    running -= 1
    return version
  })
  const all = Promise.all(Array.from({ length: 1000 }, () => watch.newerThan(7, forever)))
  expect(await Promise.race([all, sleep(100, 'waiting')])).toBe('waiting')
  version = 8
  await all
  expect(most).toBe(1)
  const before = looks
  await sleep(1200)
  // nobody waits any more: nobody looks, but for the one that was under way
  expect(looks).toBeLessThanOrEqual(before + 1)
})

test('who has an older version than the newest does not wait for the next', async () => {
  const watch = createVersionWatch(() => Promise.resolve(8))
  await watch.newerThan(7, forever)
})

test('a wait ends with its time, with its client, and though no look succeeds', async () => {
  const watch = createVersionWatch(() => Promise.reject(new Error('away')))
  await watch.newerThan(7, { seconds: 0.05, signal: forever.signal })
  const client = new AbortController()
  const waiting = watch.newerThan(7, { seconds: hour, signal: client.signal })
  client.abort()
  await waiting
  await watch.newerThan(7, { seconds: hour, signal: AbortSignal.abort() })
})
