import { isOperationName, operations, type AuditKind } from '@gatehouse/contract'
import type { AuditDraft } from '@gatehouse/enforcement'
import type { z } from 'zod'

export type EntryKind = z.output<typeof AuditKind>

/** A read that failed has changed nothing, and is looked for among what went wrong. */
export function kindOf({ action, outcome }: Pick<AuditDraft, 'action' | 'outcome'>): EntryKind {
  if (outcome === 'refused') return 'refusal'
  if (action === 'reads.aggregated') return 'read'
  if (!isOperationName(action)) return 'event'
  if (operations[action].kind === 'mutation') return 'change'
  return outcome === 'failed' ? 'refusal' : 'read'
}
