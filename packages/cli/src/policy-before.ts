import type { Cli } from './cli.ts'
import { withNames } from './known-names.ts'
import { printable } from './printable.ts'
import { cellText, detailText } from './value-text.ts'

/** All sets that a server keeps, in one page. */
const keptSetsMax = 200

/** The policy set that one goes back to where nobody says which, as a person knows it again. */
export interface PolicyBefore {
  readonly id: string
  readonly words: string
}

/** The newest set before the one in force that is another one, as the server finds it; null: there is none. */
export async function findPolicyBefore(cli: Cli): Promise<PolicyBefore | null> {
  const { items } = await (await cli.client()).call('policy.history', { first: keptSetsMax })
  const inForce = items.findIndex((change) => change.inForce)
  const before = items.slice(inForce + 1).find(({ version }) => version !== items[inForce]?.version)
  if (before === undefined) return null
  const shown = (await withNames(cli, before)) as typeof before // the same fields; a name may stand for an id
  const by = shown.changedBy === null ? '' : ` by ${printable(shown.changedBy)}`
  const reason = shown.reason === null ? '' : `, because "${printable(shown.reason)}"`
  const how = cellText(shown.kind, 'policyChange', cli.now())
  const when = detailText(shown.at, 'instant', cli.now())
  return { id: before.id, words: `${before.id}: ${how}${by} ${when}${reason}; ${before.policies} policies` }
}
