import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { diffLines, fileChanges, hunksOf } from './line-diff.ts'

const line = fc.constantFrom('a', 'b', 'c', '')
const lines = fc.array(line, { maxLength: 12 })

describe('the difference of two texts', () => {
  test('is enough to make each of them again, line by line, with its numbers', () => {
    fc.assert(
      fc.property(lines, lines, (one, two) => {
        const [before, after] = [one.map((text) => `${text}\n`).join(''), two.map((text) => `${text}\n`).join('')]
        const found = diffLines(before, after)
        const side = (kind: 'removed' | 'added') =>
          found.filter((entry) => entry.kind === kind || entry.kind === 'same')
        expect(side('removed').map(({ text }) => text)).toEqual(one)
        expect(side('added').map(({ text }) => text)).toEqual(two)
        expect(side('removed').map(({ before: number }) => number)).toEqual(one.map((_, index) => index + 1))
        expect(side('added').map(({ after: number }) => number)).toEqual(two.map((_, index) => index + 1))
      }),
    )
  })

  test('is only what was changed', () => {
    const changed = diffLines('a\nb\nc\nd\n', 'a\nx\nc\nd\n').filter(({ kind }) => kind !== 'same')
    expect(changed.map(({ kind, text }) => `${kind} ${text}`)).toEqual(['removed b', 'added x'])
  })

  test('shows three lines around each change and leaves out the rest', () => {
    const text = Array.from({ length: 40 }, (_, index) => `line ${index}`)
    const found = hunksOf(diffLines(text.join('\n'), text.with(5, 'x').with(30, 'y').join('\n')))
    expect(found.map((hunk) => hunk[0]?.before)).toEqual([3, 28])
    expect(found.map((hunk) => hunk.length)).toEqual([8, 8])
  })

  test('of two sets names each file that is another', () => {
    const before = [
      { path: 'a.cedar', text: 'one' },
      { path: 'b.cedar', text: 'two' },
      { path: 'c.cedar', text: 'same' },
    ]
    const after = [
      { path: 'b.cedar', text: 'two\nthree' },
      { path: 'c.cedar', text: 'same' },
      { path: 'd.cedar', text: 'four' },
    ]
    expect(fileChanges(before, after)).toMatchObject([
      { path: 'a.cedar', kind: 'removed', added: 0, removed: 1 },
      { path: 'b.cedar', kind: 'changed', added: 1, removed: 0 },
      { path: 'd.cedar', kind: 'added', added: 1, removed: 0 },
    ])
    expect(fileChanges(after, after)).toEqual([])
  })
})
