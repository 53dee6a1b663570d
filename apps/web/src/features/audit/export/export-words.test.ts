import { expect, test } from 'vitest'
import { fileNameOf, formats, manifestNameOf, progressWords, sizeWords } from './export-words.ts'

test('a file of an export says what it is and when it was begun', () => {
  const at = new Date('2026-11-28T14:05:59Z')
  expect(fileNameOf('csv', at)).toBe('gatehouse-audit-2026-11-28-14-05.csv')
  const names = Object.keys(formats).map((format) => fileNameOf(format as keyof typeof formats, at))
  expect(new Set(names).size).toBe(8)
  expect(manifestNameOf('a.csv')).toBe('a.csv.manifest')
})

test('progress is said in entries and sizes that people read', () => {
  expect(progressWords({ rows: 1, bytes: 812 })).toBe('1 entry · 812 bytes')
  expect(progressWords({ rows: 1_204_000, bytes: 4_230_000 })).toBe('1,204,000 entries · 4.2 MB')
  expect([999, 1000, 999_999_999, 3.2e12].map(sizeWords)).toEqual(['999 bytes', '1.0 kB', '1000.0 MB', '3200.0 GB'])
})
