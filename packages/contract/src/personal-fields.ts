import { eventsWithPersonalInput } from './events.ts'
import { personalInputs } from './personal.ts'
import { isOperationName, operations, type OperationName } from './registry.ts'

/** Whether a field of an entry's input says something of a person: by its operation's declaration, or its event's. */
export function isPersonalField(action: string, field: string): boolean {
  if (!isOperationName(action)) return eventsWithPersonalInput.has(action)
  const known = byOperation.get(action) ?? personalInputs(operations[action])
  byOperation.set(action, known)
  return known.includes(field)
}

/** Declarations do not change: what was looked up for an operation holds for its next call. */
const byOperation = new Map<OperationName, readonly string[]>()
