import {
  AuditKind,
  AuditOutcome,
  categoryOf,
  isOperationName,
  operations,
  severityOf,
  type Output,
} from '@gatehouse/contract'
import { thingInInput } from './asked-facts.ts'
import { storedKind } from './stored-kind.ts'
import type { FoundEntry } from './search.queries.ts'
import { at, commitmentsIn, isObject, parseStoredEntry, textAt, type StoredEntry } from './stored-entry.ts'
import type { Recordable } from './recordable.ts'

type Presented = Output<'audit.get'>

/** An entry as people read it: personal values from the side table, absent once they are erased. */
export function presentEntry({ id, seq, entry, personal, withheld }: FoundEntry): Presented {
  // a rewritten entry is shown as far as it can be; audit.verify says what it is
  const stored: StoredEntry = parseStoredEntry(entry) ?? {}
  const clear = new Map(personal.map(({ field, value }) => [field, value]))
  const text = (...path: readonly string[]): string => textAt(stored, ...path) ?? ''
  return {
    id,
    seq: seq === null ? null : Number(seq),
    at: timeOf(text('at')),
    kind: AuditKind.safeParse(storedKind(stored)).data ?? 'change',
    action: text('action'),
    category: categoryOf(text('action')),
    severity: severityOf(text('action'), text('outcome')),
    outcome: AuditOutcome.safeParse(text('outcome')).data ?? 'unknown',
    principal: {
      type: text('principal', 'type'),
      id: text('principal', 'id'),
      name: clear.get('principal.name') ?? null,
    },
    resource: { type: text('resource', 'type'), id: text('resource', 'id') || askedId(stored, clear) },
    workspace: textAt(stored, 'workspace'),
    ip: clear.get('ip') ?? null,
    sessionId: textAt(stored, 'sessionId'),
    requestId: text('requestId'),
    decision: decisionOf(stored),
    refusal: textAt(stored, 'refusal'),
    detail: JSON.stringify(restOf(stored, clear)),
    pseudonyms: false,
    erased: withheld === true ? [] : [...commitmentsIn(stored).keys()].filter((field) => !clear.has(field)),
  }
}

/**
 * The reference by which a thing was asked for that does not exist, or that its caller was told nothing of, and the id
 * of one that may be a person's: it stands in the input.
 */
export function askedId(entry: StoredEntry, clear: ReadonlyMap<string, string>): string {
  const action = textAt(entry, 'action') ?? ''
  const input = clearInput(at(entry, 'input'), clear)
  const sealed = input?.[thingInInput]
  if (typeof sealed === 'string') return sealed
  if (!isOperationName(action) || input === null) return ''
  const caller = { principalId: textAt(entry, 'principal', 'id') ?? '', sessionId: null }
  // the declaration's own function of its own input, as it was recorded
  const id: unknown = operations[action].authorize.id?.(input as never, caller)
  return typeof id === 'string' ? id : ''
}

/** The time that a text says; what says none, whoever put it there, was before all others. */
export function timeOf(text: string): Date {
  const time = new Date(text)
  return Number.isNaN(time.getTime()) ? new Date(0) : time
}

function decisionOf(entry: StoredEntry): Presented['decision'] {
  const effect = textAt(entry, 'decision', 'effect')
  const policies = at(entry, 'decision', 'policies')
  if (effect !== 'allow' && effect !== 'deny') return null
  return { effect, policies: Array.isArray(policies) ? policies.filter((policy) => typeof policy === 'string') : [] }
}

/** Everything that has no field of its own. */
const restOf = (entry: StoredEntry, clear: ReadonlyMap<string, string>): Record<string, unknown> => ({
  input: clearInput(at(entry, 'input'), clear),
  detail: at(entry, 'detail') ?? null,
  intent: textAt(entry, 'intent'),
  transport: textAt(entry, 'transport'),
  userAgent: clear.get('userAgent') ?? null,
  policyVersion: textAt(entry, 'decision', 'version'),
  v: at(entry, 'v') ?? null,
})

function clearInput(input: Recordable | undefined, clear: ReadonlyMap<string, string>): Record<string, unknown> | null {
  if (!isObject(input)) return null
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [
      name,
      isObject(value) && 'c' in value ? (clear.get(`input.${name}`) ?? null) : value,
    ]),
  )
}
