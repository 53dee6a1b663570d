import { fileError, TableError } from './table-problem.ts'
import { placesOf, type TextPlace } from './text-places.ts'

/** A row of a table, and the line of the file on which it begins. */
export interface TableRow {
  readonly line: number
  readonly cells: readonly string[]
}

/** What may stand between cells: spreadsheets write semicolons where the comma is the decimal point, and copy tabs. */
const separators = [',', ';', '\t', '|'] as const

/** Where Excel is told the separator. It is no row. */
const separatorLine = /^"?sep=([^\r\n])"?[ \t,;]*(\r\n|\r|\n|$)/i

/**
 * Reads values with separators between them (RFC 4180, and what spreadsheets make of it): quoted cells may hold
 * separators, doubled quotes and line breaks; lines end with LF, CR LF or CR; empty lines are no rows. What can be read
 * in two ways is refused: a quote within a plain cell, text behind a closing quote, a quote that is never closed.
 */
export function readSeparated(text: string): readonly TableRow[] {
  const told = separatorLine.exec(text)
  const separator = told === null ? separatorOf(text) : knownSeparator(told[1] ?? '')
  const reader: Reader = { text, separator, placeOf: placesOf(text) }
  const rows: TableRow[] = []
  let at = told?.[0].length ?? 0
  while (at < text.length) {
    const { cells, next } = readRow(reader, at)
    if (cells.length > 1 || cells[0] !== '') rows.push({ line: reader.placeOf(at).line, cells })
    at = next
  }
  return rows
}

/** The separator that the first line with text has most of; a comma where it has none. */
function separatorOf(text: string): string {
  const head = (/^[^\r\n]*/.exec(text.trimStart())?.[0] ?? '').replace(/"[^"]*"/g, '')
  const count = (separator: string): number => head.split(separator).length
  return separators.reduce((most, separator) => (count(separator) > count(most) ? separator : most))
}

function knownSeparator(told: string): string {
  if (!separators.some((separator) => separator === told))
    throw new TableError({ path: 'line 1', message: 'names no separator that is read: `,`, `;`, `|` or a tab' })
  return told
}

interface Reader {
  readonly text: string
  readonly separator: string
  readonly placeOf: (index: number) => TextPlace
}

/** Where a cell begins, and the how manieth of its row it is. */
interface CellStart {
  readonly at: number
  readonly cell: number
}

interface Cell {
  readonly value: string
  readonly next: number
}

function readRow(reader: Reader, from: number): { readonly cells: readonly string[]; readonly next: number } {
  const cells: string[] = []
  let at = from
  for (;;) {
    const { value, next } = readCell(reader, { at, cell: cells.length + 1 })
    cells.push(value)
    if (reader.text[next] !== reader.separator)
      return { cells, next: reader.text.startsWith('\r\n', next) ? next + 2 : next + 1 }
    at = next + 1
  }
}

/** Blanks around a cell are not part of it, unless quotes say so. */
function readCell(reader: Reader, start: CellStart): Cell {
  const at = afterBlanks(reader, start.at)
  if (reader.text[at] === '"') return readQuoted(reader, { ...start, at })
  const next = endOfPlain(reader, at)
  const plain = reader.text.slice(at, next)
  const quote = plain.indexOf('"')
  if (quote !== -1)
    throw cellError(
      reader,
      { ...start, at: at + quote },
      'has a double quote within plain text; put the whole cell into double quotes, and double each quote inside',
    )
  return { value: plain.replace(/[ \t]+$/, ''), next }
}

function readQuoted(reader: Reader, start: CellStart): Cell {
  const { text } = reader
  let from = start.at + 1
  let value = ''
  for (;;) {
    const quote = text.indexOf('"', from)
    if (quote === -1)
      throw cellError(reader, start, 'opens a double quote that is never closed; close it at the end of the cell')
    value += text.slice(from, quote)
    if (text[quote + 1] !== '"') return { value, next: endOfQuoted(reader, { ...start, at: quote + 1 }) }
    value += '"'
    from = quote + 2
  }
}

function endOfQuoted(reader: Reader, start: CellStart): number {
  const at = afterBlanks(reader, start.at)
  if (at === endOfPlain(reader, at)) return at
  throw cellError(
    reader,
    { ...start, at },
    'has text behind its closing double quote; quotes go around the whole cell, and each quote inside is doubled',
  )
}

const afterBlanks = ({ text, separator }: Reader, from: number): number => {
  let at = from
  while (text[at] === ' ' || (text[at] === '\t' && separator !== '\t')) at += 1
  return at
}

const endOfPlain = ({ text, separator }: Reader, from: number): number => {
  let at = from
  while (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r') at += 1
  return at
}

const cellError = ({ placeOf }: Reader, { at, cell }: CellStart, message: string): TableError =>
  new TableError({ path: `line ${placeOf(at).line}, cell ${cell}`, message })

/** HTML is what some systems call an Excel export. */
export function refuseMarkup(text: string): void {
  if (text.trimStart().startsWith('<')) throw fileError('is HTML or XML; export the table as CSV')
}
