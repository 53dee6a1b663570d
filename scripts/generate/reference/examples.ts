import { inspect } from 'node:util'
import { edgeAt, graphqlFieldOf, operations, type OperationName } from '@gatehouse/contract'
import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isObjectType,
  parse,
  print,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql'
import { sampleInput } from './sample-input.ts'

/** One call of an operation in each of the three ways. */
export interface Examples {
  readonly curl: string
  readonly typescript: string
  readonly graphql: string
}

/** The examples of an operation, all with the same input. */
export function examplesOf(name: OperationName, schema: GraphQLSchema): Examples {
  const input = sampleInput(name)
  return { curl: curlOf(name, input), typescript: typescriptOf(name, input), graphql: graphqlOf(name, input, schema) }
}

type Sample = ReturnType<typeof sampleInput>

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

function curlOf(name: OperationName, input: Sample): string {
  const { kind, authorize } = operations[name]
  const isForAnybody = authorize.principals.includes('Anonymous')
  return [
    `curl "$GATEHOUSE_URL/trpc/${name}"`,
    ...(isForAnybody ? [] : ['--header "Authorization: Bearer $GATEHOUSE_TOKEN"']),
    ...(kind === 'subscription' ? ["--no-buffer --header 'Accept: text/event-stream'"] : []),
    ...(kind === 'mutation' ? bodyFlags(input) : addressFlags(input)),
  ].join(' \\\n  ')
}

const bodyFlags = (input: Sample): readonly string[] => [
  "--header 'Content-Type: application/json'",
  `--data ${quoted(JSON.stringify(input))}`,
]

const addressFlags = (input: Sample): readonly string[] =>
  Object.keys(input).length === 0 ? [] : [`--get --data-urlencode ${quoted(`input=${JSON.stringify(input)}`)}`]

const lineWidth = 84

function typescriptOf(name: OperationName, input: Sample): string {
  const { kind, list } = operations[name]
  const text = inspect(input, { depth: null, breakLength: lineWidth - 20, compact: 3, maxStringLength: null })
  if (kind === 'subscription') return `for await (const item of gatehouse.stream('${name}', ${text})) console.log(item)`
  if (list !== undefined) return `for await (const item of gatehouse.list('${name}', ${text})) console.log(item)`
  return `const answer = await gatehouse.call('${name}', ${text})`
}

function graphqlOf(name: OperationName, input: Sample, schema: GraphQLSchema): string {
  const { kind } = operations[name]
  const root = { query: schema.getQueryType(), mutation: schema.getMutationType() } as const
  const type = kind === 'subscription' ? schema.getSubscriptionType() : root[kind]
  const field = type?.getFields()[graphqlFieldOf(name)]
  if (field === undefined) throw new TypeError(`${name} is no field of the schema`)
  return print(parse(`${kind} { ${field.name}${argumentsOf(field, input)} ${selectionOf(field.type)} }`))
}

function argumentsOf({ args }: GraphQLField<unknown, unknown>, input: Sample): string {
  const rest = Object.fromEntries(Object.entries(input).filter(([key]) => !args.some(({ name }) => name === key)))
  const given = args.flatMap(({ name, type }) => {
    const value = name === 'input' ? rest : input[name]
    const isEmpty = value === undefined || (name === 'input' && Object.keys(rest).length === 0)
    return isEmpty ? [] : [`${name}: ${literalOf(value, type)}`]
  })
  return given.length === 0 ? '' : `(${given.join(', ')})`
}

/** A value as GraphQL writes it; what is one scalar for the schema is written as what it is. */
function literalOf(value: unknown, of?: GraphQLInputType): string {
  const type = of === undefined ? undefined : getNullableType(of)
  if (Array.isArray(value))
    return `[${value.map((one) => literalOf(one, isListType(type) ? type.ofType : undefined)).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const fields = isInputObjectType(type) ? type.getFields() : {}
    return `{${Object.entries(value)
      .map(([key, one]) => `${key}: ${literalOf(one, fields[key]?.type)}`)
      .join(', ')}}`
  }
  return isEnumType(type) ? String(type.serialize(value)) : JSON.stringify(value)
}

/** All that an operation answers. */
function selectionOf(output: GraphQLOutputType): string {
  const type = getNamedType(output)
  if (!isObjectType(type)) return ''
  // edges lead on to other calls, and round again
  return `{ ${Object.values(type.getFields())
    .filter((field) => edgeAt(type.name, field.name) === undefined)
    .map((field) => `${field.name} ${selectionOf(field.type)}`)
    .join(' ')} }`
}
