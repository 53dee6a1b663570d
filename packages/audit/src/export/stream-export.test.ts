import { expect, test } from 'vitest'
import { begun } from './export-progress.ts'
import { percentOf } from './stream-export.ts'

const end = new Date('2026-11-30T10:00:00.000Z')
const from = '2026-11-30T08:00:00.000Z'

test.each([
  ['2026-11-30T09:00:00.000Z', 50],
  ['2026-11-30T10:00:00.000Z', 99],
  ['infinity', 99],
  ['', 99],
])('an export that has come to an entry of `%s` is at %i percent', (at, percent) => {
  expect(percentOf({ ...begun, from, after: { at, id: 'x' } }, end)).toBe(percent)
  expect(percentOf({ ...begun, from: at, after: { at, id: 'x' } }, new Date(at))).toBe(99)
})
