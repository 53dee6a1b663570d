import type { Cli } from './cli.ts'
import { showJson } from './show-output.ts'
import { drawTable } from './table.ts'

/** The kinds of caller in the order in which they are looked for; one that is none of these stands last. */
const order = ['Admin', 'Operator', 'Developer', 'Viewer', 'Auditor', 'other service', 'worker', 'stranger']

const rankOf = (caller: string): number => (order.includes(caller) ? order.indexOf(caller) : order.length)

/** Shows who may what: an operation a line, a kind of caller a column. */
export const runPolicyMatrix = async (cli: Cli): Promise<number> => {
  const matrix = await (await cli.client()).call('policy.matrix', {})
  if (cli.options.form === 'json') {
    showJson(cli, matrix)
    return 0
  }
  const { terminal, options } = cli
  const callers = [
    ...new Set(matrix.rows.flatMap(({ permissions }) => permissions.map(({ caller }) => caller))),
  ].toSorted((one, two) => rankOf(one) - rankOf(two))
  const rows = matrix.rows.map(({ operation, permissions }) => [
    operation,
    ...callers.map((caller) => permissions.find((one) => one.caller === caller)?.may ?? '–'),
  ])
  const columns = ['operation', ...callers.map((caller) => (caller === 'other service' ? 'service' : caller))]
  terminal.out(
    drawTable({ columns, rows }, { width: options.form === 'wide' ? null : terminal.width, colour: terminal.colour }),
  )
  if (!options.quiet) terminal.talk('own, team, all: on whose things · *: with a second factor proved just now\n')
  return 0
}
