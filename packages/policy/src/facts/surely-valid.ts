import { isIPv4, isIPv6 } from 'node:net'
import type { CedarEntity, CedarValue, DecisionRequest, EntityUid } from '@gatehouse/enforcement'
import type { EntityModel, ExtensionName, RecordType, SchemaModel, ValueType } from './schema-model.ts'
import type { EntitiesByUid } from './entities-by-uid.ts'

/**
 * Whether the engine would take this request, if it takes its entities: types, enumerated ids, integers, the literals
 * of extensions. INVARIANT: true only where it surely would. False says no more than that the engine has to be asked.
 */
export function isSurelyValid(model: SchemaModel, request: DecisionRequest): boolean {
  const action = model.actions.get(request.action)
  if (action === undefined || action.context === null) return false
  const { principal, resource } = request
  if (!action.principals.has(principal.type) || !action.resources.has(resource.type)) return false
  return isUid(model, principal) && isUid(model, resource) && isRecord(model, action.context, request.context)
}

/** The same of what a request says of its entities, with their parents. */
export function areSurelyValid(model: SchemaModel, entities: readonly CedarEntity[], byUid: EntitiesByUid): boolean {
  // an entity that is given twice is not told apart here
  if (byUid.size !== entities.length) return false
  for (const entity of entities) if (!isEntity(model, entity)) return false
  return !model.mayRing || !byUid.hasRing()
}

function isEntity(model: SchemaModel, { uid, attrs, parents }: CedarEntity): boolean {
  const shape = model.entities.get(uid.type)
  if (shape === undefined || shape.attributes === null || !isId(shape, uid.id)) return false
  if (!isRecord(model, shape.attributes, attrs)) return false
  for (const parent of parents) if (!shape.parents.has(parent.type) || !isUid(model, parent)) return false
  return true
}

function isUid(model: SchemaModel, { type, id }: EntityUid): boolean {
  const shape = model.entities.get(type)
  return shape !== undefined && isId(shape, id)
}

/** The binding throws at half a surrogate pair. */
const isText = (value: unknown): value is string => typeof value === 'string' && value.isWellFormed()

const isId = ({ ids }: EntityModel, id: string): boolean => isText(id) && (ids === null || ids.has(id))

function isRecord(model: SchemaModel, type: RecordType, value: Readonly<Record<string, CedarValue>>): boolean {
  let requiredCount = 0
  for (const name of Object.keys(value)) {
    const attribute = type.attributes.get(name)
    const inner = value[name]
    if (attribute === undefined || inner === undefined || !isValue(model, attribute.type, inner)) return false
    if (attribute.required) requiredCount += 1
  }
  return requiredCount === type.requiredCount
}

function isValue(model: SchemaModel, type: ValueType, value: CedarValue): boolean {
  switch (type.kind) {
    case 'string':
      return isText(value)
    case 'long':
      return Number.isSafeInteger(value)
    case 'bool':
      return typeof value === 'boolean'
    case 'set':
      return Array.isArray(value) && value.every((one: CedarValue) => isValue(model, type.of, one))
    case 'record':
      return isPlain(value) && isRecord(model, type, value)
    case 'entity':
      return isReference(model, type.name, value)
    case 'extension':
      return isExtension(type.fn, value)
    case 'unsure':
      return false
  }
}

type PlainRecord = Readonly<Record<string, CedarValue>>

/** What stands alone in an object under one name; null: it is something else. */
function only(name: '__entity' | '__extn', value: CedarValue): PlainRecord | null {
  if (!isPlain(value) || Object.keys(value).length !== 1) return null
  const inner = (value as PlainRecord)[name] // whatever it is, it is JSON
  return inner !== undefined && isPlain(inner) ? inner : null
}

const isPlain = (value: CedarValue): value is PlainRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function isReference(model: SchemaModel, name: string, value: CedarValue): boolean {
  const { type, id } = only('__entity', value) ?? {}
  return type === name && typeof id === 'string' && isUid(model, { type, id })
}

function isExtension(name: ExtensionName, value: CedarValue): boolean {
  const { fn, arg } = only('__extn', value) ?? {}
  return fn === name && typeof arg === 'string' && isLiteral[name](arg)
}

/** Narrower than Cedar's grammars, never wider. */
const isLiteral: Readonly<Record<ExtensionName, (text: string) => boolean>> = {
  ip: (text) => isIPv4(text) || (isIPv6(text) && /^[0-9a-f:]+$/i.test(text)),
  decimal: (text) => /^-?\d{1,14}\.\d{1,4}$/.test(text),
  datetime: isInstant,
  duration: (text) => /^-?\d{1,9}(?:d|h|m|s|ms)$/.test(text),
}

const instantShape = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/
const [dayAt, dayUpTo, shortestMonth] = [8, 10, 28]

/** Only the form of our own clock. 31 February has the form and is no day. */
function isInstant(text: string): boolean {
  if (!instantShape.test(text)) return false
  return Number(text.slice(dayAt, dayUpTo)) <= shortestMonth || new Date(text).toISOString() === text
}
