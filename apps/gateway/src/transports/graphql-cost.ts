import {
  callCost,
  documentCostMax,
  fieldCost,
  graphqlFieldOf,
  innerListLength,
  operations,
  pageSizeDefault,
  pageSizeMax,
  publicOperationNames,
  Refusal,
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
  return costsWith(document, variables ?? {}).ofRoot(operation.selectionSet, root)
}

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

function costsWith(document: DocumentNode, variables: Variables) {
  const fragments = new Map(
    document.definitions
      .filter((node): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION)
      .map((node) => [node.name.value, node]),
  )
  const known = new Map<string, number>()

  /** Of one item; `items`: how many its connection has, where it is one. */
  const ofSet = (set: SelectionSetNode | undefined, type: GraphQLObjectType, items: number): number =>
    sumOf(set, type, (field, parent) => {
      const definition = parent.getFields()[field.name.value]
      const below = definition === undefined ? undefined : getNamedType(definition.type)
      const inside = isObjectType(below) ? ofSet(field.selectionSet, below, items) : 0
      const isList = definition !== undefined && isListType(getNullableType(definition.type))
      const times = isList ? lengthOf(field.name.value, items) : 1
      return fieldCost + times * inside
    })

  const sumOf = (
    set: SelectionSetNode | undefined,
    type: GraphQLObjectType,
    cost: (field: FieldNode, parent: GraphQLObjectType) => number,
  ): number =>
    (set?.selections ?? []).reduce((sum, selection) => {
      if (selection.kind === Kind.FIELD) return sum + cost(selection, type)
      if (selection.kind === Kind.INLINE_FRAGMENT) return sum + sumOf(selection.selectionSet, type, cost)
      return sum + ofFragment(selection.name.value, type, cost)
    }, 0)

  const ofFragment = (
    name: string,
    type: GraphQLObjectType,
    cost: (field: FieldNode, parent: GraphQLObjectType) => number,
  ): number => {
    const key = `${name} ${type.name}`
    const before = known.get(key)
    if (before !== undefined) return before
    const found = sumOf(fragments.get(name)?.selectionSet, type, cost)
    known.set(key, found)
    return found
  }

  return {
    ofRoot: (set: SelectionSetNode, root: GraphQLObjectType): number =>
      sumOf(set, root, (field) => {
        const operation = operationOf.get(field.name.value)
        const definition = root.getFields()[field.name.value]
        const type = definition === undefined ? undefined : getNamedType(definition.type)
        if (operation === undefined || !isObjectType(type)) return fieldCost
        known.clear() // a fragment costs what the page that it is in has of items
        return callCost(operation) + ofSet(field.selectionSet, type, pageLength(operation, field, variables))
      }),
  }
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
