import { operationNames, operations } from '@gatehouse/contract'
import { baseContextSchema } from '@gatehouse/enforcement'

/** An action as this program asks about it. */
export interface OwnAction {
  readonly name: string
  readonly resource: string
  /** Fields of the context that it may be asked with. */
  readonly context: readonly string[]
}

const fieldsIn = (types: Readonly<Record<string, string>>): string[] =>
  Object.keys(types).map((name) => name.replace(/\?$/, ''))

/** Every declared operation: a set that does not know them as they are asked denies each of them to everybody. */
export const ownActions: readonly OwnAction[] = operationNames.map((name) => {
  const { resource, contextTypes = {} } = operations[name].authorize
  return { name, resource, context: fieldsIn({ ...baseContextSchema, ...contextTypes }) }
})
