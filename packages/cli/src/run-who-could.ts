import { operations, type Raw, type Wire } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
import { checkInput } from './run-operation.ts'
import { questionOf } from './run-policy-evaluation.ts'
import { showJson } from './show-output.ts'
import { drawTable } from './table.ts'

type WhoCould = Wire<'policy.whoCould'>
type Found = WhoCould['principals'][number]

/** Shows who could do something: those who may as it stands, and what the others lack. */
export const runWhoCould = async (cli: Cli, args: Arguments): Promise<number> => {
  const { principal: _principal, session: _session, ...question } = questionOf(args)
  const input: Raw<'policy.whoCould'> = {
    ...question,
    ...given(args, 'at'),
    ...given(args, 'after'),
    ...(typeof args.values['first'] === 'number' ? { first: args.values['first'] } : {}),
  }
  checkInput(operations['policy.whoCould'], [], input)
  const told = await (await cli.client()).call('policy.whoCould', input)
  if (cli.options.form === 'json') showJson(cli, told)
  else if (cli.options.quiet) for (const { id } of told.principals) cli.terminal.out(`${id}\n`)
  else show(cli, told)
  return 0
}

const given = ({ values }: Arguments, name: 'at' | 'after'): Readonly<Record<string, string>> => {
  const text = textOf({ ...values }, name)
  return text === null ? {} : { [name]: text }
}

/** Below this what somebody lacks would be cut for half a name of a policy. */
const policiesWidthMin = 110

function show({ terminal, options }: Cli, told: WhoCould): void {
  const width = options.form === 'wide' ? null : terminal.width
  const columns = ['name', 'type', 'could', ...(width !== null && width < policiesWidthMin ? [] : ['policies'])]
  const rows = told.principals.map((one) =>
    [printable(one.name), one.type, couldWords(one), one.policies.join(' ')].slice(0, columns.length),
  )
  if (rows.length > 0) terminal.out(drawTable({ columns, rows }, { width, colour: terminal.colour }))
  for (const error of told.errors) terminal.talk(`${printable(error)}\n`)
  if (told.ignored.length > 0) terminal.talk(`not looked at: ${printable(told.ignored.join(', '))}\n`)
  terminal.talk(`${told.principals.length} of the ${told.looked} people and programs that were asked about\n`)
  if (rows.length > 0 && !columns.includes('policies')) terminal.talk('by which policies: -o wide\n')
  if (told.next !== null) terminal.talk(`more: --after ${told.next}\n`)
}

/** One way is as much as a line holds; `--json` has the others. */
function couldWords({ answer, needs, obligations }: Found): string {
  const [first = ''] = needs
  if (answer === 'needs')
    return needs.length > 1 ? `if they ${first} (or ${needs.length - 1} other)` : `if they ${first}`
  return obligations.some(({ kind }) => kind === 'approval') ? 'yes, with an approval' : 'yes'
}
