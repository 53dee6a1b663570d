import type { Operation, Wire } from '@gatehouse/contract'
import { isUuid } from '@gatehouse/kit'
import type { Cli } from './cli.ts'
import { printable, printableJson, printableLines } from './printable.ts'
import { showCalendar } from './show-calendar.ts'
import { shortIds } from './short-id.ts'
import { drawDetails, drawFitted } from './table.ts'
import {
  cellText,
  detailText,
  fieldKindsOf,
  fieldLabel,
  fieldText,
  itemSchemaOf,
  kindByName,
  widthsOfFields,
  withRevocation,
  type FieldKind,
} from './value-text.ts'
import { cellsOf } from './text-cells.ts'
import { label } from './words.ts'

/** Prints the output of an operation as the caller wants it. */
export const showOutput = (cli: Cli, operation: Operation, output: unknown): void => {
  if (cli.options.form === 'json') return showJson(cli, output)
  const item = itemSchemaOf(operation.output)
  if (item !== null && isPage(output)) return showPage(cli, { operation, kinds: fieldKindsOf(item), page: output })
  if (cli.options.quiet) return showQuietly(cli, operation, output)
  if (cli.options.form === 'table' && isCalendar(operation, output)) return showCalendar(cli, output)
  showDetails(cli, operation, output)
}

const isCalendar = ({ name }: Operation, _output: unknown): _output is Wire<'calendar.get'> =>
  name === 'calendar.get' || name === 'calendar.set'

/** Prints exactly one JSON document. */
export const showJson = ({ terminal }: Pick<Cli, 'terminal'>, output: unknown): void =>
  terminal.out(`${printableJson(output)}\n`)

interface Page {
  readonly items: readonly Readonly<Record<string, unknown>>[]
  readonly nextCursor: string | null
}

const isPage = (output: unknown): output is Page =>
  typeof output === 'object' && output !== null && 'items' in output && Array.isArray(output.items)

interface PageOfOperation {
  readonly operation: Operation
  readonly kinds: ReturnType<typeof fieldKindsOf>
  readonly page: Page
}

/** When, who, what, and what came of it: without one of these a line of a list says too little. */
const KEPT_COLUMNS = 4

const showPage = (cli: Cli, { operation, kinds, page }: PageOfOperation): void => {
  const { terminal, options } = cli
  if (options.quiet) return showIdsOf(cli, page.items)
  if (page.items.length === 0) return terminal.talk('no results\n')
  const columns = options.form === 'wide' ? allColumns(operation, kinds) : columnsOf(operation, kinds)
  const cells = page.items
    .map(withRevocation)
    .map((item) => columns.map((column) => fieldText(item, { column, kind: kinds[column] ?? 'other', now: cli.now() })))
  const rows = options.form === 'wide' ? cells : withShortIds(cells)
  const called = (column: string): string => operation.command?.labels?.[column] ?? label(column)
  const { text, left } = drawFitted(
    { columns: columns.map(called), rows, kept: KEPT_COLUMNS, yields: (operation.command?.yields ?? []).map(called) },
    { width: options.form === 'wide' ? null : terminal.width, colour: terminal.colour },
  )
  terminal.out(text)
  if (left.length > 0) terminal.talk(noRoomFor(left))
  if (page.items.some(hidesPeople)) terminal.talk(peopleAreHidden)
  if (page.nextCursor !== null) terminal.talk(`more: --after ${printable(page.nextCursor)}\n`)
}

/** A column that is gone is not missed by who never saw it. */
const noRoomFor = (columns: readonly string[]): string => `no room here for ${columns.join(', ')} · -o wide\n`

/** An entry of the audit log in which pseudonyms stand for people. */
const hidesPeople = (item: unknown): boolean =>
  typeof item === 'object' && item !== null && 'pseudonyms' in item && item.pseudonyms === true

const peopleAreHidden =
  "people are shown by pseudonyms: you don't have permission to see who others in the audit log are; " +
  'an Admin or Auditor can, with `gatehouse audit identify`\n'

/** Whole ids are for programs, and for `-o wide`. */
const withShortIds = (rows: readonly (readonly string[])[]): readonly (readonly string[])[] => {
  const columns = (rows[0] ?? []).map((_, index) => shortIds(rows.map((row) => row[index] ?? '')))
  return rows.map((row, line) => row.map((cell, index) => columns[index]?.[line] ?? cell))
}

