import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tokenLines, tokensOf } from './cedar-tokens.ts'

const kindsOf = (source: string): Readonly<Record<string, string>> =>
  Object.fromEntries(tokensOf(source).map(({ kind, text }) => [text, kind]))

describe('Cedar in its pieces', () => {
  test('is the whole text, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (source) => {
        expect(
          tokensOf(source)
            .map(({ text }) => text)
            .join(''),
        ).toBe(source)
        expect(
          tokenLines(source)
            .map((line) => line.map(({ text }) => text).join(''))
            .join('\n'),
        ).toBe(source)
      }),
    )
  })

  test('tells comments, texts, annotations, effects, words, entities and signs apart', () => {
    const source =
      '// why "not" this\n@doc("a // b")\nforbid (principal is User, action == Action::"lease.revoke", resource)\n' +
      'when { context.hour >= 18 && principal has team };'
    expect(kindsOf(source)).toMatchObject({
      '// why "not" this': 'comment',
      '"a // b"': 'text',
      '@doc': 'annotation',
      forbid: 'effect',
      when: 'word',
      has: 'word',
      User: 'entity',
      Action: 'entity',
      '"lease.revoke"': 'text',
      '>=': 'sign',
      '&&': 'sign',
      '18': 'number',
      hour: 'plain',
      team: 'plain',
    })
  })

  test('a text that does not end goes no further than its line', () => {
    expect(tokenLines('"open\nforbid').map((line) => line.map(({ kind }) => kind))).toEqual([['text'], ['effect']])
  })

  test('the shipped policies hold nothing that is taken for something else', () => {
    const source = readFileSync(new URL('../../../../../policies/admin/roles.cedar', import.meta.url), 'utf8')
    const effects = tokensOf(source).filter(({ kind }) => kind === 'effect')
    expect(effects).toHaveLength(source.match(/^(permit|forbid) /gm)?.length ?? 0)
  })
})
