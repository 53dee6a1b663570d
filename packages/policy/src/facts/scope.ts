import type {
  EntityUidJson,
  PolicyJson,
  PrincipalConstraint,
  ResourceConstraint,
} from '@cedar-policy/cedar-wasm/nodejs'
import type { EntityUid } from '@gatehouse/enforcement'
import type { SchemaModel } from './schema-model.ts'

/** A kind of request: policies are chosen by it alone. */
export interface Environment {
  readonly action: string
  readonly principalType: string
  readonly resourceType: string
}

/**
 * Whether the scope of a policy can meet any request of this kind. A policy that cannot neither applies nor errs: Cedar
 * looks at the scope first, and a scope has nothing that errs.
 */
export function canMeet(model: SchemaModel, { principal, action, resource }: PolicyJson, kind: Environment): boolean {
  return (
    meetsAction(model, action, kind.action) &&
    meetsType(model, principal, kind.principalType) &&
    meetsType(model, resource, kind.resourceType)
  )
}

function meetsAction(model: SchemaModel, constraint: PolicyJson['action'], action: string): boolean {
  if (constraint.op === 'All') return true
  if ('slot' in constraint) return true
  const named = 'entities' in constraint ? constraint.entities : [constraint.entity]
  const within = model.actions.get(action)?.within
  return named.map(plainUid).some(({ type, id }) => {
    if (type !== 'Action') return false
    return constraint.op === '==' ? id === action : within?.has(id) === true
  })
}

function meetsType(model: SchemaModel, constraint: PrincipalConstraint | ResourceConstraint, type: string): boolean {
  switch (constraint.op) {
    case 'All':
      return true
    case '==':
      return 'slot' in constraint || plainUid(constraint.entity).type === type
    case 'in':
      return 'slot' in constraint || liesIn(model, type, plainUid(constraint.entity).type)
    case 'is': {
      if (constraint.entity_type !== type) return false
      const inner = constraint.in
      return inner === undefined || 'slot' in inner || liesIn(model, type, plainUid(inner.entity).type)
    }
  }
}

/** An entity lies in itself, too. */
const liesIn = (model: SchemaModel, type: string, above: string): boolean =>
  type === above || model.entities.get(type)?.ancestors.has(above) === true

export const plainUid = (uid: EntityUidJson): EntityUid => ('__entity' in uid ? uid.__entity : uid)
