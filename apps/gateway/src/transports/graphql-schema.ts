import {
  edges,
  encodeCursor,
  encodePosition,
  operations,
  publicOperationNames,
  graphqlFieldOf,
  type Edge,
  type Operation,
  type OperationName,
} from '@gatehouse/contract'
import {
  getNullableType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  GraphQLBoolean,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLFieldConfigMap,
  type GraphQLOutputType,
} from 'graphql'
import { z } from 'zod'
import { typeStemOf } from './graphql-names.ts'
import { createTypes } from './graphql-types.ts'

/** Runs one operation for GraphQL: wire values in, wire values out. */
export interface GraphqlRunner<Context> {
  call(context: Context, name: OperationName, raw: unknown): Promise<unknown>
  /** What an edge asks. */
  nested(context: Context, name: OperationName, raw: unknown): Promise<unknown>
  subscribe(context: Context, name: OperationName, raw: unknown): Promise<AsyncIterable<unknown>>
}

interface Types extends ReturnType<typeof createTypes> {
  /** Each list's own, wherever it is answered. */
  readonly connections: Map<OperationName, GraphQLObjectType>
}

/** The whole schema, built from the contract by one loop. Without a runner it can only be printed. */
export function buildSchema<Context = unknown>(runner?: GraphqlRunner<Context>): GraphQLSchema {
  const edgesIn = (type: string): GraphQLFieldConfigMap<unknown, unknown> => {
    const here = edges.filter(({ on }) => on === type)
    return Object.fromEntries(here.map((edge) => [edge.field, edgeField(types, edge, runner)]))
  }
  const types: Types = { ...createTypes(edgesIn), connections: new Map() }
  const root = (name: string, kind: Operation['kind']): GraphQLObjectType =>
    new GraphQLObjectType<unknown, Context>({
      name,
      fields: () =>
        Object.fromEntries(
          publicOperationNames
            .filter((operation) => operations[operation].kind === kind)
            .map((operation) => [graphqlFieldOf(operation), fieldOf(types, operation, runner)]),
        ),
    })
  return new GraphQLSchema({
    query: root('Query', 'query'),
    mutation: root('Mutation', 'mutation'),
    subscription: root('Subscription', 'subscription'),
  })
}

function fieldOf<Context>(
  types: Types,
  name: OperationName,
  runner?: GraphqlRunner<Context>,
): GraphQLFieldConfig<unknown, Context> {
  const operation = operations[name]
  // nullable, so that one refused field leaves the others of a document standing
  const base = {
    description: operation.summary,
    args: argumentsOf(types, name, operation),
    type: getNullableType(outputOf(types, name, operation)),
  }
  const rawOf = (args: Arguments): unknown => ({
    ...args.input,
    ...(operation.list ? { first: args.first ?? undefined, after: args.after ?? undefined } : {}),
  })
  if (operation.kind === 'subscription') {
    return {
      ...base,
      resolve: (item) => item,
      subscribe: (_source, args: Arguments, context) =>
        requireRunner(runner).subscribe(context, name, withoutNulls(rawOf(args))),
    }
  }
  return {
    ...base,
    resolve: async (_source, args: Arguments, context) => {
      const wire = await requireRunner(runner).call(context, name, withoutNulls(rawOf(args)))
      return operation.list ? connectionOf(operation, wire, sortOf(args)) : wire
    },
  }
}

/** A nested field: null where nothing is asked or its call is refused, which the answer's errors then tell. */
function edgeField<Context>(
  types: Types,
  { operation: name, input, many }: Edge,
  runner?: GraphqlRunner<Context>,
): GraphQLFieldConfig<unknown, unknown> {
  const operation = operations[name]
  const one = getNullableType(outputOf(types, name, operation))
  const ask = async (raw: unknown, args: Arguments, context: unknown): Promise<unknown> => {
    if (raw === null) return null
    const page = operation.list ? { first: args.first, after: args.after } : {}
    // what resolvers get is what the schema's runner is for
    const asked = requireRunner(runner).nested(context as Context, name, withoutNulls({ ...(raw as object), ...page }))
    return operation.list ? connectionOf(operation, await asked, 'newest') : asked
  }
  return {
    description: `${operation.summary} (${name})`,
    args: operation.list ? pageArguments : {},
    type: many ? new GraphQLNonNull(new GraphQLList(one)) : one,
    resolve: (source, args: Arguments, context) => {
      const wanted = input(source as never) // the wire form of the type that the edge is declared on
      return many ? (wanted as unknown[]).map((raw) => ask(raw, args, context)) : ask(wanted, args, context)
    },
  }
}

