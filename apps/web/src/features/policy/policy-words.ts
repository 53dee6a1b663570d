import type { Wire } from '@gatehouse/contract'

type Policy = Wire<'policy.list'>['items'][number]

/** A version as people compare it. */
export const shortVersion = (version: string): string => version.slice(0, 12)

const changeWords = { files: 'from files', published: 'published', rolledBack: 'rolled back' } as const

/** How a policy set came into force. */
export const changeKindWords = (kind: Wire<'policy.history'>['items'][number]['kind']): string => changeWords[kind]

/** Names of several that are said before `and 12 more`. */
const namedMax = 2

/** Where a policy applies, in few words. */
export function reachWords(actions: readonly string[]): string {
  if (actions.length === 0) return 'nowhere'
  const named = actions.slice(0, namedMax).join(', ')
  return actions.length > namedMax ? `${named} and ${actions.length - namedMax} more` : named
}

/** What a list of policies is narrowed to. */
export interface PolicyFilter {
  readonly search: string | undefined
  readonly effect: string | undefined
  readonly severity: string | undefined
}

/** The policies that fit; a search is for part of an id, a description, a file or an operation. */
export function policiesFitting(
  policies: readonly Policy[],
  { search, effect, severity }: PolicyFilter,
): readonly Policy[] {
  const part = search?.toLowerCase() ?? ''
  return policies.filter(
    (policy) =>
      (effect === undefined || policy.effect === effect) &&
      (severity === undefined || policy.severity === severity) &&
      [policy.id, policy.doc, policy.file, ...policy.actions].some((text) => text.toLowerCase().includes(part)),
  )
}

/** Cells of the access matrix, in words. */
const mayWords: Readonly<Record<string, string>> = {
  yes: 'allowed',
  own: 'on their own',
  team: "in their team's workspaces",
  all: 'on everything',
}

/** A cell of the matrix as a sentence: `all*, own` → `on everything with a fresh second factor; on their own`. */
export function permissionWords(may: string): string {
  if (may === '–' || may === '-') return 'denied'
  if (may.trim() === '') return 'not for such a caller'
  return may
    .split(/,\s*/)
    .map((word) => {
      const plain = word.replace(/\*$/, '')
      const said = mayWords[plain] ?? plain
      return word.endsWith('*') ? `${said} with a fresh second factor` : said
    })
    .join('; ')
}

/** A thing as Cedar names it, a person by name where it is known: `User ada`, `Lease l1`. */
export const thingWords = (
  { type, id }: { readonly type: string; readonly id: string },
  names: ReadonlyMap<string, string>,
): string => (type === 'System' ? 'System' : `${type} ${type === 'User' ? (names.get(id) ?? id) : id}`)

/** Who asked: a person by name, a program with what it is. */
export function callerWords(
  { type, id }: { readonly type: string; readonly id: string },
  names: ReadonlyMap<string, string>,
): string {
  if (type === 'User') return names.get(id) ?? id
  return type === 'Anonymous' ? 'anonymous' : `${type} ${id}`
}
