import { operationNames, operations } from '@gatehouse/contract'
import { baseContextSchema } from '@gatehouse/enforcement'
import type { ActionModel, ValueType } from './facts/schema-model.ts'

/** An action as this program asks about it. */
export interface OwnAction {
  readonly name: string
  readonly principals: readonly string[]
  readonly resource: string
  /** What it is asked with: the type of each field in Cedar's words. A name that ends in `?`: not always. */
  readonly context: Readonly<Record<string, string>>
}

/** Every declared operation: a set that does not know them as they are asked denies each of them to everybody. */
export const ownActions: readonly OwnAction[] = operationNames.map((name) => {
  const { principals, resource, contextTypes = {} } = operations[name].authorize
  return { name, principals, resource, context: { ...baseContextSchema, ...contextTypes } }
})

/**
 * Whether the engine takes each question about an action where a schema declares it so. What is not understood here is
 * only asked through the engine, and passes.
 */
export function isAskable(declared: ActionModel, { principals, resource, context }: OwnAction): boolean {
  if (!declared.resources.has(resource) || !principals.every((type) => declared.principals.has(type))) return false
  if (declared.context === null) return true
  const { attributes } = declared.context
  const always = new Set<string>()
  for (const [written, type] of Object.entries(context)) {
    const name = written.replace(/\?$/, '')
    const attribute = attributes.get(name)
    if (attribute === undefined || !mayBe(attribute.type, type)) return false
    if (name === written) always.add(name)
  }
  return [...attributes].every(([name, { required }]) => !required || always.has(name))
}

const kinds: ReadonlyMap<string, string> = new Map([
  ['String', 'string'],
  ['Long', 'long'],
  ['Bool', 'bool'],
  ['Set<String>', 'set'],
  ['datetime', 'datetime'],
  ['ipaddr', 'ip'],
])

/** Records and what the schema calls by names of its own are not looked into. */
function mayBe(declared: ValueType, written: string): boolean {
  const kind = kinds.get(written)
  if (kind === undefined || declared.kind === 'unsure') return true
  return kind === (declared.kind === 'extension' ? declared.fn : declared.kind)
}
