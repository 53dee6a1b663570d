import { operations, type Output, type Raw, type Wire } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { whatIsAllowed, withNames } from './known-names.ts'
import { suggestAction } from './nearest-action.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
import { checkInput } from './run-operation.ts'
import { questionOf } from './run-policy-evaluation.ts'
import { showJson } from './show-output.ts'
import { detailText } from './value-text.ts'
import { withWholeIds } from './whole-ids.ts'

type Explanation = Output<'policy.explain'>

/** Says why somebody may do something or not, policy by policy, and what would make it allow. */
export const runPolicyExplanation = async (cli: Cli, args: Arguments): Promise<number> => {
  const decision = textOf(args.values, 'decision')
  const operation = operations['policy.explain']
  const question = decision === null ? questionOf(args) : await withWholeIds(operation, cli, { decision })
  checkInput(operation, [], question)
  // checked against this operation's own schema just now
  const told = await (await cli.client()).call('policy.explain', question as Raw<'policy.explain'>)
  const isRead = cli.options.form !== 'json' && !cli.options.quiet
  const call = decision !== null && isRead ? await recordedCall(cli, told.decisionId) : []
  if (cli.options.form === 'json') showJson(cli, told)
  else if (cli.options.quiet) cli.terminal.out(`${told.decision}\n`)
  else cli.terminal.out([...call, ...linesOf(told)].map((line) => `${printable(line)}\n`).join(''))
  suggestAction(cli, textOf(args.values, 'action') ?? '', told)
  return 0
}

/** What was decided: an id alone says nothing of who wanted what. No line for who may not see that. */
async function recordedCall(cli: Cli, id: string): Promise<readonly string[]> {
  const client = await cli.client()
  if (!(await whatIsAllowed(client))('decision.get')) return []
  const found = await client.call('decision.get', { id })
  const named = (await withNames(cli, found)) as Wire<'decision.get'> // the same fields
  const { at, action, principal, resource, workspace } = named
  const on = resource.type === 'System' ? '' : ` on ${resource.type} ${resource.id}`
  const place = workspace === null || resource.type === 'Workspace' ? '' : ` in ${workspace}`
  const who = principal.type === 'Service' ? `Service ${principal.id}` : principal.id
  return [`${action}${on}${place}, by ${who}, ${detailText(at, 'instant', cli.now())}`]
}

function linesOf(told: Explanation): readonly string[] {
  const nearest =
    told.nearest.length === 0 ? [] : ['', 'nearest to allowing it:', ...told.nearest.flatMap(partsOf(told))]
  const ways =
    told.wouldAllow.length === 0
      ? []
      : ['', 'it would be allowed, if they:', ...told.wouldAllow.map((way) => `  ${way}`)]
  return [
    headOf(told),
    ...told.errors.map((error) => `  ${error}`),
    ...told.reasons.flatMap(partsOf(told)),
    ...nearest,
    ...ways,
  ]
}

const headOf = ({ decision, reasons, errors }: Explanation): string => {
  if (reasons.length > 0) return `${decision}, by:`
  return errors.length > 0 ? `${decision}:` : `${decision}: no policy permits it`
}

/** A policy, and below it each of its conditions with whether it holds. */
const partsOf =
  ({ conditions }: Explanation) =>
  ({ policy, doc }: Explanation['reasons'][number]): readonly string[] => [
    `  ${policy}: ${doc}`,
    ...conditions
      .filter((one) => one.policy === policy)
      .map(({ clause, text, holds }) => `    ${wordOf(holds).padEnd(8)}${isScope(clause) ? '' : `${clause} `}${text}`),
  ]

const isScope = (clause: Explanation['conditions'][number]['clause']): boolean =>
  clause !== 'when' && clause !== 'unless'

const wordOf = (holds: boolean | null): string => {
  if (holds === null) return '?'
  return holds ? 'true' : 'false'
}
