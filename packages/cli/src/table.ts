import { stripVTControlCharacters, styleText } from 'node:util'
import { cellsOf, cutToCells, padToCells } from './text-cells.ts'

/** A table as text: the columns stand in order of importance, but for an id at the end, by which one goes on. */
export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** So many columns at the beginning are cut, all alike, before one of them is left out. Absent: none is. */
  readonly kept?: number
  /** Of these, the columns that are left out first where even cut ones do not fit, in this order. */
  readonly yields?: readonly string[]
}

/** Where a table is drawn. */
export interface TableStyle {
  /** Columns of the terminal; null when nothing needs to fit. */
  readonly width: number | null
  readonly colour: boolean
}

const GAP = '  '

/** A column that is cut below this says nothing any more: then it is left out. */
const CUT_CHARS_MIN = 8

/** Draws a table that never wraps: it drops the least important columns, then cuts the longest cell column. */
export const drawTable = (table: Table, style: TableStyle): string => drawFitted(table, style).text

/** A table as it was drawn, and the columns that found no place in it. */
export interface DrawnTable {
  readonly text: string
  readonly left: readonly string[]
}

/** The same, for who says which columns are missing: nobody else could tell. */
export const drawFitted = (table: Table, { width, colour }: TableStyle): DrawnTable => {
  const fitted = fit(table, width)
  const widths = widthsOf(fitted)
  const draw = (cells: readonly string[], paint: (text: string, index: number) => string): string =>
    cells
      .map((cell, index) => paint(padded({ cell, chars: widths[index] ?? 0, last: index === cells.length - 1 }), index))
      .join(GAP)
      .trimEnd()
  const head = draw(
    fitted.columns.map((name) => name.toUpperCase()),
    (text) => (colour ? styleText('dim', text, { validateStream: false }) : text),
  )
  const lines = [head, ...fitted.rows.map((row) => draw(row, (text) => (colour ? paintState(text) : text)))]
  return {
    text: lines.map((line) => `${line}\n`).join(''),
    left: table.columns.filter((name) => !fitted.columns.includes(name)),
  }
}

const padded = ({ cell, chars, last }: { cell: string; chars: number; last: boolean }): string =>
  last ? cell : padToCells(cell, chars)

/** Of a terminal's width, what one column may take while another would have to go for it; and never less than this. */
const SHARE_OF_COLUMN = 0.4
const CAP_CHARS_MIN = 24

/** Long texts are cut first: a name of 60 characters must not cost the state of what it names. */
const fit = (table: Table, width: number | null): Table => {
  if (width === null || totalWidth(table) <= width) return table
  return narrowed(capped(table, Math.max(CAP_CHARS_MIN, Math.floor(width * SHARE_OF_COLUMN))), width)
}

/** An id stays whole: the half of one is not to be typed. */
const capped = (table: Table, chars: number): Table => ({
  ...table,
  rows: table.rows.map((row) =>
    row.map((cell, index) => (table.columns[index] === 'id' ? cell : cutToCells(cell, chars))),
  ),
})

const narrowed = (table: Table, width: number): Table => {
  if (totalWidth(table) <= width) return table
  const narrower = cutAlike(table, width) ?? cutLeastColumn(table, width)
  if (narrower !== null) return narrower
  return table.columns.length > 1 ? narrowed(withoutLeastColumn(table), width) : table
}

/** Cuts the longest cells where only columns to be kept are left, as little as it takes; null: too little stays. */
const cutAlike = (table: Table, width: number): Table | null => {
  if (!hasKeptAlone(table)) return null
  for (let chars = Math.max(...widthsOf(table)) - 1; chars >= CUT_CHARS_MIN; chars -= 1) {
    const narrower = capped(table, chars)
    if (totalWidth(narrower) <= width) return narrower
  }
  return null
}

/** Whether only columns to be kept are left. */
const hasKeptAlone = ({ columns, kept }: Table): boolean =>
  kept !== undefined && columns.length - (columns.at(-1) === 'id' ? 1 : 0) <= kept

