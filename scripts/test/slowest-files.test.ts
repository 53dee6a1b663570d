import { expect, it } from 'vitest'
import { slowestFiles } from './slowest-files.ts'

const file = (name: string, seconds: number) => ({
  name: `/house/${name}`,
  startTime: 1000,
  endTime: 1000 + seconds * 1000,
})

it('names the slowest files first, and at most ten', () => {
  const testResults = [
    file('a.test.ts', 1),
    file('b.test.ts', 30.04),
    ...Array.from({ length: 12 }, (_, at) => file(`c${at}.test.ts`, 0.5)),
  ]
  const lines = slowestFiles({ testResults }, '/house')
  expect(lines).toHaveLength(10)
  expect(lines.slice(0, 2)).toEqual(['   30.0 s  b.test.ts', '    1.0 s  a.test.ts'])
})

it('a run that left no report has none', () => {
  expect(slowestFiles(null, '/house')).toEqual([])
})
