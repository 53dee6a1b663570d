import {
  encodeCursor,
  encodePosition,
  operations,
  publicOperationNames,
  graphqlFieldOf,
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
  type GraphQLOutputType,
} from 'graphql'
import { z } from 'zod'
import { typeStemOf } from './graphql-names.ts'
import { createTypes } from './graphql-types.ts'

/** Runs one operation for GraphQL: wire values in, wire values out. */
export interface GraphqlRunner<Context> {
  call(context: Context, name: OperationName, raw: unknown): Promise<unknown>
  subscribe(context: Context, name: OperationName, raw: unknown): Promise<AsyncIterable<unknown>>
}

type Types = ReturnType<typeof createTypes>

/** The whole schema, built from the contract by one loop. Without a runner it can only be printed. */
export function buildSchema<Context = unknown>(runner?: GraphqlRunner<Context>): GraphQLSchema {
  const types = createTypes()
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

function argumentsOf(types: Types, name: OperationName, operation: Operation): GraphQLFieldConfigArgumentMap {
  const input = types.inputObject(operation.input, `${typeStemOf(name)}Input`, operation.list ? pageFields : [])
  const optional =
    input === null || Object.values(input.getFields()).every((field) => !(field.type instanceof GraphQLNonNull))
  return {
    ...(input === null ? {} : { input: { type: optional ? input : new GraphQLNonNull(input) } }),
    ...(operation.list ? { first: { type: GraphQLInt }, after: { type: GraphQLString } } : {}),
  }
}

const PageInfo = new GraphQLObjectType({
  name: 'PageInfo',
  fields: { hasNextPage: { type: new GraphQLNonNull(GraphQLBoolean) }, endCursor: { type: GraphQLString } },
})

function outputOf(types: Types, name: OperationName, operation: Operation): GraphQLOutputType {
  if (!operation.list) return types.output(operation.output, name)
  const node = types.output(itemSchema(operation), name)
  const stem = typeStemOf(name)
  const edge = new GraphQLObjectType({
    name: `${stem}Edge`,
    fields: { node: { type: node }, cursor: { type: new GraphQLNonNull(GraphQLString) } },
  })
  return new GraphQLNonNull(
    new GraphQLObjectType({
      name: `${stem}Connection`,
      fields: {
        edges: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(edge))) },
        pageInfo: { type: new GraphQLNonNull(PageInfo) },
      },
    }),
  )
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
