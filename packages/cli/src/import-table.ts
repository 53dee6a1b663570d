/** A row of a table, and the line of the file on which it begins. */
export interface TableRow {
  readonly line: number
  readonly cells: readonly string[]
}

/**
 * Reads comma-separated values (RFC 4180): quoted cells may hold commas, quotes (doubled) and line breaks. Empty lines
 * are no rows. Null when a quote is never closed.
 */
export const readTable = (text: string): readonly TableRow[] | null => {
  const rows: TableRow[] = []
  let at = 0
  let line = 1
  while (at < text.length) {
    const row = readRow(text, at)
    if (row === null) return null
    if (row.cells.length > 1 || row.cells[0] !== '') rows.push({ line, cells: row.cells })
    at = row.next
    line += row.lines
  }
  return rows
}

const readRow = (text: string, from: number): { cells: readonly string[]; next: number; lines: number } | null => {
  const cells: string[] = []
  let at = from
  for (;;) {
    const cell = text[at] === '"' ? readQuoted(text, at) : readPlain(text, at)
    if (cell === null) return null
    cells.push(cell.value)
    at = cell.next
    if (text[at] === ',') {
      at += 1
      continue
    }
    const end = text.startsWith('\r\n', at) ? at + 2 : at + 1
    return { cells, next: end, lines: text.slice(from, end).split('\n').length - 1 }
  }
}

const readPlain = (text: string, from: number): { value: string; next: number } => {
  let at = from
  while (at < text.length && text[at] !== ',' && text[at] !== '\n' && !text.startsWith('\r\n', at)) at += 1
  return { value: text.slice(from, at).trim(), next: at }
}

/** What stands between the closing quote and the next comma is no part of the cell. */
const readQuoted = (text: string, from: number): { value: string; next: number } | null => {
  let value = ''
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] !== '"') value += text[at]
    else if (text[at + 1] === '"') value += text[(at += 1)]
    else return { value, next: readPlain(text, at + 1).next }
  }
  return null
}
