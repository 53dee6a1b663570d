import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { placedInFile, readPeople, type FieldProblem, type Raw } from '@gatehouse/contract'
import { tableBytesMax } from '@gatehouse/kit/tables'
import { whyUnread } from '@gatehouse/kit'
import { boundedBytes } from './bounded-bytes.ts'
import type { Cli } from './cli.ts'
import { CliError, flagError, usageError } from './cli-error.ts'
import { flag } from './flag.ts'
import { requireFlags, textOf, type Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
import { showJson } from './show-output.ts'
import { drawTable } from './table.ts'

/** Brings people in from a file, all or none. What is wrong is said for every row before anything is sent. */
export const runUserImport = async (cli: Cli, { values }: Arguments): Promise<number> => {
  requireFlags(values, [flag('file', '', { required: true })])
  const name = textOf(values, 'file') ?? ''
  const read = readPeople(await bytesOf(cli, name))
  if ('problems' in read) throw usageError(headOf(name, read.problems), { fields: read.problems })
  // each row was checked against the operation's own schema just now
  const users = read.people.map(({ values: person }) => person) as Raw<'user.import'>['users']
  const output = await (await cli.client()).call('user.import', { users }).catch((error: unknown) => {
    throw error instanceof CliError ? placedError(error, (fields) => placedInFile(fields, read.people), name) : error
  })
  show(cli, output)
  return 0
}

/**
 * Hashes are secrets that work elsewhere, too: standard input leaves no file behind. One byte more than is read tells
 * that there is more.
 */
const bytesOf = ({ terminal, config }: Cli, name: string): Promise<Uint8Array> =>
  name === '-' ? terminal.readBytes(tableBytesMax + 1) : readFileBytes(resolve(config.cwd, name), name)

const readFileBytes = async (path: string, name: string): Promise<Uint8Array> => {
  try {
    return await boundedBytes(createReadStream(path), tableBytesMax + 1)
  } catch (cause) {
    throw flagError('file', `cannot read ${name}: ${whyUnread(cause)}`)
  }
}

const headOf = (name: string, { length }: readonly FieldProblem[]): string =>
  `${name === '-' ? 'standard input' : name}: ` +
  `${length === 1 ? '1 thing is' : `${length} things are`} wrong; nobody was imported`

/** What the server finds wrong is by its place in the list; people look for the line. */
const placedError = (
  error: CliError,
  place: (fields: readonly FieldProblem[]) => readonly FieldProblem[],
  name: string,
): CliError => {
  const fields: unknown = error.details['fields']
  if (!Array.isArray(fields)) return error
  const placed = place(fields as readonly FieldProblem[]) // refusals carry the contract's own shape
  return new CliError({
    code: error.code,
    message: headOf(name, placed),
    details: { ...error.details, fields: placed },
    hint: error.hint,
    cause: error,
  })
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
  cli.terminal.talk(`${output.imported} imported; they log in with the passwords they have\n`)
}
