import type { PolicySet } from '../policy-set.ts'
import { modelOf, type ActionModel } from './schema-model.ts'
import { canMeet } from './scope.ts'

/** By policy, the actions that its scope can meet, whoever asks and about whatever. */
export type ActionsMet = ReadonlyMap<string, readonly string[]>

/** Some thousand comparisons of names, for a set that stays for hours. */
const known = new WeakMap<PolicySet, ActionsMet>()

/** Where each policy of a set applies; empty where the schema is not understood here. */
export function actionsMetBy(set: PolicySet): ActionsMet {
  const found = known.get(set) ?? metBy(set)
  known.set(set, found)
  return found
}

function metBy(set: PolicySet): ActionsMet {
  const model = modelOf(set.schemaJson)
  if (model === null) return new Map()
  return new Map(
    set.policies.map(({ id, json }) => [
      id,
      [...model.actions]
        .filter(([action, facts]) => kindsOf(action, facts).some((kind) => canMeet(model, json, kind)))
        .map(([action]) => action),
    ]),
  )
}

/** A group of actions is asked by nobody about nothing: it has no kinds. */
const kindsOf = (action: string, { principals, resources }: ActionModel) =>
  [...principals].flatMap((principalType) =>
    [...resources].map((resourceType) => ({ action, principalType, resourceType })),
  )
