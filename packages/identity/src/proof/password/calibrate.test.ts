import { expect, test } from 'vitest'
import { calibratePasswords } from './calibrate.ts'

test('a calibration stays within target and memory, and never goes below the minimum', async () => {
  const { best, measured } = await calibratePasswords({ targetMilliseconds: 10_000, memoryKibMax: 40_000 })
  // nothing here takes ten seconds: memory stops it first, then passes
  expect(best).toMatchObject({ memoryKib: 32_768, passes: 4 })
  expect(measured.map(({ memoryKib, passes }) => [memoryKib, passes])).toEqual([
    [19_456, 2],
    [32_768, 2],
    [32_768, 3],
    [32_768, 4],
  ])
})

test('a machine that is too slow for the minimum gets no advice', async () => {
  expect((await calibratePasswords({ targetMilliseconds: 0.001, memoryKibMax: 40_000 })).best).toBeNull()
})
