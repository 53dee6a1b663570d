import type { Output } from '@gatehouse/contract'
import { askedId } from './present-entry.ts'
import { toldRefusal } from './to-caller.queries.ts'
import type { FoundEntry } from './search.queries.ts'
import { parseStoredEntry } from './stored-entry.ts'

type Presented = Output<'audit.get'>

/**
 * An entry as its own caller may read it. What they were told is not there, their own audit log must not describe to
 * them either: it has the thing's real id, its workspace and the decision on it (threat C2).
 */
export function asToldToCaller(entry: Presented, found: FoundEntry): Presented {
  if (entry.refusal !== toldRefusal) return entry
  const clear = new Map(found.personal.map(({ field, value }) => [field, value]))
  const resource = { ...entry.resource, id: askedId(parseStoredEntry(found.entry) ?? {}, clear) }
  const detail: unknown = JSON.parse(entry.detail)
  return {
    ...entry,
    resource,
    workspace: null,
    decision: null,
    detail: JSON.stringify({ ...(detail as object), policyVersion: null }), // written by `presentEntry`, as an object
  }
}