/** What came of it, or how it stands: a list that keeps columns is looked at for this, so all else goes first. */
const stateColumns: ReadonlySet<string> = new Set(['outcome', 'state', 'status'])

/** The column that is given up first; the first column says of what a line is, so it never is before the last. */
const leastOf = (table: Table): number => {
  const { columns, kept, yields = [] } = table
  const given = hasKeptAlone(table) ? columns.indexOf(yields.find((name) => columns.includes(name)) ?? '') : -1
  if (given !== -1) return given
  const last = columns.length - 1
  const least = last > 1 && columns[last] === 'id' ? last - 1 : last
  return kept !== undefined && least > 1 && stateColumns.has(columns[least] ?? '') ? least - 1 : least
}

const withoutLeastColumn = (table: Table): Table => {
  const least = leastOf(table)
  return {
    ...table,
    columns: table.columns.toSpliced(least, 1),
    rows: table.rows.map((row) => row.toSpliced(least, 1)),
  }
}

/** Cuts the cells of the least important column, where enough of them is left; what stands before an id goes first. */
const cutLeastColumn = (table: Table, width: number): Table | null => {
  const isBesideId = table.columns.length === 2 && table.columns[1] === 'id'
  return (isBesideId ? cutColumn(table, 0, width) : null) ?? cutColumn(table, leastOf(table), width)
}

const cutColumn = (table: Table, column: number, width: number): Table | null => {
  const own = widthsOf(table)[column] ?? 0
  const chars = own - (totalWidth(table) - width)
  if (chars < Math.max(CUT_CHARS_MIN, table.columns[column]?.length ?? 0) && table.columns.length > 1) return null
  return {
    ...table,
    rows: table.rows.map((row) =>
      row.map((cell, index) => (index === column ? cutToCells(cell, Math.max(chars, 1)) : cell)),
    ),
  }
}

const widthsOf = ({ columns, rows }: Table): readonly number[] =>
  columns.map((name, index) => Math.max(name.length, ...rows.map((row) => cellsOf(row[index] ?? ''))))

const totalWidth = (table: Table): number =>
  widthsOf(table).reduce((sum, chars) => sum + chars, GAP.length * (table.columns.length - 1))

/** Colour stands beside the word that it repeats, never instead of it. */
const stateColours = {
  active: 'green',
  allowed: 'green',
  deployed: 'green',
  ok: 'green',
  allow: 'green',
  pending: 'yellow',
  generated: 'yellow',
  removing: 'yellow',
  degraded: 'yellow',
  intent: 'yellow',
  unknown: 'yellow',
  revoked: 'dim',
  expired: 'dim',
  refused: 'red',
  failed: 'red',
  irrevocable: 'red',
  down: 'red',
  deny: 'red',
  disabled: 'red',
} as const

const isState = (text: string): text is keyof typeof stateColours => Object.hasOwn(stateColours, text)

const paintState = (text: string): string => {
  const word = text.trim()
  return isState(word) ? styleText(stateColours[word], text, { validateStream: false }) : text
}

/** Draws labels and values, one pair a line; values of several lines come below their label. */
export const drawDetails = (
  pairs: readonly (readonly [label: string, value: string])[],
  { colour }: Pick<TableStyle, 'colour'>,
): string => {
  const chars = Math.max(0, ...pairs.map(([name]) => name.length))
  return pairs
    .map(([name, value]) => {
      const shown = colour ? styleText('dim', name.padEnd(chars), { validateStream: false }) : name.padEnd(chars)
      return value.includes('\n')
        ? `${shown.trimEnd()}\n${value.trimEnd()}\n`
        : `${shown}${GAP}${colour ? paintState(value) : value}\n`
    })
    .join('')
}

/** How many columns a drawn line takes. */
export const drawnWidth = (line: string): number => cellsOf(stripVTControlCharacters(line))
