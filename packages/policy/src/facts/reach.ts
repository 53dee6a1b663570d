import type { CedarValueJson, Expr, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs'
import type { EntityUid } from '@gatehouse/enforcement'
import type { SchemaModel, ValueType } from './schema-model.ts'
import { plainUid, type Environment } from './scope.ts'

/** What policies can learn at one place: of the principal, of `resource.workspace`, of `context.hour`. */
export interface Demand {
  readonly type: ValueType | null
  /** The value itself; of an entity its uid. */
  isWhole: boolean
  /** Everything that the entity lies in. */
  isAbove: boolean
  /** Whether it is one of these entities, and no more. */
  readonly same: Map<string, EntityUid>
  /** Whether it lies in one of these entities or is it, and no more. */
  readonly within: Map<string, EntityUid>
  /** Attributes: whether each is there, and what is learnt of it. */
  readonly fields: Map<string, Demand>
}

/** All that the policies of one kind of request can learn of it. */
export interface Reach {
  readonly principal: Demand
  readonly resource: Demand
  readonly context: Demand
  /** Entities that the policies name themselves and look into. */
  readonly named: readonly { readonly uid: EntityUid; readonly demand: Demand }[]
  /** Actions that the conditions name. */
  readonly actions: ReadonlySet<string>
}

/** What an expression may come to: places of the request, records written out, entities named. */
interface Reached {
  readonly places: readonly Demand[]
  readonly records: readonly ReadonlyMap<string, Reached>[]
  /** Set where it is one entity that is named. */
  readonly literal: EntityUid | null
  /** Set where it is nothing but named entities, one or a set of them. */
  readonly uids: readonly EntityUid[] | null
}

/** An expression that is not understood here. */
class UnknownExpressionError extends Error {
  override readonly name = 'UnknownExpressionError'
}

const nothing: Reached = { places: [], records: [], literal: null, uids: null }

/**
 * Reads policies for what they can learn of a request. More than they learn is no fault, less would be one. Null where
 * an expression is not understood: then nothing of this kind may be remembered.
 */
export function reachOf(model: SchemaModel, kind: Environment, policies: readonly PolicyJson[]): Reach | null {
  const reader = createReader(model, kind)
  try {
    for (const policy of policies) reader.readPolicy(policy)
    return reader.reach()
  } catch (error) {
    if (error instanceof UnknownExpressionError) return null
    throw error
  }
}

const demandOf = (type: ValueType | null): Demand => ({
  type,
  isWhole: false,
  isAbove: false,
  same: new Map(),
  within: new Map(),
  fields: new Map(),
})

const textOf = ({ type, id }: EntityUid): string => `${type}::${JSON.stringify(id)}`

function createReader(model: SchemaModel, kind: Environment) {
  const roots = {
    principal: demandOf({ kind: 'entity', name: kind.principalType }),
    resource: demandOf({ kind: 'entity', name: kind.resourceType }),
    context: demandOf(model.actions.get(kind.action)?.context ?? null),
  }
  const named = new Map<string, { readonly uid: EntityUid; readonly demand: Demand }>()
  const actions = new Set<string>()

  const namedPlace = (uid: EntityUid): Demand => {
    const known = named.get(textOf(uid))
    if (known !== undefined) return known.demand
    const demand = demandOf({ kind: 'entity', name: uid.type })
    named.set(textOf(uid), { uid, demand })
    return demand
  }
  const read = createExpressionReader({
    model,
    variable: (name) => (name === 'action' ? nothing : { ...nothing, places: [roots[name]] }),
    entity: (uid) => {
      if (uid.type === 'Action') actions.add(uid.id)
      return { ...nothing, places: [namedPlace(uid)], literal: uid, uids: [uid] }
    },
  })
  return {
    readPolicy: ({ principal, resource, conditions }: PolicyJson): void => {
      readScope(roots.principal, principal)
      readScope(roots.resource, resource)
      for (const { body } of conditions) consume(read(body))
    },
    reach: (): Reach => ({ ...roots, named: [...named.values()], actions }),
  }
}

/** Types are fixed by the kind of request, and the action too; what remains of a scope is which entity it is. */
function readScope(place: Demand, constraint: PolicyJson['principal'] | PolicyJson['resource']): void {
  if (constraint.op === 'All') return
  const inner = constraint.op === 'is' ? constraint.in : constraint
  if (inner === undefined) return
  if ('slot' in inner) throw new UnknownExpressionError('slot')
  const uid = plainUid(inner.entity)
  ;(constraint.op === '==' ? place.same : place.within).set(textOf(uid), uid)
}

/** The value is looked at as it is. */
function consume({ places, records }: Reached): void {
  for (const place of places) place.isWhole = true
  for (const record of records) for (const inner of record.values()) consume(inner)
}

interface ExpressionNeeds {
  readonly model: SchemaModel
  variable(name: 'principal' | 'action' | 'resource' | 'context'): Reached
  entity(uid: EntityUid): Reached
}

type Read = (expression: Expr) => Reached

// every expression is an object of one key: the operator; what stands under it, the operator says
type Operands = Readonly<Record<string, unknown>>

interface Binary {
  readonly left: Expr
  readonly right: Expr
}

const binary = new Set(['<', '<=', '>', '>=', '&&', '||', '+', '-', '*', 'contains', 'containsAll', 'containsAny'])
const unary = new Set(['!', 'neg', 'isEmpty'])
/** Functions of the extensions: each is a function of its arguments and of nothing else. */
const functions = new Set(
  [
    'decimal lessThan lessThanOrEqual greaterThan greaterThanOrEqual',
    'ip isIpv4 isIpv6 isLoopback isMulticast isInRange',
    'datetime duration offset durationSince toDate toTime',
    'toMilliseconds toSeconds toMinutes toHours toDays',
  ].flatMap((names) => names.split(' ')),
)

function createExpressionReader({ model, variable, entity }: ExpressionNeeds): Read {
  const read: Read = (expression) => {
    const [operator, ...others] = Object.keys(expression)
    if (operator === undefined || others.length > 0) throw new UnknownExpressionError(JSON.stringify(expression))
    const operands = (expression as Operands)[operator]
    const reader = readers[operator]
    if (reader !== undefined) return reader(operands as never)
    if (binary.has(operator)) return all([(operands as Binary).left, (operands as Binary).right])
    if (unary.has(operator)) return all([(operands as { readonly arg: Expr }).arg])
    if (functions.has(operator) && Array.isArray(operands)) return all(operands)
    throw new UnknownExpressionError(operator)
  }
  const all = (expressions: readonly Expr[]): Reached => {
    for (const expression of expressions) consume(read(expression))
    return nothing
  }
  const readers: Readonly<Record<string, (operands: never) => Reached>> = {
    Var: variable,
    Value: (value: CedarValueJson) => readLiteral(value, entity),
    '==': ({ left, right }: Binary) => compared(read(left), read(right)),
    '!=': ({ left, right }: Binary) => compared(read(left), read(right)),
    in: ({ left, right }: Binary) => lyingIn(read(left), read(right)),
    '.': ({ left, attr }: { left: Expr; attr: string }) => attributeOf(model, read(left), attr),
    has: ({ left, attr }: { left: Expr; attr: string | readonly string[] }) => {
      const path = typeof attr === 'string' ? [attr] : attr
      path.reduce((reached, name) => attributeOf(model, reached, name), read(left))
      return nothing
    },
    like: ({ left }: { left: Expr }) => all([left]),
    is: ({ left, in: above }: { left: Expr; in?: Expr }) => typed(read(left), above === undefined ? null : read(above)),
    'if-then-else': (parts: { if: Expr; then: Expr; else: Expr }) => {
      consume(read(parts.if))
      return together([read(parts.then), read(parts.else)])
    },
    Set: (elements: readonly Expr[]) => setOf(elements.map(read)),
    Record: (fields: Readonly<Record<string, Expr>>) => ({
      ...nothing,
      records: [new Map(Object.entries(fields).map(([name, inner]) => [name, read(inner)]))],
    }),
  }
  return read
}

function readLiteral(value: CedarValueJson, entity: (uid: EntityUid) => Reached): Reached {
  if (value === null) throw new UnknownExpressionError('null')
  if (typeof value !== 'object') return nothing
  if ('__entity' in value) return entity((value as { __entity: EntityUid }).__entity) // `in` has just looked
  if ('__extn' in value) return nothing
  throw new UnknownExpressionError(JSON.stringify(value))
}

const together = (all: readonly Reached[]): Reached => ({
  places: all.flatMap(({ places }) => places),
  records: all.flatMap(({ records }) => records),
  literal: null,
  uids: null,
})

/** What stands in a set is never taken out again, but for being compared. */
function setOf(elements: readonly Reached[]): Reached {
  for (const element of elements) consume(element)
  const uids = elements.map(({ literal }) => literal)
  return { ...together(elements), uids: uids.every((uid) => uid !== null) ? uids : null }
}

function compared(left: Reached, right: Reached): Reached {
  const [named, other] = right.literal === null ? [left, right] : [right, left]
  const uid = named.literal
  if (uid === null || other.records.length > 0) {
    consume(left)
    consume(right)
    return nothing
  }
  for (const place of other.places) place.same.set(textOf(uid), uid)
  return nothing
}

function lyingIn(left: Reached, right: Reached): Reached {
  consume(right)
  for (const record of left.records) for (const inner of record.values()) consume(inner)
  for (const place of left.places) {
    if (right.uids !== null) for (const uid of right.uids) place.within.set(textOf(uid), uid)
    else {
      place.isAbove = true
      // `in` holds for the entity itself: which one it is counts, unless it cannot be one of those
      if (!isOfOtherType(place.type, right)) place.isWhole = true
    }
  }
  return nothing
}

function isOfOtherType(type: ValueType | null, { places, records }: Reached): boolean {
  if (type?.kind !== 'entity' || records.length > 0 || places.length === 0) return false
  return places.every((place) => {
    const other = place.type?.kind === 'set' ? place.type.of : place.type
    return other?.kind === 'entity' && other.name !== type.name
  })
}

function attributeOf(model: SchemaModel, { places, records }: Reached, name: string): Reached {
  const fields = places.map((place) => {
    const known = place.fields.get(name)
    if (known !== undefined) return known
    const field = demandOf(attributeType(model, place.type, name))
    place.fields.set(name, field)
    return field
  })
  const inner = records.flatMap((record) => record.get(name) ?? [])
  return together([{ ...nothing, places: fields }, ...inner])
}

function attributeType(model: SchemaModel, type: ValueType | null, name: string): ValueType | null {
  const record = type?.kind === 'entity' ? model.entities.get(type.name)?.attributes : type
  return record?.kind === 'record' ? (record.attributes.get(name)?.type ?? null) : null
}

/** The schema fixes the type of what is declared. */
function typed(left: Reached, above: Reached | null): Reached {
  for (const record of left.records) for (const inner of record.values()) consume(inner)
  for (const place of left.places) if (place.type?.kind !== 'entity') place.isWhole = true
  return above === null ? nothing : lyingIn(left, above)
}