interface Arguments {
  readonly input?: Readonly<Record<string, unknown>>
  readonly first?: number | null
  readonly after?: string | null
}

function requireRunner<Context>(runner: GraphqlRunner<Context> | undefined): GraphqlRunner<Context> {
  if (runner === undefined) throw new TypeError('this schema was built to be printed')
  return runner
}

/** GraphQL clients send null for what they leave out. */
const withoutNulls = (raw: unknown): unknown =>
  Object.fromEntries(Object.entries(raw as object).filter(([, value]) => value !== null && value !== undefined))

const pageFields = ['first', 'after']
const pageArguments = { first: { type: GraphQLInt }, after: { type: GraphQLString } }

function argumentsOf(types: Types, name: OperationName, operation: Operation): GraphQLFieldConfigArgumentMap {
  const input = types.inputObject(operation.input, `${typeStemOf(name)}Input`, operation.list ? pageFields : [])
  const optional =
    input === null || Object.values(input.getFields()).every((field) => !(field.type instanceof GraphQLNonNull))
  return {
    ...(input === null ? {} : { input: { type: optional ? input : new GraphQLNonNull(input) } }),
    ...(operation.list ? pageArguments : {}),
  }
}

const PageInfo = new GraphQLObjectType({
  name: 'PageInfo',
  fields: { hasNextPage: { type: new GraphQLNonNull(GraphQLBoolean) }, endCursor: { type: GraphQLString } },
})

function outputOf(types: Types, name: OperationName, operation: Operation): GraphQLOutputType {
  if (!operation.list) return types.output(operation.output, name)
  const connection = types.connections.get(name) ?? connectionType(types, name, operation)
  types.connections.set(name, connection)
  return new GraphQLNonNull(connection)
}

function connectionType(types: Types, name: OperationName, operation: Operation): GraphQLObjectType {
  const node = types.output(itemSchema(operation), name)
  const stem = typeStemOf(name)
  const edge = new GraphQLObjectType({
    name: `${stem}Edge`,
    fields: { node: { type: node }, cursor: { type: new GraphQLNonNull(GraphQLString) } },
  })
  return new GraphQLObjectType({
    name: `${stem}Connection`,
    fields: {
      edges: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(edge))) },
      pageInfo: { type: new GraphQLNonNull(PageInfo) },
    },
  })
}

/** The order that was asked for, as the contract calls it. */
function sortOf({ input }: Arguments): string {
  const sort = input?.['sort']
  return typeof sort === 'string' ? sort : 'newest'
}

function itemSchema(operation: Operation): z.ZodType {
  const items = operation.output instanceof z.ZodObject ? operation.output.shape['items'] : undefined
  if (!(items instanceof z.ZodArray)) throw new TypeError(`${operation.name}: a list answers page(Item)`)
  return items.element as z.ZodType // zod's core and classic types are the same objects
}

interface WirePage {
  readonly items: readonly { readonly id: string }[]
  readonly nextCursor: string | null
}

/** A page as edges. Each edge's cursor comes from the item itself, so any edge can be gone on from. */
function connectionOf(operation: Operation, wire: unknown, sort: string): unknown {
  const { items, nextCursor } = wire as WirePage // encoded by page(Item) a moment ago
  const item = itemSchema(operation)
  const edges = items.map((node) => {
    const parsed = item.parse(node) as never // the list's own item, which its declaration reads
    const key = operation.list?.keys?.[sort]
    if (key !== undefined) return { node, cursor: encodePosition({ sort, key: key(parsed), id: node.id }) }
    const [at, id] = operation.list?.cursor(parsed) ?? [new Date(0), node.id]
    return { node, cursor: encodeCursor({ at, id }) }
  })
  return {
    edges,
    pageInfo: { hasNextPage: nextCursor !== null, endCursor: nextCursor ?? edges.at(-1)?.cursor ?? null },
  }
}
