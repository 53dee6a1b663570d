import { describe, expect, test } from 'vitest'
import { readTable } from './import-table.ts'

describe('comma-separated values', () => {
  test.each([
    [
      'a,b\n1,2\n',
      [
        [1, ['a', 'b']],
        [2, ['1', '2']],
      ],
    ],
    [
      'a,b\r\n1,2',
      [
        [1, ['a', 'b']],
        [2, ['1', '2']],
      ],
    ],
    [
      'a\n\n\nb\n',
      [
        [1, ['a']],
        [4, ['b']],
      ],
    ],
    ['"a,b","say ""hi"""\n', [[1, ['a,b', 'say "hi"']]]],
    [
      '"two\nlines",x\ny,z\n',
      [
        [1, ['two\nlines', 'x']],
        [3, ['y', 'z']],
      ],
    ],
    [' a , b \n', [[1, ['a', 'b']]]],
    [
      'a,,c\n,,\n',
      [
        [1, ['a', '', 'c']],
        [2, ['', '', '']],
      ],
    ],
    [
      'a;b\n1,5;2\n',
      [
        [1, ['a', 'b']],
        [2, ['1,5', '2']],
      ],
    ],
    [
      'a\tb\n1,5\t"2\t3"\n',
      [
        [1, ['a', 'b']],
        [2, ['1,5', '2\t3']],
      ],
    ],
    ['', []],
  ] as const)('%j', (text, rows) => {
    expect(readTable(text)?.map(({ line, cells }) => [line, cells])).toEqual(rows)
  })

  test('with a quote that is never closed are none', () => {
    expect(readTable('a,"b\nc,d\n')).toBeNull()
  })
})
