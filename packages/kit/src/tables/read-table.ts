import { cleanText, textOfBytes } from './decode-text.ts'
import { readJsonValues, type PlacedValue } from './json-values.ts'
import { readSeparated, refuseMarkup, type TableRow } from './separated.ts'
import { fileError, namedOrNot, TableError, type TableProblem } from './table-problem.ts'

/** What the rows of a table are to be. */
export interface TableForm {
  /** The names of the columns, as they are in what is read. */
  readonly columns: readonly string[]
  /** Those that every table has. */
  readonly required: readonly string[]
  /**
   * Those whose cell is a list; in a table its entries stand in one cell, with `;`, `,` or line breaks between them.
   */
  readonly lists: readonly string[]
  /** What one row is, in words: `person`. */
  readonly row: string
  /** The field that has the rows, where JSON has them in an object: `users`. */
  readonly field: string
}

/** One row, and where it is in what was brought: `line 4`, or `person 3 (line 17)` in JSON. */
export interface TableRecord {
  readonly where: string
  readonly values: Readonly<Record<string, unknown>>
}

/** The rows, or what is wrong. */
export type TableRead = { readonly records: readonly TableRecord[] } | { readonly problems: readonly TableProblem[] }

/**
 * Reads a table that somebody brings: CSV with commas, semicolons, tabs or bars, a JSON list, or JSON Lines; as the
 * bytes of a file (UTF-8 or UTF-16 with its mark) or as pasted text. It is read in the one way it can be meant, or
 * refused with the place and what would be right. Nothing that could be a secret is repeated in a refusal.
 */
export function readTable(source: Uint8Array | string, form: TableForm): TableRead {
  return orProblems(() => {
    const text = typeof source === 'string' ? cleanText(source) : textOfBytes(source)
    refuseMarkup(text)
    return { records: /^\s*[[{]/.test(text) ? recordsOfJson(text, form) : recordsOfRows(readSeparated(text), form) }
  })
}

/** The text of a file, to be looked at before it is read as a table; or why it is no text. */
export function readTableText(
  bytes: Uint8Array,
): { readonly text: string } | { readonly problems: readonly TableProblem[] } {
  return orProblems(() => ({ text: textOfBytes(bytes) }))
}

function orProblems<T>(read: () => T): T | { readonly problems: readonly TableProblem[] } {
  try {
    return read()
  } catch (error) {
    if (error instanceof TableError) return { problems: error.problems }
    throw error
  }
}

/** Empty lines at the end, or cells without any text, are nobody. */
function recordsOfRows([head, ...rows]: readonly TableRow[], form: TableForm): readonly TableRecord[] {
  if (head === undefined) return []
  const names = columnsOf(head, form)
  const filled = rows.filter(({ cells }) => cells.some((cell) => cell !== ''))
  const problems = filled.flatMap((row) => shapeProblems(row, names))
  if (problems.length > 0) throw new TableError(...problems)
  return filled.map((row) => recordOf(row, names, form))
}

/** The column of each cell of the first line; null: it has no name, so nothing may stand below. */
function columnsOf({ line, cells }: TableRow, form: TableForm): readonly (string | null)[] {
  const names = cells.map((cell) => (cell === '' ? null : columnOf(cell, form)))
  const problems = cells.flatMap((cell, index) => headingProblems({ cell, index, names, form }))
  const missing = form.required.filter((column) => !names.includes(column))
  if (missing.length > 0 && problems.length === 0)
    throw new TableError({
      path: `line ${line}`,
      message: `names no column ${missing.join(', ')}; the first line names the columns, of ${form.columns.join(', ')}`,
    })
  if (problems.length > 0)
    throw new TableError(...problems.map(({ path, message }) => ({ path: `line ${line}, ${path}`, message })))
  return names.map((name) => name ?? null)
}

/** Undefined: no column is named so. Case, blanks and `_` or `-` between words do not matter. */
function columnOf(heading: string, { columns }: TableForm): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replace(/[\s_-]/g, '')
  return columns.find((column) => plain(column) === plain(heading))
}

interface Heading {
  readonly cell: string
  readonly index: number
  readonly names: readonly (string | null | undefined)[]
  readonly form: TableForm
}

function headingProblems({ cell, index, names, form }: Heading): readonly TableProblem[] {
  const name = names[index]
  if (name === null) return []
  const path = `cell ${index + 1}`
  if (name === undefined)
    return [
      {
        path,
        message:
          `${namedOrNot(cell)} is no column; the first line names the columns, of ${form.columns.join(', ')}`.trim(),
      },
    ]
  const first = names.indexOf(name)
  return first === index
    ? []
    : [{ path, message: `is the column \`${name}\` again, as cell ${first + 1}; name it once` }]
}

function shapeProblems({ line, cells }: TableRow, names: readonly (string | null)[]): readonly TableProblem[] {
  if (cells.length !== names.length)
    return [
      {
        path: `line ${line}`,
        message:
          `has ${cells.length} cells, the first line names ${names.length}: put a cell that holds separators into ` +
          'double quotes, as hashes of argon2id and scrypt with their commas',
      },
    ]
  return cells.flatMap((cell, index) =>
    cell !== '' && names[index] === null
      ? [{ path: `line ${line}, cell ${index + 1}`, message: 'has a value, but the first line names no column for it' }]
      : [],
  )
}

/** Empty cells are left out. */
function recordOf({ line, cells }: TableRow, names: readonly (string | null)[], form: TableForm): TableRecord {
  const given = cells.flatMap((cell, index) => {
    const name = names[index] ?? null
    return name === null || cell === '' ? [] : [[name, form.lists.includes(name) ? listOf(cell) : cell] as const]
  })
  return { where: `line ${line}`, values: Object.fromEntries(given) }
}

const listOf = (cell: string): readonly string[] =>
  cell
    .split(/[;,\r\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')

function recordsOfJson(text: string, form: TableForm): readonly TableRecord[] {
  const rows = rowsOf(readJsonValues(text), form)
  const records = rows.map(({ line, value, fields }, index) => ({
    where: `${form.row} ${index + 1} (line ${line})`,
    values: fields === null ? null : (value as Readonly<Record<string, unknown>>), // it has fields: it is an object
  }))
  const strangers = records.filter(({ values }) => values === null)
  if (strangers.length > 0)
    throw new TableError(
      ...strangers.map(({ where }) => ({
        path: where,
        message: `is no ${form.row}: wanted is an object with ${form.required.join(', ')}`,
      })),
    )
  return records.flatMap(({ where, values }) => (values === null ? [] : [{ where, values }]))
}

/** `[…]`, `{ "users": […] }`, or one object a line. */
function rowsOf(values: readonly PlacedValue[], form: TableForm): readonly PlacedValue[] {
  const [first] = values
  const list = first?.entries ?? first?.fields?.get(form.field)?.entries
  if (values.length === 1 && list) return list
  const isRow = values.length > 1 || form.columns.some((column) => first?.fields?.has(column))
  if (isRow) return values
  throw fileError(
    `is JSON, but no list: wanted is [{ … }, …], { "${form.field}": [{ … }, …] } or one object a line, each ` +
      `with ${form.required.join(', ')}`,
  )
}