const columnsOf = ({ command }: Operation, kinds: Readonly<Record<string, unknown>>): readonly string[] =>
  command?.columns ?? Object.keys(kinds)

const allColumns = (operation: Operation, kinds: Readonly<Record<string, unknown>>): readonly string[] => [
  ...new Set([...columnsOf(operation, kinds), ...Object.keys(kinds)]),
]

/**
 * Prints the items of a stream as they come: the head once, and below it the same columns for all of them, never
 * narrower than before.
 */
export const rowPrinter = (cli: Cli, operation: Operation): ((item: Readonly<Record<string, unknown>>) => void) => {
  const kinds = fieldKindsOf(operation.output)
  const known = widthsOfFields(operation.output)
  const { form } = cli.options
  let columns = columnsOf(operation, kinds)
  let headShown = false
  const widths: Record<string, number> = {}
  return (given) => {
    const item = withRevocation(given)
    const texts = columns.map((column) => fieldText(item, { column, kind: kinds[column] ?? 'other', now: cli.now() }))
    const cells = form === 'wide' ? texts : texts.flatMap((text) => shortIds([text]))
    for (const [at, column] of columns.entries())
      widths[column] = Math.max(widths[column] ?? known[column] ?? 0, cellsOf(cells[at] ?? ''))
    // never shown: as wide as what was, so that the row stands below the others
    const widest = columns.map((column) => ' '.repeat(widths[column] ?? 0))
    const table = { columns: columns.map(label), rows: [cells, widest] }
    const { text, left } = drawFitted(
      headShown
        ? { ...table, kept: columns.length }
        : { ...table, kept: KEPT_COLUMNS, yields: (operation.command?.yields ?? []).map(label) },
      { width: form === 'wide' ? null : cli.terminal.width, colour: cli.terminal.colour },
    )
    const [head = '', row = ''] = text.split('\n')
    cli.terminal.out(headShown ? `${row}\n` : `${head}\n${row}\n`)
    if (!headShown && left.length > 0) cli.terminal.talk(noRoomFor(left))
    columns = columns.filter((column) => !left.includes(label(column)))
    headShown = true
  }
}

/** The one thing that a script wants: what the declaration says, else the id. */
const showQuietly = (cli: Cli, { command }: Operation, output: unknown): void => {
  const wanted: unknown =
    command?.quiet === undefined || typeof output !== 'object' || output === null
      ? null
      : Reflect.get(output, command.quiet)
  if (typeof wanted === 'string') cli.terminal.out(`${printableLines(wanted).replace(/\n$/, '')}\n`)
  else showIdsOf(cli, [output])
}

/** Prints the id of each item that has one. */
export const showIdsOf = ({ terminal }: Pick<Cli, 'terminal'>, items: readonly unknown[]): void => {
  for (const item of items) {
    const id = typeof item === 'object' && item !== null && 'id' in item ? item.id : null
    if (typeof id === 'string') terminal.out(`${printable(id)}\n`)
  }
}

/** Prints an object, field by field in its schema's order; fields that hold lists of things become tables below. */
const showDetails = (cli: Cli, operation: Operation, output: unknown): void => {
  const { terminal } = cli
  if (typeof output !== 'object' || output === null) return terminal.out(`${printable(String(output))}\n`)
  const kinds = fieldKindsOf(operation.output)
  const labels = operation.command?.labels ?? {}
  const left = operation.command?.onlyJson ?? []
  const item = withRevocation({ ...output })
  const entries = Object.entries(item).filter(([field, value]) => value !== undefined && !left.includes(field))
  const pairs = entries.flatMap(([field, value]): [string, string][] => {
    const called = labels[field] ?? fieldLabel(item, field, cli.now())
    if (called === null || isRows(value)) return []
    return [[called, detailText(value, kinds[field] ?? kindByLook(field), cli.now())]]
  })
  terminal.out(drawDetails(pairs, terminal))
  const tables = entries.flatMap(([field, value]) => (isRows(value) ? [{ field, rows: value }] : []))
  for (const [at, { field, rows }] of tables.entries()) {
    if (at > 0 || pairs.length > 0) terminal.out('\n')
    showRows(cli, field, rows)
  }
  if (entries.some(([field, value]) => kinds[field] === 'secret' && value !== null))
    terminal.talk('this secret is shown once; keep it now\n')
  if (hidesPeople(output)) terminal.talk(peopleAreHidden)
  if (left.length > 0 && !cli.options.quiet)
    terminal.talk(`with --json also ${left.map((field) => label(field)).join(', ')}\n`)
}

