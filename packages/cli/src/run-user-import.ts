import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { checkInput, ImportedUser, importedUsersMax, type FieldProblem, type Raw } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { CliError, flagError, usageError } from './cli-error.ts'
import { flag } from './flag.ts'
import { readTable, type TableRow } from './import-table.ts'
import { requireFlags, textOf, type Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
import { showJson } from './show-output.ts'
import { drawTable } from './table.ts'

/** A person as the file has them, and where: a line of a table, or a place in a list. */
interface Row {
  readonly where: string
  readonly person: Readonly<Record<string, unknown>>
}

/** Brings people in from a file, all or none. What is wrong is said for every row before anything is sent. */
export const runUserImport = async (cli: Cli, { values }: Arguments): Promise<number> => {
  requireFlags(values, [flag('file', '', { required: true })])
  const name = textOf(values, 'file') ?? ''
  const rows = rowsOf(name, await textOfFile(cli, name))
  if (rows.length === 0) throw flagError('file', 'holds nobody')
  if (rows.length > importedUsersMax)
    throw flagError(
      'file',
      `holds ${rows.length} people; one import is all or none and takes ${importedUsersMax}: split the file`,
    )
  const problems = rows.flatMap(problemsOf)
  if (problems.length > 0) throw importError(name, problems)
  // each row was checked against the operation's own schema just now
  const users = rows.map(({ person }) => person) as Raw<'user.import'>['users']
  const output = await (await cli.client()).call('user.import', { users }).catch((error: unknown) => {
    throw placedError(error, name, rows)
  })
  show(cli, output)
  return 0
}

/** Hashes are secrets that work elsewhere, too: standard input leaves no file behind. */
const textOfFile = ({ terminal, config }: Cli, name: string): Promise<string> =>
  name === '-'
    ? terminal.readAll()
    : readFile(resolve(config.cwd, name)).then(
        (bytes) => decode(name, bytes),
        (cause: Error) => {
          throw flagError('file', `cannot read ${name}: ${cause.message}`)
        },
      )

/** A name with a replaced letter would be somebody else's. */
const decode = (name: string, bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw flagError('file', `${name} is not UTF-8: save it as UTF-8, with or without a byte order mark`)
  }
}

const rowsOf = (name: string, marked: string): readonly Row[] => {
  const text = marked.replace(/^\uFEFF/, '')
  return /^\s*[[{]/.test(text) ? rowsOfJson(name, text) : rowsOfTable(name, text)
}

const rowsOfJson = (name: string, text: string): readonly Row[] => {
  const list = listOf(parseJson(name, text))
  if (list === null) throw flagError('file', 'holds JSON, but no list of people')
  return list.map((person, index) => ({ where: `person ${index + 1}`, person: isObject(person) ? person : {} }))
}

const listOf = (document: unknown): readonly unknown[] | null => {
  if (Array.isArray(document)) return document
  return isObject(document) && Array.isArray(document['users']) ? document['users'] : null
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const parseJson = (name: string, text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw flagError('file', `${name} is no JSON: ${cause instanceof Error ? cause.message : 'unknown reason'}`)
  }
}

const columns = Object.keys(ImportedUser.shape)

const rowsOfTable = (name: string, text: string): readonly Row[] => {
  const table = readTable(text)
  if (table === null) throw flagError('file', 'has a quote that is never closed')
  const [head, ...rows] = table
  const names = (head?.cells ?? []).map(columnOf)
  const unknown = names.findIndex((column) => column === null)
  if (unknown !== -1)
    throw flagError(
      'file',
      `has a column \`${printable(head?.cells[unknown] ?? '')}\`; the first line names columns out of ${columns.join(', ')}`,
    )
  const doubled = names.find((column, index) => names.indexOf(column) !== index)
  if (typeof doubled === 'string') throw flagError('file', `has the column \`${doubled}\` twice; name each once`)
  const uneven = rows.filter(({ cells }) => cells.length !== names.length)
  if (uneven.length > 0)
    throw importError(
      name,
      uneven.map((row) => unevenProblem(row, names.length)),
    )
  return rows.map((row) => rowOf(names, row))
}

/** Hashes of argon2id and scrypt have commas: cut there, they would be blamed on the next column. */
const unevenProblem = ({ line, cells }: TableRow, wanted: number): FieldProblem => ({
  path: `line ${line}`,
  message:
    `has ${cells.length} cells, the first line names ${wanted}: ` +
    'put a cell that holds separators into double quotes, as hashes of argon2id and scrypt with their commas',
})

/** `password_hash`, `Password Hash` and `passwordHash` are one name. */
const columnOf = (head: string): string | null => {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z]/g, '')
  return columns.find((column) => plain(column) === plain(head)) ?? null
}

/** Empty cells are left out; several teams stand in one cell, with `;` between them. */
const rowOf = (names: readonly (string | null)[], { line, cells }: TableRow): Row => {
  const given = names
    .map((column, index) => [column ?? '', cells[index] ?? ''] as const)
    .filter(([, cell]) => cell !== '')
  return {
    where: `line ${line}`,
    person: Object.fromEntries(
      given.map(([column, cell]) => [
        column,
        column === 'teams'
          ? cell
              .split(';')
              .map((team) => team.trim())
              .filter((team) => team !== '')
          : cell,
      ]),
    ),
  }
}

const problemsOf = ({ where, person }: Row): readonly FieldProblem[] => {
  const checked = checkInput(ImportedUser, person)
  return 'data' in checked ? [] : checked.problems.map(({ path, message }) => ({ path: `${where}, ${path}`, message }))
}

const importError = (name: string, problems: readonly FieldProblem[]): CliError =>
  usageError(
    `${name}: ${problems.length} ${problems.length === 1 ? 'thing is' : 'things are'} wrong; nobody was brought in`,
    { fields: problems },
  )

/** What the server finds wrong is by its place in the list; people look for the line. */
const placedError = (error: unknown, name: string, rows: readonly Row[]): unknown => {
  const fields: unknown = error instanceof CliError ? error.details['fields'] : null
  if (!(error instanceof CliError) || !Array.isArray(fields)) return error
  const placed = (fields as readonly FieldProblem[]).map(({ path, message }) => ({
    path: placeOf(path, rows),
    message,
  })) // refusals carry the contract's own shape
  return new CliError({
    code: error.code,
    message: `${name}: ${placed.length} ${placed.length === 1 ? 'thing is' : 'things are'} wrong; nobody was brought in`,
    details: { ...error.details, fields: placed },
    hint: error.hint,
    cause: error,
  })
}

const placeOf = (path: string, rows: readonly Row[]): string => {
  const [, index, rest] = /^users\.(\d+)\.?(.*)$/.exec(path) ?? []
  const row = index === undefined ? undefined : rows[Number(index)]
  return row === undefined ? path : [row.where, rest].filter((part) => part !== undefined && part !== '').join(', ')
}

const show = (
  cli: Cli,
  output: {
    readonly imported: number
    readonly users: readonly { readonly id: string; readonly username: string; readonly roles: readonly string[] }[]
  },
): void => {
  if (cli.options.form === 'json') return showJson(cli, output)
  if (cli.options.quiet) return cli.terminal.out(output.users.map(({ id }) => `${printable(id)}\n`).join(''))
  cli.terminal.out(
    drawTable(
      {
        columns: ['username', 'roles', 'id'],
        rows: output.users.map(({ username, roles, id }) => [printable(username), roles.join(', '), printable(id)]),
      },
      cli.terminal,
    ),
  )
  cli.terminal.talk(`${output.imported} brought in; each logs in with the password of before\n`)
}
