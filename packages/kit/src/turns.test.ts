import { expect, test } from 'vitest'
import { coalesce, createTurns } from './turns.ts'

test('work is done one after the other, and what fails stops nobody behind it', async () => {
  const turns = createTurns()
  const order: string[] = []
  const slow = turns.take(async () => {
    await new Promise((done) => setTimeout(done, 5))
    order.push('slow')
  })
  const failing = turns.take(() => Promise.reject(new Error('broken')))
  const last = turns.take(() => Promise.resolve(order.push('last')))
  expect(turns.waiting()).toBe(2)
  await expect(failing).rejects.toThrow('broken')
  await Promise.all([slow, last])
  expect(order).toEqual(['slow', 'last'])
  await turns.idle()
  expect(turns.waiting()).toBe(0)
})

test('twenty who come while one runs share one run that starts after all of them asked', async () => {
  let runs = 0
  const release = Promise.withResolvers<void>()
  const shared = coalesce(async () => {
    runs += 1
    const mine = runs
    if (mine === 1) await release.promise
    return mine
  })
  const first = shared('a')
  const others = Array.from({ length: 20 }, () => shared('a'))
  expect(await shared('b')).toBe(2)
  release.resolve()
  expect(await first).toBe(1)
  expect(new Set(await Promise.all(others))).toEqual(new Set([3]))
})

test('a run that failed fails its own askers only', async () => {
  let runs = 0
  const shared = coalesce(() => ((runs += 1) === 1 ? Promise.reject(new Error('away')) : Promise.resolve(runs)))
  const [first, second] = [shared('a'), shared('a')]
  await expect(first).rejects.toThrow('away')
  await expect(second).resolves.toBe(2)
})
