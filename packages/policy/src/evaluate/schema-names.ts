import { isOperationName } from '@gatehouse/contract'
import { modelOf, type ActionModel, type EntityModel, type SchemaModel } from '../facts/schema-model.ts'
import type { PolicySet } from '../policy-set.ts'

const models = new WeakMap<PolicySet, { readonly model: SchemaModel | null }>()

/** The schema of a set, read once. Null: it holds what is not understood here, and nothing of it can be asked about. */
export function schemaOf(set: PolicySet): SchemaModel | null {
  const known = models.get(set)
  if (known !== undefined) return known.model
  const model = modelOf(set.schemaJson)
  models.set(set, { model })
  return model
}

/** An action of the platform, or of whatever else asks here, by the name that the schema has. */
export interface ForeignAction {
  readonly name: string
  readonly model: ActionModel
}

/** How other systems write what may be done. */
const prefix = 'can_'

/**
 * Finds an action that is no operation of Gatehouse: by its name, or without the `can_` that others put before it.
 * Null: the schema has none, or it is a group.
 */
export function foreignAction({ actions }: SchemaModel, text: string): ForeignAction | null {
  const bare = text.startsWith(prefix) ? text.slice(prefix.length) : text
  const name = [text, bare].find((one) => !isOperationName(one) && (actions.get(one)?.resources.size ?? 0) > 0)
  const model = name === undefined ? undefined : actions.get(name)
  return name === undefined || model === undefined ? null : { name, model }
}

/** A type of things that an action may be done to. */
export interface ForeignType {
  readonly name: string
  readonly model: EntityModel
}

/** Finds a type by its name, or in another case where only one is meant. Null: the action is not done to any such. */
export function typeNamed({ entities }: SchemaModel, { resources }: ActionModel, text: string): ForeignType | null {
  const exact = resources.has(text) ? [text] : []
  const alike = [...resources].filter((one) => one.toLowerCase() === text.toLowerCase())
  const found = exact.length > 0 ? exact : alike
  const [name] = found
  const model = name === undefined ? undefined : entities.get(name)
  return found.length !== 1 || name === undefined || model === undefined ? null : { name, model }
}
