import type { ExportedEntry } from './exported-entry.ts'

/** What stands in an export beside its entries. */
export interface ExportSource {
  /** The version of this Gatehouse. */
  readonly version: string
  /** Names this Gatehouse among others that write to the same place. */
  readonly host: string
}

/**
 * One format. What is exported is `head`, then every row with `between` before all but the first, then `tail`; every
 * line ends with a line feed.
 */
export interface ExportFormat {
  readonly head: string
  readonly between: string
  readonly tail: string
  readonly mediaType: string
  readonly row: (entry: ExportedEntry, source: ExportSource) => string
}

/** A format of a line for each entry and nothing around them. */
export const lines = (row: ExportFormat['row'], mediaType: string): ExportFormat => ({
  head: '',
  between: '',
  tail: '',
  mediaType,
  row: (entry, source) => `${row(entry, source)}\n`,
})

/** A sentence for the list of a reader that has a place for one. */
export const messageOf = ({ principal, action, resource, outcome, refusal }: ExportedEntry): string =>
  `${principal.name ?? principal.id} ${action} ${resource.type}::${resource.id}: ` +
  `${outcome}${refusal === null ? '' : ` (${refusal})`}`

/** Whether it was done; null where nobody knows, or not yet. */
export function successOf({ outcome }: ExportedEntry): boolean | null {
  if (outcome === 'allowed') return true
  return outcome === 'refused' || outcome === 'failed' ? false : null
}

/** What an action does to a thing, by its verb. */
export type ActionEffect = 'read' | 'create' | 'update' | 'delete'

const creating: ReadonlySet<string> = new Set([
  'create',
  'enroll',
  'registerBegin',
  'registerComplete',
  'register',
  'generate',
  'sign',
  'issue',
  'invite',
  'import',
  'request',
  'save',
])
const deleting: ReadonlySet<string> = new Set([
  'delete',
  'remove',
  'revoke',
  'revokeOthers',
  'expired',
  'revoked',
  'prune',
])

/** By the kind of the entry, and of what is no read by the last word of its action. */
export function effectOf({ kind, action }: ExportedEntry): ActionEffect {
  if (kind === 'read') return 'read'
  const verb = action.split('.')[1] ?? ''
  if (creating.has(verb)) return 'create'
  return deleting.has(verb) ? 'delete' : 'update'
}