/** What fields of times are called, where no schema is at hand. */
const timeName = /(At|Since|Until)$|^(since|hour)$/

const kindByLook = (field: string): FieldKind => (timeName.test(field) ? 'instant' : kindByName(field))

type Row = Readonly<Record<string, unknown>>

const isRows = (value: unknown): value is readonly Row[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every(
    (row: unknown) => typeof row === 'object' && row !== null && (Object.keys(row).length > 2 || !isCalled(row)),
  )

/** Two things that have a name are told by it, in a line. */
const isCalled = (row: object): boolean => 'name' in row || 'username' in row || 'type' in row

/** A whole file in a cell says nothing but how long it is; its text is for `--json`. */
const rowText = (value: unknown, kind: FieldKind, now: Date): string => {
  const lines = typeof value === 'string' ? value.replace(/\n$/, '').split('\n').length : 1
  return lines > 1 ? `${lines} lines` : cellText(value, kind, now)
}

const showRows = (cli: Cli, field: string, given: readonly Row[]): void => {
  const rows = given.map(withRevocation)
  const all = Object.keys(rows[0] ?? {})
  const isTight = cli.terminal.width !== null && cli.options.form !== 'wide'
  const columns = isTight ? wordsFirst(all, rows) : all
  const kindOf = (column: string) => (isTight && column === 'at' ? 'instant' : kindByLook(column))
  const cells = rows.map((row) => columns.map((column) => rowText(row[column], kindOf(column), cli.now())))
  const width = cli.options.form === 'wide' ? null : cli.terminal.width
  const { text: drawn, left } = drawFitted(
    { columns: columns.map(label), rows: cells },
    { width, colour: cli.terminal.colour },
  )
  cli.terminal.out(`${label(field)}\n${drawn}`)
  if (left.length > 0 && !cli.options.quiet) cli.terminal.talk(noRoomFor(left))
  for (const [at, row] of rows.entries()) sayCutAdvice(cli, { row, name: cells[at]?.[0] ?? '', drawn })
}

/** What is wrong and what to do is said in full, however narrow the terminal is: who reads it is in trouble. */
const sayCutAdvice = (
  { terminal }: Cli,
  { row, name, drawn }: { readonly row: Row; readonly name: string; readonly drawn: string },
): void => {
  const advice = typeof row['advice'] === 'string' ? printable(row['advice']) : ''
  if (advice === '' || drawn.includes(advice)) return
  const what = row['message'] ?? row['problem']
  terminal.out(`${name}: ${typeof what === 'string' ? `${printable(what)}: ` : ''}${advice}\n`)
}

/**
 * On a terminal what does not fit is left out from the right: ids go before words, and what is empty before both.
 */
function wordsFirst(columns: readonly string[], rows: readonly Row[]): readonly string[] {
  const filled = columns.filter((column) => rows.some((row) => row[column] !== null) && !isOwnMark(column, rows))
  const isOfIds = (column: string): boolean =>
    rows.every((row) => row[column] === null || /^[0-9a-f]{8}-[0-9a-f]{4}-/.test(String(row[column])))
  return [...whoBeforeWhat(filled.filter((column) => !isOfIds(column))), ...filled.filter(isOfIds)]
}

/** Of what somebody did, who comes before the words, which still say something where they are cut. */
function whoBeforeWhat(words: readonly string[]): readonly string[] {
  if (!isDeed(words)) return words
  const moved = ['by', 'text', 'state'].filter((column) => words.includes(column))
  return [...words.filter((column) => !moved.includes(column)), ...moved]
}

/** An id that is put together of others, or that of a step of a history, names nothing that a command takes. */
const isOwnMark = (column: string, rows: readonly Row[]): boolean =>
  column === 'id' && rows.some((row) => !isNameOrId(String(row['id'])) || isDeed(Object.keys(row)))

/** An id, or a name that stands for one, such as that of an environment. */
const isNameOrId = (id: string): boolean => isUuid(id) || /^[a-z]+$/.test(id)

const isDeed = (columns: readonly string[]): boolean => columns.includes('by') && columns.includes('text')
