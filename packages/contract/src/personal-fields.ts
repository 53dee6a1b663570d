import { eventsWithPersonalInput } from './events.ts'
import { personalInputs } from './personal.ts'
import { isOperationName, operations } from './registry.ts'

/** Whether a field of an entry's input says something of a person: by its operation's declaration, or its event's. */
export function isPersonalField(action: string, field: string): boolean {
  if (!isOperationName(action)) return eventsWithPersonalInput.has(action)
  return personalInputs(operations[action]).includes(field)
}
