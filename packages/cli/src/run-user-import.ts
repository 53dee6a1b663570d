import { readPeople, type Raw } from '@gatehouse/contract'
import { bytesOfFile, fileProblems, placedError } from './brought-file.ts'
import type { Cli } from './cli.ts'
import { flag } from './flag.ts'
import { requireFlags, textOf, type Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
import { showJson } from './show-output.ts'
import { drawTable } from './table.ts'

/** Brings people in from a file, all or none. What is wrong is said for every row before anything is sent. */
export const runUserImport = async (cli: Cli, { values }: Arguments): Promise<number> => {
  requireFlags(values, [flag('file', '', { required: true })])
  const name = textOf(values, 'file') ?? ''
  const file = { name, outcome: 'nobody was imported' }
  // hashes are secrets that work elsewhere, too: standard input leaves no file behind
  const read = readPeople(await bytesOfFile(cli, name))
  if ('problems' in read) throw fileProblems(file, read.problems)
  // each row was checked against the operation's own schema just now
  const users = read.people.map(({ values: person }) => person) as Raw<'user.import'>['users']
  const output = await (await cli.client()).call('user.import', { users }).catch((error: unknown) => {
    throw placedError(error, file, read.people)
  })
  show(cli, output)
  return 0
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
