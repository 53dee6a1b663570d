import { Buffer } from 'node:buffer'
import { SshWireError } from './ssh-wire-error.ts'

/** Why a file is left alone. */
export type BlockProblem =
  | 'marker-twice' // a second block, or the half of one
  | 'marker-unpaired' // a begin without an end, or the other way round
  | 'marker-look-alike' // a line that a person would take for our marker, but that is not ours
  | 'file-too-large'
  | 'line-not-allowed' // what we were asked to write would not stay one line of its own

/** The file cannot be changed without guessing what belongs to whom, so it must not be touched. */
export class ManagedBlockError extends SshWireError {
  override readonly name = 'ManagedBlockError'
  readonly problem: BlockProblem

  constructor(problem: BlockProblem, message: string) {
    super('refused', message)
    this.problem = problem
  }
}

const BEGIN = '# BEGIN GATEHOUSE managed keys: changes between these lines are overwritten'
const END = '# END GATEHOUSE managed keys'

/** sshd reads the file on every log-in; one this large is no list of keys. */
export const AUTHORIZED_KEYS_BYTES_MAX = 1024 * 1024

/** The longest line that we write: far below sshd's own limit. */
const BLOCK_LINE_CHARS_MAX = 4096

/** The managed block as text: marker lines around the given lines, each with a newline; nothing at all for no lines. */
export const renderBlock = (lines: readonly string[]): string =>
  lines.length === 0 ? '' : [BEGIN, ...lines.map(checkedLine), END, ''].join('\n')

/**
 * The file with our block replaced by these lines; everything else stays byte for byte, whatever its encoding.
 * A first block goes to the top, where it needs nothing from the line before it: taking it away later gives back
 * exactly
 * the file that was there. Throws `ManagedBlockError` when the markers leave any doubt.
 */
export const replaceBlock = (file: Uint8Array, lines: readonly string[]): Uint8Array => {
  const text = toText(file)
  const { start, end } = findBlock(text)
  const replaced = Buffer.from(`${text.slice(0, start)}${renderBlock(lines)}${text.slice(end)}`, 'latin1')
  if (replaced.length > AUTHORIZED_KEYS_BYTES_MAX) throw tooLarge()
  return replaced
}

/** The lines inside our block, none without a block. Throws as `replaceBlock` does. */
export const readBlock = (file: Uint8Array): readonly string[] => {
  const text = toText(file)
  const { start, end } = findBlock(text)
  return text
    .slice(start, end)
    .split('\n')
    .slice(1)
    .map(withoutCarriageReturn)
    .filter((line) => line !== '' && line !== END)
}

/** Latin-1 maps every byte to one character and back, so bytes that are no UTF-8 survive. */
const toText = (file: Uint8Array): string => {
  if (file.length > AUTHORIZED_KEYS_BYTES_MAX) throw tooLarge()
  return Buffer.from(file).toString('latin1')
}

const tooLarge = () =>
  new ManagedBlockError(
    'file-too-large',
    `the file of authorized keys is larger than ${AUTHORIZED_KEYS_BYTES_MAX} bytes`,
  )

const checkedLine = (line: string): string => {
  if (!/^[\x21-\x7e][\x20-\x7e]*$/.test(line) || line.startsWith('#') || line.length > BLOCK_LINE_CHARS_MAX) {
    throw new ManagedBlockError('line-not-allowed', 'a managed line is one line of printable ascii that is no comment')
  }
  return line
}

interface Line {
  readonly text: string
  readonly start: number
  readonly end: number
}

const findBlock = (text: string): { readonly start: number; readonly end: number } => {
  const lines = splitLines(text)
  const begins = lines.filter((line) => line.text === BEGIN)
  const ends = lines.filter((line) => line.text === END)
  if (lines.some(isLookAlike))
    throw new ManagedBlockError(
      'marker-look-alike',
      'the file holds a line that looks like our marker but is not: remove it by hand',
    )
  if (begins.length > 1 || ends.length > 1)
    throw new ManagedBlockError('marker-twice', 'the file holds our markers more than once: leave one pair, by hand')
  const [begin, end] = [begins[0], ends[0]]
  if (begin === undefined && end === undefined) return { start: 0, end: 0 }
  if (begin === undefined || end === undefined || end.start < begin.start)
    throw new ManagedBlockError(
      'marker-unpaired',
      'the file holds one of our markers without the other: repair it by hand',
    )
  return { start: begin.start, end: end.end }
}

/**
 * Lines with where they begin and end (behind their newline). A carriage return before the newline is not part of the
 * text: editors that turn a file into CRLF turn our markers, too.
 */
const splitLines = (text: string): readonly Line[] =>
  Array.from(text.matchAll(/[^\n]*(?:\n|$)/g), ({ 0: raw, index }) => ({
    text: withoutCarriageReturn(raw.replace(/\n$/, '')),
    start: index,
    end: index + raw.length,
  }))

const withoutCarriageReturn = (line: string): string => line.replace(/\r$/, '')

const isLookAlike = ({ text }: Line): boolean =>
  text !== BEGIN && text !== END && /^\s*#\s*(?:begin|end)\s+gatehouse\b/i.test(text)
