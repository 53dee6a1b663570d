import type { Cli } from './cli.ts'
import { flagError } from './cli-error.ts'
import type { Arguments } from './parse-arguments.ts'
import { showJson } from './show-output.ts'
import { drawTable } from './table.ts'

/** The kinds of caller in the order in which they are looked for; one that is none of these stands last. */
const order = ['Admin', 'Operator', 'Developer', 'Viewer', 'Auditor', 'other service', 'worker', 'stranger']

const rankOf = (caller: string): number => (order.includes(caller) ? order.indexOf(caller) : order.length)

const nameOf = (caller: string): string => (caller === 'other service' ? 'service' : caller)

/** Between two columns. */
const GAP_CHARS = 2

/** Shows who may what: an operation a line, a kind of caller a column. */
export const runPolicyMatrix = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const matrix = await (await cli.client()).call('policy.matrix', {})
  if (cli.options.form === 'json') {
    showJson(cli, matrix)
    return 0
  }
  const all = [...new Set(matrix.rows.flatMap(({ permissions }) => permissions.map(({ caller }) => caller)))].toSorted(
    (one, two) => rankOf(one) - rankOf(two),
  )
  const columns = wantedOf(all, values['caller']).map((caller) => ({
    name: nameOf(caller),
    cells: matrix.rows.map(({ permissions }) => permissions.find((one) => one.caller === caller)?.may ?? '–'),
  }))
  show(cli, { operations: matrix.rows.map(({ operation }) => operation), columns })
  return 0
}

/** The kinds of caller that were named, or all. */
const wantedOf = (all: readonly string[], named: Arguments['values'][string] | undefined): readonly string[] => {
  if (!Array.isArray(named)) return all
  return named.map((text) => {
    const found = all.find((caller) => nameOf(caller).toLowerCase() === String(text).toLowerCase())
    if (found === undefined) throw flagError('caller', `\`${String(text)}\` is none of ${all.map(nameOf).join(', ')}`)
    return found
  })
}

interface Grid {
  readonly operations: readonly string[]
  readonly columns: readonly { readonly name: string; readonly cells: readonly string[] }[]
}

/** Each column counts as much as the next: what a terminal has no room for is named, and how it is seen. */
const show = ({ terminal, options }: Cli, { operations, columns }: Grid): void => {
  const width = options.form === 'wide' ? null : terminal.width
  const shown = columns.slice(0, fitting({ operations, columns }, width))
  const rows = operations.map((operation, line) => [operation, ...shown.map(({ cells }) => cells[line] ?? '–')])
  terminal.out(
    drawTable({ columns: ['operation', ...shown.map(({ name }) => name)], rows }, { width, colour: terminal.colour }),
  )
  if (options.quiet) return
  terminal.talk('own, team, all: on whose things · *: with a second factor proved just now\n')
  const left = columns.slice(shown.length).map(({ name }) => name)
  if (left.length > 0)
    terminal.talk(`no room here for ${left.join(', ')} · -o wide, or --caller ${left.slice(0, 2).join(',')}\n`)
}

/** How many columns have room beside the names of the operations; one at least. */
const fitting = ({ operations, columns }: Grid, width: number | null): number => {
  if (width === null) return columns.length
  let taken = widest(['operation', ...operations])
  const count = columns.findIndex(({ name, cells }) => {
    taken += GAP_CHARS + widest([name, ...cells])
    return taken > width
  })
  return count === -1 ? columns.length : Math.max(1, count)
}

const widest = (texts: readonly string[]): number => texts.reduce((most, { length }) => Math.max(most, length), 0)
