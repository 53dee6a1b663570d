import type { Raw } from '@gatehouse/contract'
import type { Filters } from '../../ui/filters.tsx'
import { kindsShown } from './audit-words.ts'

/** Fields of a search of the audit log that stand in the URL as they are asked. */
const textNames = [
  'actor',
  'action',
  'category',
  'severity',
  'outcome',
  'from',
  'to',
  'resource',
  'workspace',
  'ip',
  'session',
  'requestId',
  'decision',
] as const

/** Every filter of the audit log, by its name in the URL. */
export const filterNames = [...textNames, 'kind'] as const

/** Filters that most searches do without: they are folded away until one is in use. */
export const rareNames = [
  'from',
  'to',
  'resource',
  'workspace',
  'ip',
  'session',
  'requestId',
  'decision',
  'sort',
  'times',
] as const

/** What entries are looked for by, as the URL has it. The server refuses what it does not know. */
export function searchAsked(filters: Pick<Filters, 'value'>): Raw<'audit.stats'> {
  const texts = Object.fromEntries(textNames.map((name) => [name, filters.value(name)]))
  return { ...texts, kinds: kindsShown(filters.value('kind'), filters.value('action')) } as Raw<'audit.stats'>
}

const isText = (value: unknown): value is string => typeof value === 'string'

/** The same of what comes from now on: a tail knows no times. */
export function tailAsked(filters: Pick<Filters, 'value'>): Raw<'audit.tail'> {
  const { from: _, to: __, ...asked } = searchAsked(filters)
  return asked
}

/** The kind that the URL names for a search over some kinds; null: the list's own choice, all but reads. */
function kindOf(kinds: unknown): string | null {
  if (!Array.isArray(kinds) || kinds.length === 4) return 'all'
  return kinds.length === 1 && isText(kinds[0]) ? kinds[0] : null
}

/** A saved search as the query of the audit log's address; nothing of a text that is no search. */
export function queryOfView(filters: string): string {
  const asked = objectIn(filters)
  const params = new URLSearchParams()
  for (const name of [...textNames, 'sort']) {
    const value = asked[name]
    if (isText(value) && value !== '') params.set(name, value)
  }
  const kind = kindOf(asked['kinds'])
  if (kind !== null) params.set('kind', kind)
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    // an object has string keys
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
