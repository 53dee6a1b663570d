import type { CedarValue, DecisionRequest, EntityUid } from '@gatehouse/enforcement'
import type { EntitiesByUid } from './entities-by-uid.ts'
import type { Demand, Reach } from './reach.ts'

/** What is written of one place; null children: only whether it is there. */
interface Plan {
  readonly isWhole: boolean
  readonly isAbove: boolean
  readonly same: readonly EntityUid[]
  readonly within: readonly EntityUid[]
  readonly fields: readonly (readonly [name: string, plan: Plan | null])[]
}

/** Writes what the policies can learn of a request, and nothing else. */
export type FactKey = (request: DecisionRequest, entities: EntitiesByUid) => string

/**
 * Writes one text per set of facts. INVARIANT: injective. What is written is fixed by the reach; every part of it ends
 * by itself (a length before each text, a count before each list), so that no two sets of facts run together.
 */
export function factKeyOf(reach: Reach): FactKey {
  const [principal, resource, context] = [planOf(reach.principal), planOf(reach.resource), planOf(reach.context)]
  const named = reach.named.flatMap(({ uid, demand }) => {
    // which entity it is stands in the policy; what it is does not
    const plan = planOf({ ...demand, isWhole: false, same: new Map() })
    return plan === null ? [] : [{ value: { __entity: uid }, plan }]
  })
  return (request, entities) => {
    const known = { principal: { __entity: request.principal }, resource: { __entity: request.resource } }
    let text = principal === null ? '' : textAt(principal, known.principal, entities)
    if (resource !== null) text += textAt(resource, known.resource, entities)
    if (context !== null) text += textAt(context, request.context, entities)
    for (const { plan, value } of named) text += textAt(plan, value, entities)
    return text
  }
}

function planOf({ isWhole, isAbove, same, within, fields }: Demand): Plan | null {
  const plan: Plan = {
    isWhole,
    isAbove,
    same: [...same.values()],
    within: [...within.values()],
    fields: [...fields].map(([name, field]) => [name, planOf(field)] as const),
  }
  const isEmpty = !isWhole && !isAbove && same.size + within.size + fields.size === 0
  return isEmpty ? null : plan
}

function textAt(plan: Plan, value: CedarValue, entities: EntitiesByUid): string {
  let text = plan.isWhole ? wholeText(value) : ''
  const uid = uidIn(value)
  for (const one of plan.same) text += uid !== null && isSame(uid, one) ? '=' : '!'
  if (uid !== null) return text + textOfEntity(plan, uid, entities)
  return isRecord(value) ? text + textOfFields(plan, value, entities) : text
}

function textOfEntity(plan: Plan, uid: EntityUid, entities: EntitiesByUid): string {
  let text = ''
  if (plan.isAbove || plan.within.length > 0) {
    const above = entities.ancestors(uid)
    if (plan.isAbove) text += `${above.length};${above.map(uidText).join('')}`
    for (const one of plan.within) text += isSame(uid, one) || above.some((other) => isSame(other, one)) ? '^' : '!'
  }
  if (plan.fields.length === 0) return text
  const entity = entities.find(uid)
  // what is not given has no attributes, and asking for one errs
  return entity === undefined ? `${text}?` : `${text}.${textOfFields(plan, entity.attrs, entities)}`
}

function textOfFields({ fields }: Plan, record: Readonly<Record<string, CedarValue>>, entities: EntitiesByUid): string {
  let text = ''
  for (const [name, plan] of fields) {
    const value = Object.hasOwn(record, name) ? record[name] : undefined
    if (value === undefined) text += '-'
    else text += plan === null ? '+' : `+${textAt(plan, value, entities)}`
  }
  return text
}

function wholeText(value: CedarValue): string {
  if (typeof value === 'string') return stringText(value)
  if (typeof value === 'number') return `n${value};`
  if (typeof value === 'boolean') return value ? 't' : 'f'
  if (Array.isArray(value)) return `[${value.length};${value.map(wholeText).join('')}`
  const entries = Object.entries(value as Readonly<Record<string, CedarValue>>) // an array was ruled out
  return `{${entries.length};${entries.map(([name, inner]) => stringText(name) + wholeText(inner)).join('')}`
}

const stringText = (text: string): string => `s${text.length}:${text}`
const uidText = ({ type, id }: EntityUid): string => stringText(type) + stringText(id)
const isSame = (one: EntityUid, two: EntityUid): boolean => one.id === two.id && one.type === two.type

const isRecord = (value: CedarValue): value is { readonly [key: string]: CedarValue } =>
  typeof value === 'object' && !Array.isArray(value)

const uidIn = (value: CedarValue): EntityUid | null =>
  typeof value === 'object' && '__entity' in value ? (value as { readonly __entity: EntityUid }).__entity : null
