import { isPersonalField, resourceTypes } from '@gatehouse/contract'
import type { AuditDraft, CedarValue, DecisionRequest } from '@gatehouse/enforcement'
import { canonical } from './canonical.ts'

/** How a fact stands among the personal values: as its text, or as the JSON of a list or number. */
type Form = 'text' | 'json'

/** A fact of what was asked that stands sealed with the entry's input: under which name there, and in which form. */
export type MovedFact = readonly [name: string, form: Form]

/** A fact that the entry commits to for the sake of what was asked: its caller has not said it in this call. */
export interface FoundFact {
  readonly name: string
  readonly value: string
}

/**
 * The names that facts have in the input, where they are none of its fields: those have no dot, so that no fact can be
 * taken for another.
 */
const names = {
  thing: 'resource.id',
  incident: 'emergency.incident',
  property: (attribute: string) => `properties.${attribute}`,
  ticket: (approval: string) => `ticket.${approval}`,
} as const

/** Under what name the id of a thing that may be a person's stands in the input; in the entry itself it is empty. */
export const thingInInput = names.thing

/** Whether the entry of a draft has the id of its thing sealed, in the input. */
export const isThingInInput = ({ action, input }: Pick<AuditDraft, 'action' | 'input'>): boolean =>
  typeof input[thingInInput] === 'string' && isPersonalField(action, thingInInput)

const ownTypes: ReadonlySet<string> = new Set(resourceTypes)

/** Facts that somebody wrote at another time: what a site says of its things, tickets, what an incident is called. */
export function foundFacts(request: DecisionRequest): { readonly facts: FoundFact[]; readonly moved: MovedFact[] } {
  const found = [...propertiesIn(request), ...ticketsIn(request), ...incidentIn(request)]
  return {
    facts: found.map(([name, value]) => ({ name, value: typeof value === 'string' ? value : canonicalOf(value) })),
    moved: found.map(([name, value]) => [name, typeof value === 'string' ? 'text' : 'json'] as const),
  }
}

type Found = readonly [name: string, value: CedarValue]

/** What stands in a thing that is none of ours, its site alone knows: any text or number of it may be a person's. */
function propertiesIn({ resource, entities }: DecisionRequest): Found[] {
  if (ownTypes.has(resource.type)) return []
  const attrs = entities.find(({ uid }) => uid.type === resource.type && uid.id === resource.id)?.attrs ?? {}
  return Object.entries(attrs)
    .filter(([, value]) => isSayable(value))
    .map(([attribute, value]) => [names.property(attribute), value])
}

const ticketsIn = ({ entities }: DecisionRequest): Found[] =>
  entities.flatMap(({ uid: { type, id }, attrs }): Found[] => {
    const ticket = type === 'Approval' ? attrs['ticket'] : undefined
    return isSayable(ticket) ? [[names.ticket(id), ticket]] : []
  })

function incidentIn({ context }: DecisionRequest): Found[] {
  const incident = partOf(context['emergency'], 'incident')
  return isSayable(incident) ? [[names.incident, incident]] : []
}

/** Texts, numbers and lists of texts, as long as they come out of JSON as they went in; yes and no is nobody. */
export function isSayable(value: CedarValue | undefined): value is CedarValue {
  if (typeof value === 'number') return true
  if (typeof value === 'string') return isClean(value) && value !== ''
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string' && isClean(one))
}

const isClean = (text: string): boolean => text.isWellFormed() && !text.includes('\0')

const canonicalOf = (value: CedarValue): string => canonical(value as Parameters<typeof canonical>[0]) // it is sayable

const partOf = (value: CedarValue | undefined, name: string): CedarValue | undefined =>
  typeof value === 'object' && !Array.isArray(value)
    ? (value as Readonly<Record<string, CedarValue>>)[name] // a record or an extension: neither has other values
    : undefined

/** What was asked without the facts that stand elsewhere; each of them leaves nothing behind. */
export function withoutFacts(request: DecisionRequest, moved: readonly MovedFact[]): DecisionRequest {
  return moved.reduce((left, [name]) => put(left, name, undefined), request)
}

/** The same with them again. Null: one of them was erased, or is none that was written here. */
export function withFacts(
  request: DecisionRequest,
  moved: readonly MovedFact[],
  valueOf: (name: string) => string | undefined,
): DecisionRequest | null {
  let whole = request
  for (const [name, form] of moved) {
    const text = valueOf(name)
    const value = text === undefined || form === 'text' ? text : valueIn(text)
    if (value === undefined) return null
    whole = put(whole, name, value)
  }
  return whole
}

function valueIn(text: string): CedarValue | undefined {
  try {
    const value = JSON.parse(text) as CedarValue // looked at below: whoever owns the database may have put it there
    return isSayable(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Puts a fact where its name says; undefined: takes it away. */
function put(request: DecisionRequest, name: string, value: CedarValue | undefined): DecisionRequest {
  const { resource, context } = request
  if (name === names.thing) return named(request, typeof value === 'string' ? value : '')
  if (name === names.incident) {
    const emergency = context['emergency'] as Readonly<Record<string, CedarValue>> // as `incidentIn` has found it
    return { ...request, context: { ...context, emergency: set(emergency, 'incident', value) } }
  }
  const [kind = '', rest] = split(name)
  if (rest === undefined) return { ...request, context: set(context, name, value) }
  const { type, id } = kind === 'ticket' ? { type: 'Approval', id: rest } : resource
  const attribute = kind === 'ticket' ? 'ticket' : rest
  return {
    ...request,
    entities: request.entities.map((entity) =>
      entity.uid.type === type && entity.uid.id === id
        ? { ...entity, attrs: set(entity.attrs, attribute, value) }
        : entity,
    ),
  }
}

function split(name: string): [kind: string, rest?: string] {
  const dot = name.indexOf('.')
  return dot === -1 ? [name] : [name.slice(0, dot), name.slice(dot + 1)]
}

/** The same about a thing of another id. */
function named(request: DecisionRequest, id: string): DecisionRequest {
  const { resource } = request
  return {
    ...request,
    resource: { ...resource, id },
    entities: request.entities.map((entity) =>
      entity.uid.type === resource.type && entity.uid.id === resource.id
        ? { ...entity, uid: { ...entity.uid, id } }
        : entity,
    ),
  }
}

type Values = Readonly<Record<string, CedarValue>>

function set(values: Values, name: string, value: CedarValue | undefined): Values {
  if (value !== undefined) return { ...values, [name]: value }
  const { [name]: _, ...rest } = values
  return rest
}
