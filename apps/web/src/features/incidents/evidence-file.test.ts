import { expect, test } from 'vitest'
import { sizeWords } from './evidence-file.ts'

test('sizes are told in the unit that people would use', () => {
  expect([0, 1023, 48_213, 5 * 1024 ** 3].map(sizeWords)).toEqual(['0 bytes', '1023 bytes', '47.1 KiB', '5.0 GiB'])
})
