import { expect, test } from 'vitest'
import { systemRandom } from './random.ts'

const random = systemRandom({ now: () => new Date('2026-11-28T12:00:00.123Z') })

test('no byte is handed out twice, whatever is asked for in what order', () => {
  const lengths = Array.from({ length: 3000 }, (_, index) => [16, 32, 10, 128, 256, 300][index % 6] ?? 16)
  const given = lengths.map((length) => random.bytes(length))
  expect(given.map((bytes) => bytes.length)).toEqual(lengths)
  // any eight bytes that come twice would be a repeated draw: by chance they do so once in 2^28 runs
  const starts = given.flatMap((bytes) => [
    Buffer.from(bytes.subarray(0, 8)).toString('hex'),
    Buffer.from(bytes.subarray(-8)).toString('hex'),
  ])
  expect(new Set(starts).size).toBe(starts.length)
})

test('what was handed out does not change when more is', () => {
  const first = random.bytes(32)
  const copy = Buffer.from(first)
  for (let more = 0; more < 1000; more += 1) random.bytes(64)
  expect(Buffer.from(first).equals(copy)).toBe(true)
})

test('an id is a version 7 UUID of its time, and another each time', () => {
  const ids = Array.from({ length: 2000 }, () => random.id())
  const time = new Date('2026-11-28T12:00:00.123Z').getTime().toString(16).padStart(12, '0')
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  for (const id of ids) expect(id.replaceAll('-', '').slice(0, 12)).toBe(time)
  expect(new Set(ids).size).toBe(ids.length)
})
