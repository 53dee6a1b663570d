import { expect, it } from 'vitest'
import { ciphertextsOf, listedMax, listText } from './replace-list.ts'

const ciphertext = (number: number) => ({
  id: `c${number}`,
  version: 3,
  location: number === 1 ? null : `config/${number}.yaml`,
  sealedAt: '2026-11-23T12:00:00Z',
  movedAt: null,
})

it('every ciphertext of a version is listed, on however many pages', async () => {
  const asked: unknown[] = []
  const pages = [
    { items: [ciphertext(1), ciphertext(2)], nextCursor: 'more' },
    { items: [ciphertext(3)], nextCursor: null },
  ]
  const found = await ciphertextsOf(
    async (input) => {
      asked.push(input)
      return pages[asked.length - 1] ?? { items: [], nextCursor: null }
    },
    { id: 'k1', version: 3 },
  )
  expect(asked).toEqual([
    { id: 'k1', version: 3, first: 200, after: undefined },
    { id: 'k1', version: 3, first: 200, after: 'more' },
  ])
  expect(found).toEqual({ items: [1, 2, 3].map(ciphertext), complete: true })
})

it('more than a browser lists is said to be more', async () => {
  const page = { items: Array.from({ length: 200 }, (_, index) => ciphertext(index)), nextCursor: 'more' }
  const found = await ciphertextsOf(async () => page, { id: 'k1', version: 3 })
  expect([found.items.length, found.complete]).toEqual([listedMax, false])
})

it('a line says where a ciphertext lies, which it is and since when', () => {
  expect(listText([ciphertext(2), ciphertext(1)])).toBe(
    'config/2.yaml\tc2\t2026-11-23T12:00:00Z\nlocation not given\tc1\t2026-11-23T12:00:00Z\n',
  )
})
