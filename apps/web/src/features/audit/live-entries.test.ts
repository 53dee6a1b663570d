import { describe, expect, test } from 'vitest'
import { entries } from '../gallery/audit-fixtures.ts'
import { withNewest } from './live-entries.ts'

const [one] = entries
const entryOf = (id: string) => {
  if (one === undefined) throw new TypeError('the gallery has entries')
  return { ...one, id }
}
const idsOf = (page: { items: readonly { id: string }[] }) => page.items.map(({ id }) => id)

describe('new entries', () => {
  const page = { items: [entryOf('c'), entryOf('b'), entryOf('a')], nextCursor: 'older' }

  test('come on top, the newest first, and none twice', () => {
    expect(idsOf(withNewest(page, [entryOf('c'), entryOf('d'), entryOf('e')], 50))).toEqual(['e', 'd', 'c', 'b', 'a'])
  })

  test('make older ones give way once the page is as long as a page is', () => {
    expect(idsOf(withNewest(page, [entryOf('d'), entryOf('e')], 4))).toEqual(['e', 'd', 'c', 'b'])
    expect(withNewest(page, [entryOf('d')], 2).items).toHaveLength(3)
  })
})
