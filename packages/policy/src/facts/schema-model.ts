import type { SchemaJson, Type } from '@cedar-policy/cedar-wasm/nodejs'

/** The schema as Cedar gives it with its names resolved. Plain data: it crosses threads. */
export type ResolvedSchema = SchemaJson<string>

/** What a value may be. `unsure`: not understood here, so that only the engine may judge it. */
export type ValueType =
  | { readonly kind: 'string' | 'long' | 'bool' | 'unsure' }
  | { readonly kind: 'extension'; readonly fn: ExtensionName }
  | { readonly kind: 'entity'; readonly name: string }
  | { readonly kind: 'set'; readonly of: ValueType }
  | RecordType

export type ExtensionName = 'ip' | 'decimal' | 'datetime' | 'duration'

/** A record is closed: what is not declared is refused. */
export interface RecordType {
  readonly kind: 'record'
  readonly attributes: ReadonlyMap<string, AttributeType>
  readonly requiredCount: number
}

export interface AttributeType {
  readonly type: ValueType
  readonly required: boolean
}

/** What an entity of a type may be. */
export interface EntityModel {
  readonly attributes: RecordType | null
  /** Types of direct parents. */
  readonly parents: ReadonlySet<string>
  /** Types that it may lie in, however deep. */
  readonly ancestors: ReadonlySet<string>
  /** The only ids there are; null: any. */
  readonly ids: ReadonlySet<string> | null
}

/** What an action may be asked with. */
export interface ActionModel {
  readonly principals: ReadonlySet<string>
  readonly resources: ReadonlySet<string>
  readonly context: RecordType | null
  /** The groups that it lies in, however deep, and itself. */
  readonly within: ReadonlySet<string>
}

/** A schema, ready to be asked. */
export interface SchemaModel {
  readonly entities: ReadonlyMap<string, EntityModel>
  readonly actions: ReadonlyMap<string, ActionModel>
  /** Whether an entity may lie in one of its own type, so that entities can form a ring. */
  readonly mayRing: boolean
  readonly source: ResolvedSchema[string]
}

type Attributes = Readonly<Record<string, Type<string> & { required?: boolean }>>
type Commons = NonNullable<ResolvedSchema[string]['commonTypes']>

/**
 * Understands a schema. Null where it holds what is not understood here (namespaces, groups of actions of another
 * type): then every decision is made by the whole set.
 */
export function modelOf(schema: ResolvedSchema): SchemaModel | null {
  const source = schema['']
  if (source === undefined || Object.keys(schema).length > 1) return null
  const commons = source.commonTypes ?? {}
  const direct = new Map(
    Object.entries(source.entityTypes).map(([name, type]) => [
      name,
      new Set('memberOfTypes' in type ? type.memberOfTypes : []),
    ]),
  )
  const entities = new Map(
    Object.entries(source.entityTypes).map(([name, type]): [string, EntityModel] => [
      name,
      {
        attributes: 'enum' in type ? emptyRecord : shapeOf(type.shape, commons),
        parents: direct.get(name) ?? new Set(),
        ancestors: closure(name, direct),
        ids: 'enum' in type ? new Set(type.enum) : null,
      },
    ]),
  )
  const actions = actionsOf(source, commons)
  if (actions === null) return null
  return { entities, actions, mayRing: [...entities].some(([name, { ancestors }]) => ancestors.has(name)), source }
}

const emptyRecord: RecordType = { kind: 'record', attributes: new Map(), requiredCount: 0 }

const shapeOf = (shape: Type<string> | undefined, commons: Commons): RecordType | null => {
  if (shape === undefined) return emptyRecord
  const type = typeOf(shape, commons)
  return type.kind === 'record' ? type : null
}

/** Everything that is reached from a name, without the name itself unless it is reached. */
function closure(name: string, direct: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const reached = new Set<string>()
  const open = [...(direct.get(name) ?? [])]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue
    reached.add(next)
    open.push(...(direct.get(next) ?? []))
  }
  return reached
}

function actionsOf(source: ResolvedSchema[string], commons: Commons): Map<string, ActionModel> | null {
  const declared = Object.entries(source.actions)
  const groups = declared.flatMap(([, { memberOf = [] }]) => memberOf)
  if (groups.some(({ type = 'Action' }) => type !== 'Action')) return null
  const direct = new Map(declared.map(([name, { memberOf = [] }]) => [name, new Set(memberOf.map(({ id }) => id))]))
  return new Map(
    declared.map(([name, { appliesTo }]): [string, ActionModel] => [
      name,
      {
        principals: new Set(appliesTo?.principalTypes),
        resources: new Set(appliesTo?.resourceTypes),
        context: shapeOf(appliesTo?.context, commons),
        within: new Set([name, ...closure(name, direct)]),
      },
    ]),
  )
}

const simpleTypes: Readonly<Record<string, ValueType>> = {
  String: { kind: 'string' },
  Long: { kind: 'long' },
  Bool: { kind: 'bool' },
  Boolean: { kind: 'bool' },
  ipaddr: { kind: 'extension', fn: 'ip' },
  decimal: { kind: 'extension', fn: 'decimal' },
  datetime: { kind: 'extension', fn: 'datetime' },
  duration: { kind: 'extension', fn: 'duration' },
}

const unsure: ValueType = { kind: 'unsure' }

// the binding types a variant by its name alone, and leaves the fields of the others out of reach
interface LooseType {
  readonly type: string
  readonly name?: string
  readonly element?: Type<string>
  readonly attributes?: Attributes
  readonly additionalAttributes?: boolean
}

function typeOf(type: Type<string>, commons: Commons): ValueType {
  const loose = type as LooseType // every variant is one
  switch (loose.type) {
    case 'Set':
      return loose.element === undefined ? unsure : { kind: 'set', of: typeOf(loose.element, commons) }
    case 'Record':
      return recordOf(loose, commons)
    case 'Entity':
      return loose.name === undefined ? unsure : { kind: 'entity', name: loose.name }
    case 'Extension':
      return simpleTypes[loose.name ?? ''] ?? unsure
    default:
      return namedType(loose.type, commons)
  }
}

function namedType(name: string, commons: Commons): ValueType {
  const common = Object.hasOwn(commons, name) ? commons[name] : undefined
  if (common !== undefined) return typeOf(common, commons)
  return Object.hasOwn(simpleTypes, name) ? (simpleTypes[name] ?? unsure) : unsure
}

function recordOf({ attributes = {}, additionalAttributes }: LooseType, commons: Commons): ValueType {
  const entries = Object.entries(attributes)
  // a name that JSON uses for something else, and records that are open, are the engine's to judge
  if (additionalAttributes === true || entries.some(([name]) => name.startsWith('__'))) return unsure
  const known = entries.map(([name, type]): [string, AttributeType] => [
    name,
    { type: typeOf(type, commons), required: type.required !== false },
  ])
  return {
    kind: 'record',
    attributes: new Map(known),
    requiredCount: known.filter(([, { required }]) => required).length,
  }
}
