import { isOperationName, operations, type Output } from '@gatehouse/contract'
import { toldRefusal } from './to-caller.queries.ts'
import type { FoundEntry } from './search.queries.ts'
import { at, isObject, parseStoredEntry } from './stored-entry.ts'

type Presented = Output<'audit.get'>

/**
 * An entry as its own caller may read it. What they were told is not there, their own audit log must not describe to
 * them either: it has the thing's real id, its workspace and the decision on it (threat C2).
 */
export function asToldToCaller(entry: Presented, found: FoundEntry): Presented {
  if (entry.refusal !== toldRefusal) return entry
  const resource = { ...entry.resource, id: askedId(entry, found) }
  const detail: unknown = JSON.parse(entry.detail)
  return {
    ...entry,
    resource,
    workspace: null,
    decision: null,
    detail: JSON.stringify({ ...(detail as object), policyVersion: null }), // written by `presentEntry`, as an object
  }
}

/** The reference by which it was asked for, as it stands in an entry about a thing that does not exist. */
function askedId({ action, principal }: Presented, { entry }: FoundEntry): string {
  const input = at(parseStoredEntry(entry) ?? {}, 'input')
  if (!isOperationName(action) || !isObject(input)) return ''
  // the declaration's own function of its own input, as it was recorded
  const id: unknown = operations[action].authorize.id?.(input as never, { principalId: principal.id, sessionId: null })
  return typeof id === 'string' ? id : ''
}
