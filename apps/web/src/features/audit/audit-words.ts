import type { Wire } from '@gatehouse/contract'
import { documents } from '../../generated/documents.ts'
import { documentOf, type CallName } from '../../wire.ts'

type Entry = Pick<Wire<'audit.get'>, 'principal'>
type Kind = Wire<'audit.get'>['kind']

/** Reads are most of the audit log and rarely what somebody looks for: they are shown when they are asked for. */
const allButReads: readonly Kind[] = ['change', 'refusal', 'event']

/** What can be picked to be shown, instead of all but reads. */
export const kindOptions = [
  ['all', 'everything'],
  ['change', 'changes'],
  ['refusal', 'refusals'],
  ['event', 'events'],
  ['read', 'reads'],
] as const

/** Who names a read as the action asks for reads. */
const isOfReads = (action: string | undefined): boolean =>
  action !== undefined && isCallName(action) && documentOf(action).kind !== 'mutation'

const isCallName = (text: string): text is CallName => Object.hasOwn(documents, text)

/** What is shown while nothing is picked. */
export const shownByItself = (action: string | undefined): string =>
  isOfReads(action) ? 'everything' : 'all but reads'

/** The kinds that the filters of the URL mean; undefined: all. */
export function kindsShown(picked: string | undefined, action?: string): Kind[] | undefined {
  if (picked === 'all' || (picked === undefined && isOfReads(action))) return undefined
  const one = (['read', ...allButReads] as const).find((kind) => kind === picked)
  return one === undefined ? [...allButReads] : [one]
}

/** The policies that decided; none where nothing permitted it or nothing was decided. */
export const policyWords = ({ decision }: Pick<Wire<'audit.get'>, 'decision'>): string =>
  decision === null ? '' : decision.policies.join(', ') || 'no policy permits it'

/** Who did it, by name where it is known. */
export const whoWords = ({ principal }: Entry): string =>
  principal.name ?? (principal.type === 'Anonymous' ? 'anonymous' : principal.id)

/** What to do where a search found nothing. */
export const searchOn = (kinds: readonly Kind[] | undefined): string =>
  kinds === undefined || kinds.includes('read')
    ? 'Extend the time range or clear a filter.'
    : 'Extend the time range, clear a filter, or pick everything under Show: reads are left out.'

/** A text whose last word is an id, with the end of that id alone: it tells two apart where there is little room. */
export const withShortId = (text: string): string => text.replace(/[0-9a-f-]{20,}$/, (id) => `…${id.slice(-8)}`)

/** The recorded rest of an entry, one field per line; the text as it is where it is no JSON. */
export function detailText(detail: string): string {
  try {
    return JSON.stringify(JSON.parse(detail), null, 2)
  } catch {
    return detail
  }
}
