import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readBlock, renderBlock, replaceBlock } from './authorized-keys-block.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const text = (file: Uint8Array): string => Buffer.from(file).toString('latin1')
const [BEGIN = '', , END = ''] = renderBlock(['x']).split('\n')

const managedLine = fc.stringMatching(/^[!"$-~][ -~]{0,60}$/)
const managedLines = fc.array(managedLine, { maxLength: 6 })
const lineEnding = fc.constantFrom('\n', '\r\n', '\n\n', '\r', '')
const foreignPiece = fc.oneof(
  fc.uint8Array({ maxLength: 80 }).map(text),
  fc.constantFrom(
    'ssh-ed25519 AAAA bob',
    '# gatehouse is great',
    '# end of file',
    'no-pty ssh-rsa AAAA x',
    '\ufeff',
    '#',
    '\0',
  ),
)
const foreignText = fc
  .array(fc.tuple(foreignPiece, lineEnding), { maxLength: 12 })
  .map((pieces) => pieces.flat().join(''))
  .map((value) => text(bytes(value)))
  .filter((value) => !/#\s*(begin|end)\s+gatehouse/i.test(value))

/** People's own files: a mistake here locks somebody out, or leaves a key that should be gone. */
describe("replacing our block in a file of another's", () => {
  test('putting a block in and taking it out again gives back the same bytes, whatever they are', () => {
    fc.assert(
      fc.property(foreignText, managedLines, (file, lines) => {
        const changed = replaceBlock(bytes(file), lines)
        expect(text(replaceBlock(changed, []))).toBe(file)
        expect(readBlock(changed)).toEqual(lines)
        expect(text(changed).endsWith(file)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('the bytes before and after a block stay, wherever the block is', () => {
    fc.assert(
      fc.property(
        foreignText,
        foreignText,
        managedLines,
        managedLines,
        fc.constantFrom('\n', '\r\n'),
        (before, after, old, lines, newline) => {
          const head = before === '' || before.endsWith('\n') ? before : `${before}\n`
          const block = [BEGIN, ...old, END, ''].join(newline)
          expect(text(replaceBlock(bytes(head + block + after), lines))).toBe(head + renderBlock(lines) + after)
          expect(readBlock(bytes(head + block + after))).toEqual(old)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('doing it twice changes nothing', () => {
    fc.assert(
      fc.property(foreignText, managedLines, (file, lines) => {
        const once = replaceBlock(bytes(file), lines)
        expect(text(replaceBlock(once, lines))).toBe(text(once))
      }),
      { numRuns: 300 },
    )
  })

  test('with markers strewn about, the file is either refused or only what stands between one pair changes', () => {
    const piece = fc.constantFrom(
      BEGIN,
      END,
      `${BEGIN} `,
      ` ${END}`,
      BEGIN.toLowerCase(),
      'ssh-ed25519 AAAA other',
      '',
      '# note',
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 8 }),
        lineEnding.filter((ending) => ending.includes('\n')),
        managedLines,
        (pieces, newline, lines) => {
          const file = pieces.join(newline)
          const exact = pieces.filter((one) => one === BEGIN || one === END)
          const lookAlikes = pieces.filter((one) => one !== BEGIN && one !== END && /gatehouse/i.test(one))
          const clear =
            lookAlikes.length === 0 &&
            (exact.length === 0 || (exact.length === 2 && exact[0] === BEGIN && exact[1] === END))
          if (!clear) {
            expect(() => replaceBlock(bytes(file), lines)).toThrow(
              expect.objectContaining({ problem: expect.stringMatching(/^marker-/) }),
            )
            return
          }
          const others = (value: string) => value.split('\n').filter((line) => line.includes('other')).length
          const outside = exact.length === 0 ? file : file.replace(new RegExp(`${BEGIN}[^]*${END}`), '')
          expect(others(text(replaceBlock(bytes(file), [])))).toBe(others(outside))
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('refusals', () => {
  const cases: readonly [string, string][] = [
    [`${BEGIN}\nssh-ed25519 AAAA x\n`, 'marker-unpaired'],
    [`${END}\n`, 'marker-unpaired'],
    [`${END}\n${BEGIN}\n`, 'marker-unpaired'],
    [`${renderBlock(['x'])}${renderBlock(['y'])}`, 'marker-twice'],
    [`${BEGIN}\n${BEGIN}\n${END}\n`, 'marker-twice'],
    [`  ${BEGIN}\nx\n${END}\n`, 'marker-look-alike'],
    ['#begin gatehouse\n', 'marker-look-alike'],
    [`${renderBlock(['x'])}# END GATEHOUSE\n`, 'marker-look-alike'],
  ]
  test('a file larger than the limit is left alone', () => {
    expect(() => replaceBlock(new Uint8Array(1024 * 1024 + 1), ['line'])).toThrow(
      expect.objectContaining({ problem: 'file-too-large' }),
    )
  })

  test.each(cases)('%j is left alone: %s', (file, problem) => {
    expect(() => replaceBlock(bytes(file), ['line'])).toThrow(expect.objectContaining({ problem }))
    expect(() => readBlock(bytes(file))).toThrow(expect.objectContaining({ problem }))
  })

  test('what would not stay one line of its own is never written', () => {
    for (const line of ['', ' x', 'a\nb', 'a\r', '# comment', BEGIN, 'ä', 'x'.repeat(4097)]) {
      expect(() => replaceBlock(bytes(''), [line]), line).toThrow(
        expect.objectContaining({ problem: 'line-not-allowed' }),
      )
    }
  })
})
