/** A row of a table, and the line of the file on which it begins. */
export interface TableRow {
  readonly line: number
  readonly cells: readonly string[]
}

/** What may stand between cells: spreadsheets write semicolons where the comma is the decimal point, and copy tabs. */
const separators = [',', ';', '\t'] as const

/** The separator that the first line has most of; a comma where it has none. */
const separatorOf = (text: string): string => {
  const head = (/^[^\r\n]*/.exec(text.trimStart())?.[0] ?? '').replace(/"[^"]*"/g, '')
  const count = (separator: string): number => head.split(separator).length
  return separators.reduce((most, separator) => (count(separator) > count(most) ? separator : most))
}

/**
 * Reads comma-separated values (RFC 4180), or such with semicolons or tabs: quoted cells may hold separators, quotes
 * (doubled) and line breaks. Empty lines are no rows. Null when a quote is never closed.
 */
export const readTable = (text: string): readonly TableRow[] | null => {
  const separator = separatorOf(text)
  const rows: TableRow[] = []
  let at = 0
  let line = 1
  while (at < text.length) {
    const row = readRow(text, { from: at, separator })
    if (row === null) return null
    if (row.cells.length > 1 || row.cells[0] !== '') rows.push({ line, cells: row.cells })
    at = row.next
    line += row.lines
  }
  return rows
}

/** Where to read on, and what ends a cell. */
interface Place {
  readonly from: number
  readonly separator: string
}

const readRow = (
  text: string,
  { from, separator }: Place,
): { cells: readonly string[]; next: number; lines: number } | null => {
  const cells: string[] = []
  let at = from
  for (;;) {
    const cell = text[at] === '"' ? readQuoted(text, { from: at, separator }) : readPlain(text, { from: at, separator })
    if (cell === null) return null
    cells.push(cell.value)
    at = cell.next
    if (text[at] === separator) {
      at += 1
      continue
    }
    const end = text.startsWith('\r\n', at) ? at + 2 : at + 1
    return { cells, next: end, lines: text.slice(from, end).split('\n').length - 1 }
  }
}

const readPlain = (text: string, { from, separator }: Place): { value: string; next: number } => {
  let at = from
  while (at < text.length && text[at] !== separator && text[at] !== '\n' && !text.startsWith('\r\n', at)) at += 1
  return { value: text.slice(from, at).trim(), next: at }
}

/** What stands between the closing quote and the next separator is no part of the cell. */
const readQuoted = (text: string, { from, separator }: Place): { value: string; next: number } | null => {
  let value = ''
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] !== '"') value += text[at]
    else if (text[at + 1] === '"') value += text[(at += 1)]
    else return { value, next: readPlain(text, { from: at + 1, separator }).next }
  }
  return null
}
