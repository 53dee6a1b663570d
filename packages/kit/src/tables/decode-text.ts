import { fileError, TableError } from './table-problem.ts'
import { utf16Of } from '../utf16.ts'
import { placesOf } from './text-places.ts'

/** Two hundred people with everything we take are far smaller; what is larger is another file. */
export const tableBytesMax = 2_000_000

/** First bytes of files that are tables to their owners and no text. */
const otherFiles: readonly (readonly [readonly number[], string])[] = [
  [[0x50, 0x4b, 0x03, 0x04], 'an Excel workbook, an OpenDocument or a ZIP file; export its sheet as CSV'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'an old Excel workbook; export its sheet as CSV'],
  [[0x1f, 0x8b], 'compressed with gzip; unpack it first'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF; export the table as CSV'],
  [[0xff, 0xfe, 0x00, 0x00], 'UTF-32; save it as UTF-8'],
  [[0x00, 0x00, 0xfe, 0xff], 'UTF-32; save it as UTF-8'],
]

/** Encodings that say so by their first bytes. All else is UTF-8, or refused. */
const marks = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
] as const

const startsWith = (bytes: Uint8Array, first: readonly number[]): boolean =>
  first.every((byte, index) => bytes[index] === byte)

/** The text of a file. A letter that cannot be read is never replaced: a name without it would be somebody else's. */
export function textOfBytes(bytes: Uint8Array): string {
  if (bytes.length > tableBytesMax) throw fileError(`is larger than ${tableBytesMax / 1_000_000} MB; split it`)
  const other = otherFiles.find(([first]) => startsWith(bytes, first))
  if (other !== undefined) throw fileError(`is ${other[1]}`)
  const encoding = marks.find(([first]) => startsWith(bytes, first))?.[1] ?? 'utf-8'
  if (encoding === 'utf-8' && utf16Of(bytes) !== null)
    throw fileError('is UTF-16 without a byte order mark; save it as UTF-8')
  return cleanText(new TextDecoder(encoding).decode(bytes))
}

/** A text that was pasted, or decoded: without its mark, and only if nothing in it was lost. */
export function cleanText(marked: string): string {
  const text = marked.replace(/^\uFEFF/, '')
  const [lost] = ['\0', '\uFFFD'].map((letter) => text.indexOf(letter)).filter((index) => index !== -1)
  if (lost === undefined) return text
  const { line, character } = placesOf(text)(lost)
  throw new TableError({
    path: `line ${line}, character ${character}`,
    message:
      text[lost] === '\0'
        ? 'is the character U+0000, which no text has; export the table again as text'
        : 'is a letter that cannot be read; save the file as UTF-8, which Excel calls "CSV UTF-8"',
  })
}
