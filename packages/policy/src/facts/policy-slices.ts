import type { SchemaJson } from '@cedar-policy/cedar-wasm/nodejs'
import type { DecisionRequest } from '@gatehouse/enforcement'
import type { PolicySet } from '../policy-set.ts'
import { factKeyOf, type FactKey } from './fact-key.ts'
import { reachOf, type Reach } from './reach.ts'
import { modelOf, type SchemaModel } from './schema-model.ts'
import { canMeet, type Environment } from './scope.ts'

/** The policies that can meet one kind of request, with as much of the schema as they and it need. */
export interface PolicySlice {
  /** Tells the slices of a set apart. */
  readonly number: number
  readonly policies: readonly { readonly id: string; readonly text: string }[]
  readonly schema: SchemaJson<string>
  readonly keyOf: FactKey
}

/** The slices of one policy set. */
export interface PolicySlices {
  readonly model: SchemaModel
  /** Null: a request of this kind is for the whole set. */
  sliceFor(request: DecisionRequest): PolicySlice | null
}

/** Null where the schema is not understood here: then everything is for the whole set. */
export function slicesOf(set: PolicySet): PolicySlices | null {
  const model = modelOf(set.schemaJson)
  if (model === null) return null
  const known = new Map<string, PolicySlice | null>()
  return {
    model,
    sliceFor: ({ action, principal, resource }) => {
      // kinds that are not declared are not remembered either: there is no end to them
      const declared = model.actions.get(action)
      if (declared?.principals.has(principal.type) !== true || !declared.resources.has(resource.type)) return null
      const key = `${action}\0${principal.type}\0${resource.type}`
      const found = known.get(key)
      if (found !== undefined) return found
      const kind = { action, principalType: principal.type, resourceType: resource.type }
      const slice = sliceOf({ set, model, number: known.size }, kind)
      known.set(key, slice)
      return slice
    },
  }
}

interface SliceNeeds {
  readonly set: PolicySet
  readonly model: SchemaModel
  readonly number: number
}

function sliceOf({ set, model, number }: SliceNeeds, kind: Environment): PolicySlice | null {
  const policies = set.policies.filter(({ json }) => canMeet(model, json, kind))
  const reach = reachOf(
    model,
    kind,
    policies.map(({ json }) => json),
  )
  return reach === null ? null : { number, policies, schema: schemaFor(model, kind, reach), keyOf: factKeyOf(reach) }
}

/**
 * All entity types; of the actions those that are asked about or named, with the groups that they lie in. The engine
 * builds every action of its schema anew for each request, which costs more than the policies do.
 */
function schemaFor(model: SchemaModel, { action }: Environment, reach: Reach): SchemaJson<string> {
  const named = [action, ...reach.actions]
  const needed = new Set(named.flatMap((name) => [...(model.actions.get(name)?.within ?? [])]))
  const actions = Object.fromEntries(Object.entries(model.source.actions).filter(([name]) => needed.has(name)))
  return { '': { ...model.source, actions } }
}
