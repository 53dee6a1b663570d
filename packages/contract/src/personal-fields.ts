import { eventsWithPersonalInput } from './events.ts'
import { personalInputs } from './personal.ts'
import { isOperationName, operations } from './registry.ts'

/** Whether a field of an entry's input says something of a person: by its operation's declaration, or its event's. */
export function isPersonalField(action: string, field: string): boolean {
  const known = byOperation.get(action)
  if (known !== undefined) return known.includes(field)
  if (!isOperationName(action)) return eventsWithPersonalInput.has(action)
  const found = personalInputs(operations[action])
  byOperation.set(action, found)
  return found.includes(field)
}

/** Declarations do not change: what was looked up for an operation holds for its next call. */
const byOperation = new Map<string, readonly string[]>()
