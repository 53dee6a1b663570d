import { isOperationName, operations, type AuditKind } from '@gatehouse/contract'
import { formatOneEvents, formatOneReads } from '@gatehouse/database'
import type { AuditDraft } from '@gatehouse/enforcement'
import type { z } from 'zod'
import { textAt, type StoredEntry } from './stored-entry.ts'

export type EntryKind = z.output<typeof AuditKind>

/** A read that failed has changed nothing, and is looked for among what went wrong. */
export function kindOf({ action, outcome }: Pick<AuditDraft, 'action' | 'outcome'>): EntryKind {
  if (outcome === 'refused') return 'refusal'
  if (action === 'reads.aggregated') return 'read'
  if (!isOperationName(action)) return 'event'
  if (operations[action].kind === 'mutation') return 'change'
  return outcome === 'failed' ? 'refusal' : 'read'
}

/** The kind that an entry says it is; of one of format 1, which does not say, what the migration makes of it. */
export function storedKind(entry: StoredEntry): string {
  const said = textAt(entry, 'kind')
  if (said !== null) return said
  const [action, outcome] = [textAt(entry, 'action') ?? '', textAt(entry, 'outcome')]
  if (outcome === 'refused') return 'refusal'
  if (formatOneReads.includes(action)) return outcome === 'failed' ? 'refusal' : 'read'
  return formatOneEvents.includes(action) ? 'event' : 'change'
}
