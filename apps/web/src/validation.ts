import './zod-without-eval.ts'
import {
  checkInput,
  isOperationName,
  operationNames,
  operations,
  platformActions,
  platformTypes,
  resourceTypes,
  systemId,
  type FieldProblem,
  type OperationName,
} from '@gatehouse/contract'

/**
 * Checks an input by the contract's own schema. Path → what would be right; empty when all is well.
 * Loaded when a form is sent: the schemas are the heaviest part of the page, and the log-in does without.
 */
export function problemsOf(name: OperationName, input: object): Readonly<Record<string, string>> {
  return Object.fromEntries(fieldsOf(name, input).map(({ path, message }) => [path, message]))
}

/** The same with the whole path of each problem, for inputs that are lists of things. */
export function fieldsOf(name: OperationName, input: object): readonly FieldProblem[] {
  const checked = checkInput(operations[name].input, input)
  return 'data' in checked ? [] : checked.problems.map(({ path, message }) => ({ path, message: capital(message) }))
}

/** A message stands alone under its field. */
const capital = (message: string): string => message.charAt(0).toUpperCase() + message.slice(1)

export { placedInFile, readHosts, readPeople, unknownAction } from '@gatehouse/contract'

/** What policies are asked about: operations and actions of the platform by name, and types of things. */
export const askable = { actions: [...operationNames, ...platformActions], types: [...resourceTypes, ...platformTypes] }

/** The thing that an operation is on: its type, and its id where there is only one. Null for no operation. */
export function thingOf(action: string): { readonly type: string; readonly id: string | null } | null {
  if (!isOperationName(action)) return null
  const type = operations[action].authorize.resource
  return { type, id: type === 'System' ? systemId : null }
}
