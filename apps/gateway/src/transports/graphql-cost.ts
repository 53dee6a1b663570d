import {
  callCost,
  documentCostMax,
  edgeAt,
  edgeCost,
  fieldCost,
  graphqlFieldOf,
  innerListLength,
  operations,
  pageSizeDefault,
  pageSizeMax,
  publicOperationNames,
  Refusal,
  type Edge,
  type Operation,
} from '@gatehouse/contract'
import {
  getNamedType,
  getNullableType,
  getOperationAST,
  isListType,
  isObjectType,
  Kind,
  OperationTypeNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql'

const operationOf: ReadonlyMap<string, Operation> = new Map(
  publicOperationNames.map((name) => [graphqlFieldOf(name), operations[name]]),
)

/** A document as it would be executed. */
export interface CostedDocument {
  readonly document: DocumentNode
  readonly operationName?: string | null | undefined
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined
}

/**
 * What a document would cost, before anything of it runs: each call by its declaration, and each field of an answer
 * once for each item that it is asked for. Its own cost grows with the document: each fragment is looked at once.
 */
export function costOf(schema: GraphQLSchema, { document, operationName, variables }: CostedDocument): number {
  const operation = getOperationAST(document, operationName)
  const root = operation === null || operation === undefined ? undefined : rootTypeOf(schema, operation.operation)
  if (operation === null || operation === undefined || root === undefined) return 0
  const known = { ...defaultsOf(operation), ...variables }
  return costsWith({ document, variables: known, operation: operation.operation }).ofRoot(operation.selectionSet, root)
}

/** What a document itself says of variables that come without a value: a page that is long by that is as long. */
const defaultsOf = ({ variableDefinitions }: OperationDefinitionNode): Variables =>
  Object.fromEntries(
    (variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
      defaultValue === undefined ? [] : [[variable.name.value, readNumber(defaultValue)]],
    ),
  )

/** Refuses a document that costs too much, saying what it costs and what it may. */
export function refuseTooCostly(cost: number): void {
  if (cost <= documentCostMax) return
  const limit = `a document that costs at most ${documentCostMax}`
  const message = `${limit}: this one costs ${cost}; ask for fewer items or fields`
  throw new Refusal('invalid-input', { fields: [{ path: 'query', message }] })
}

function rootTypeOf(schema: GraphQLSchema, operation: OperationTypeNode): GraphQLObjectType | undefined {
  if (operation === OperationTypeNode.MUTATION) return schema.getMutationType() ?? undefined
  if (operation === OperationTypeNode.SUBSCRIPTION) return schema.getSubscriptionType() ?? undefined
  return schema.getQueryType() ?? undefined
}

type Variables = Readonly<Record<string, unknown>>

interface Costing {
  readonly document: DocumentNode
  readonly variables: Variables
  readonly operation: OperationTypeNode
}

/**
 * What a change answers is what it was asked for, and a stream outlives the moment in which its caller was looked up:
 * neither goes on into other calls.
 */
function refuseOutsideQueries(operation: OperationTypeNode, field: string): void {
  if (operation === OperationTypeNode.QUERY) return
  const message = `\`${field}\` in a query: it is a call of its own, and ${operation}s have none inside`
  throw new Refusal('invalid-input', { fields: [{ path: 'query', message }] })
}

function costsWith({ document, variables, operation: kind }: Costing) {
  const fragments = new Map(
    document.definitions
      .filter((node): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION)
      .map((node) => [node.name.value, node]),
  )
  const known = new Map<string, number>()

  /** Of one item; `items`: how many its connection has, where it is one. */
  const ofSet = (set: SelectionSetNode | undefined, type: GraphQLObjectType, items: number): number =>
    sumOf(set, { type, items }, (field, parent) => {
      const edge = edgeAt(parent.name, field.name.value)
      if (edge !== undefined) return fieldCost + ofEdge(edge, field, parent)
      const definition = parent.getFields()[field.name.value]
      const below = definition === undefined ? undefined : getNamedType(definition.type)
      const inside = isObjectType(below) ? ofSet(field.selectionSet, below, items) : 0
      const isList = definition !== undefined && isListType(getNullableType(definition.type))
      const times = isList ? lengthOf(field.name.value, items) : 1
      return fieldCost + times * inside
    })

  const ofEdge = ({ operation: name, many }: Edge, field: FieldNode, parent: GraphQLObjectType): number => {
    refuseOutsideQueries(kind, field.name.value)
    const below = getNamedType(parent.getFields()[field.name.value]?.type)
    const items = pageLength(operations[name], field, variables)
    const one = edgeCost + (isObjectType(below) ? ofSet(field.selectionSet, below, items) : 0)
    return many ? innerListLength * one : one
  }

  const sumOf = (
    set: SelectionSetNode | undefined,
    at: Within,
    cost: (field: FieldNode, parent: GraphQLObjectType) => number,
  ): number =>
    (set?.selections ?? []).reduce((sum, selection) => {
      if (selection.kind === Kind.FIELD) return sum + cost(selection, at.type)
      if (selection.kind === Kind.INLINE_FRAGMENT) return sum + sumOf(selection.selectionSet, at, cost)
      return sum + ofFragment(selection.name.value, at, cost)
    }, 0)

  const ofFragment = (
    name: string,
    at: Within,
    cost: (field: FieldNode, parent: GraphQLObjectType) => number,
  ): number => {
    const key = `${name} ${at.type.name} ${at.items}` // it costs what the page that it is in has of items
    const before = known.get(key)
    if (before !== undefined) return before
    const found = sumOf(fragments.get(name)?.selectionSet, at, cost)
    known.set(key, found)
    return found
  }

  return {
    ofRoot: (set: SelectionSetNode, root: GraphQLObjectType): number =>
      sumOf(set, { type: root, items: 1 }, (field) => {
        const operation = operationOf.get(field.name.value)
        const definition = root.getFields()[field.name.value]
        const type = definition === undefined ? undefined : getNamedType(definition.type)
        if (operation === undefined || !isObjectType(type)) return fieldCost
        return callCost(operation) + ofSet(field.selectionSet, type, pageLength(operation, field, variables))
      }),
  }
}

/** What a selection stands in: one thing of a type, and how many its connection has, where it is one. */
interface Within {
  readonly type: GraphQLObjectType
  readonly items: number
}

const lengthOf = (field: string, items: number): number => (field === 'edges' ? items : innerListLength)

/** How many items a page was asked for: by a number or a variable; what is neither is refused later. */
function pageLength({ list }: Operation, field: FieldNode, variables: Variables): number {
  if (list === undefined) return 1
  const value = field.arguments?.find(({ name }) => name.value === 'first')?.value
  const given = value?.kind === Kind.VARIABLE ? variables[value.name.value] : readNumber(value)
  if (given === undefined || given === null) return pageSizeDefault
  return typeof given === 'number' && given >= 1 ? Math.min(given, pageSizeMax) : pageSizeMax
}

/** A number that stands in the document. */
const readNumber = (value: ValueNode | undefined): unknown => (value?.kind === Kind.INT ? Number(value.value) : value)
