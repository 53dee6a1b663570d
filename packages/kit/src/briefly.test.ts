import { expect, it } from 'vitest'
import { briefly } from './briefly.ts'

it('a thousand who ask within a moment cost one call, and the next moment costs another', async () => {
  let asked = 0
  let now = 0
  const shared = briefly(() => Promise.resolve((asked += 1)), { milliseconds: 1000, now: () => now })
  expect(new Set(await Promise.all(Array.from({ length: 1000 }, shared)))).toEqual(new Set([1]))
  now = 999
  expect(await shared()).toBe(1)
  now = 1000
  expect(await shared()).toBe(2)
})

it('a no is shared for its moment as well, and is no more than that', async () => {
  let now = 0
  let well = false
  const shared = briefly(() => (well ? Promise.resolve('ready') : Promise.reject(new Error('away'))), {
    milliseconds: 1000,
    now: () => now,
  })
  await expect(shared()).rejects.toThrow('away')
  well = true
  await expect(shared()).rejects.toThrow('away')
  now = 1000
  await expect(shared()).resolves.toBe('ready')
})
