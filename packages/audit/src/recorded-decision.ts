import { AuditOutcome } from '@gatehouse/contract'
import type { EntityUid } from '@gatehouse/enforcement'
import type { z } from 'zod'
import { readAsked, type ReadAsked } from './asked.ts'
import { thingInInput } from './asked-facts.ts'
import { selectDecision, selectDecisions, type DecisionFilters, type DecisionRow } from './decisions.queries.ts'
import type { SearchDeps } from './search.queries.ts'
import { at, parseStoredEntry, textAt, type StoredEntry } from './stored-entry.ts'

export type { DecisionFilters } from './decisions.queries.ts'

/** A decision as the audit log has it, with what it was made of. */
export interface RecordedDecision {
  /** The entry that it stands in. */
  readonly entryId: string
  readonly at: Date
  /** The operation that was called, and what came of the call. */
  readonly action: string
  readonly outcome: z.output<typeof AuditOutcome>
  readonly principal: EntityUid
  /** What the call was about in the end; what was decided on is in the request. */
  readonly resource: EntityUid
  readonly workspace: string | null
  readonly effect: 'allow' | 'deny'
  readonly policies: readonly string[]
  /** The policy set that decided. */
  readonly version: string
  readonly asked: ReadAsked
  /** The entry as it was hashed. */
  readonly entry: string
}

/** Rows read at once: enough for a replay not to wait for each, and some hundred KiB. */
const rowsPerRead = 500

/** Decisions newest first. */
export async function searchDecisions(
  deps: SearchDeps,
  search: {
    readonly filters: DecisionFilters
    readonly after: { readonly at: Date; readonly id: string } | null
    readonly limit: number
  },
): Promise<RecordedDecision[]> {
  return (await selectDecisions(deps, { ...search, order: 'newest' })).flatMap(decisionOf)
}

/** The decision of one entry; null: there is no such entry, or nothing was decided in it. */
export async function findRecordedDecision(deps: SearchDeps, entryId: string): Promise<RecordedDecision | null> {
  const row = await selectDecision(deps, entryId)
  return row === null ? null : (decisionOf(row)[0] ?? null)
}

/** All decisions of a period from the oldest on, some hundred at a time: memory does not grow with their number. */
export async function* recordedDecisions(
  deps: SearchDeps,
  filters: DecisionFilters,
): AsyncGenerator<RecordedDecision[]> {
  let after: { readonly at: Date; readonly id: string } | null = null
  for (;;) {
    const rows: DecisionRow[] = await selectDecisions(deps, { filters, after, limit: rowsPerRead, order: 'oldest' })
    if (rows.length > 0) yield rows.flatMap(decisionOf)
    const last = rows.at(-1)
    if (last === undefined || rows.length < rowsPerRead) return
    after = { at: new Date(last.at), id: last.id }
  }
}

/** None of an entry that we did not write: `audit.verify` says what it is. */
function decisionOf({ id, entry, asked, personal }: DecisionRow): RecordedDecision[] {
  const stored = parseStoredEntry(entry)
  if (stored === null) return []
  const effect = textAt(stored, 'decision', 'effect')
  if (effect !== 'allow' && effect !== 'deny') return []
  const policies = at(stored, 'decision', 'policies')
  const time = new Date(textAt(stored, 'at') ?? 0)
  const clear = new Map(personal.map(({ field, value }) => [field, value]))
  const resource = entityAt(stored, 'resource')
  return [
    {
      entryId: id,
      at: Number.isNaN(time.getTime()) ? new Date(0) : time,
      action: textAt(stored, 'detail', 'asked') ?? textAt(stored, 'action') ?? '',
      outcome: AuditOutcome.safeParse(textAt(stored, 'outcome')).data ?? 'unknown',
      principal: entityAt(stored, 'principal'),
      resource: { ...resource, id: resource.id || (clear.get(`input.${thingInInput}`) ?? '') },
      workspace: textAt(stored, 'workspace'),
      effect,
      policies: Array.isArray(policies) ? policies.filter((policy) => typeof policy === 'string') : [],
      version: textAt(stored, 'decision', 'version') ?? '',
      asked: readAsked(asked, clear),
      entry,
    },
  ]
}

const entityAt = (stored: StoredEntry, field: string): EntityUid => ({
  type: textAt(stored, field, 'type') ?? '',
  id: textAt(stored, field, 'id') ?? '',
})
