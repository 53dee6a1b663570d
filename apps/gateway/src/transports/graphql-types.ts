import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLFloat,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLString,
  type GraphQLFieldConfigMap,
  type GraphQLInputType,
  type GraphQLOutputType,
} from 'graphql'
import { z } from 'zod'
import { enumNameOf } from './graphql-names.ts'

/** Beyond 32 bits, within 2^53: what GraphQL's Int cannot carry and JSON can. */
export const SafeInt = new GraphQLScalarType<number, number>({
  name: 'SafeInt',
  description: 'An integer up to 2^53.',
  serialize: safeInteger,
  parseValue: safeInteger,
})

/**
 * A document that is passed on as it is: what a browser's ceremony makes and takes. Its parts are checked where it is
 * used.
 */
export const WebauthnJson = new GraphQLScalarType<unknown, unknown>({
  name: 'WebauthnJson',
  description: 'A JSON object of a WebAuthn ceremony (Level 3, §5.1.8).',
})

/** What policies may look at, by name: the contract says what the values may be. */
export const Facts = new GraphQLScalarType<unknown, unknown>({
  name: 'Facts',
  description: 'A JSON object: names with texts, whole numbers, true or false, or lists of texts.',
})

/** What a ciphertext is bound to, by name. */
export const KmsContext = new GraphQLScalarType<unknown, unknown>({
  name: 'KmsContext',
  description: 'A JSON object: names with texts.',
})

/** Objects whose names are the caller's own, by the ids of their schemas. */
const records: Readonly<Record<string, GraphQLScalarType>> = { Facts, KmsContext, WebauthnJson }

function safeInteger(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw new TypeError('not a safe integer')
}

/** Integer fields whose declared bounds fit GraphQL's own Int. */
const intMax = 2 ** 31 - 1

const enumTypeOf = (schema: z.ZodEnum, name: string): GraphQLEnumType =>
  new GraphQLEnumType({
    name,
    values: Object.fromEntries(schema.options.map((value) => [enumNameOf(String(value)), { value }])),
  })

/**
 * Turns the contract's zod types into GraphQL types. One instance per schema, so that a named type exists once.
 * `nestedFields`: what stands in a type beside its own fields.
 */
export function createTypes(nestedFields: (type: string) => GraphQLFieldConfigMap<unknown, unknown> = () => ({})) {
  const named = new Map<string, GraphQLOutputType & (GraphQLObjectType | GraphQLEnumType)>()
  const namedInputs = new Map<string, { readonly schema: z.ZodObject; readonly type: GraphQLInputObjectType }>()

  const enumOf = (schema: z.ZodEnum, name: string): GraphQLEnumType => {
    const known = named.get(name)
    if (known instanceof GraphQLEnumType) return known
    const made = enumTypeOf(schema, name)
    named.set(name, made)
    return made
  }

  const objectOf = (schema: z.ZodObject, name: string): GraphQLObjectType => {
    const known = named.get(name)
    if (known instanceof GraphQLObjectType) return known
    const fields = (): GraphQLFieldConfigMap<unknown, unknown> => ({
      ...nestedFields(name),
      ...mapped(schema.shape, (field, type) => ({ type: output(inner(type), `${name}.${field}`) })),
    })
    const made: GraphQLObjectType = new GraphQLObjectType({ name, fields })
    named.set(name, made)
    return made
  }

  const output = ({ schema, optional }: Inner, path: string): GraphQLOutputType => {
    const type = outputType(schema, path)
    return optional ? type : new GraphQLNonNull(type)
  }

  const outputType = (schema: z.ZodType, path: string): GraphQLOutputType => {
    if (schema instanceof z.ZodObject) return objectOf(schema, requireId(schema, path))
    if (schema instanceof z.ZodEnum) return enumOf(schema, requireId(schema, path))
    if (schema instanceof z.ZodArray) return new GraphQLList(output(inner(asType(schema.element)), path))
    return scalarOf(schema, path)
  }

  const input = ({ schema, optional }: Inner, path: string): GraphQLInputType => {
    const type = inputType(schema, path)
    return optional ? type : new GraphQLNonNull(type)
  }

  const inputType = (schema: z.ZodType, path: string): GraphQLInputType => {
    if (schema instanceof z.ZodEnum) return enumOf(schema, idOf(schema) ?? pascal(path))
    if (schema instanceof z.ZodArray) return new GraphQLList(input(inner(asType(schema.element)), path))
    if (schema instanceof z.ZodObject) return namedInput(schema, requireId(schema, path))
    return scalarOf(schema, path)
  }

  /** A thing within an input: one type by its id, wherever it stands. */
  const namedInput = (schema: z.ZodObject, id: string): GraphQLInputObjectType => {
    const known = namedInputs.get(id)
    if (known !== undefined && known.schema !== schema) throw new TypeError(`two types of inputs are called ${id}`)
    if (known !== undefined) return known.type
    const made = new GraphQLInputObjectType({
      name: `${id}Input`,
      fields: () => inputFields(Object.entries(schema.shape), id),
    })
    namedInputs.set(id, { schema, type: made })
    return made
  }

  const inputFields = (fields: readonly (readonly [string, z.core.$ZodType])[], path: string) =>
    Object.fromEntries(fields.map(([field, type]) => [field, { type: input(inner(type), `${path}.${field}`) }]))

  /** An operation's input object; null when there is nothing to give. */
  const inputObject = (
    schema: z.ZodObject,
    name: string,
    without: readonly string[],
  ): GraphQLInputObjectType | null => {
    const fields = Object.entries(schema.shape).filter(([field]) => !without.includes(field))
    if (fields.length === 0) return null
    return new GraphQLInputObjectType({ name, fields: () => inputFields(fields, name) })
  }

  return { output: (schema: z.ZodType, path: string) => output(inner(schema), path), inputObject, objectOf }
}

/** The same names with other values. */
const mapped = <V, W>(record: Readonly<Record<string, V>>, to: (name: string, value: V) => W): Record<string, W> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, to(name, value)]))

interface Inner {
  readonly schema: z.ZodType
  readonly optional: boolean
}

// core and classic types of zod are the same objects
const asType = (schema: z.core.$ZodType): z.ZodType => schema as z.ZodType

/** Strips what says only that a value may be absent. */
function inner(schema: z.core.$ZodType): Inner {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return { schema: inner(schema.unwrap()).schema, optional: true }
  }
  return { schema: asType(schema), optional: false }
}

const idOf = (schema: z.ZodType): string | undefined => z.globalRegistry.get(schema)?.id

function requireId(schema: z.ZodType, path: string): string {
  const id = idOf(schema)
  if (id === undefined) throw new TypeError(`${path}: every object and enum of an output has .meta({ id })`)
  return id
}

const pascal = (path: string): string =>
  path
    .split(/[.\s]/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')

function scalarOf(schema: z.ZodType, path: string): GraphQLScalarType {
  if (schema instanceof z.ZodCodec) return scalarOf(asType(schema._zod.def.in), path)
  if (schema instanceof z.ZodUnion && schema.options.every(isNumber)) return GraphQLInt
  if (
    schema instanceof z.ZodString ||
    schema instanceof z.ZodStringFormat ||
    schema instanceof z.ZodLiteral ||
    schema instanceof z.ZodUnion
  )
    return GraphQLString
  if (schema instanceof z.ZodRecord) return records[idOf(schema) ?? ''] ?? WebauthnJson
  if (schema instanceof z.ZodBoolean) return GraphQLBoolean
  if (schema instanceof z.ZodNumberFormat) return (schema.maxValue ?? Infinity) <= intMax ? GraphQLInt : SafeInt
  if (schema instanceof z.ZodNumber) return GraphQLFloat
  throw new TypeError(`${path}: there is no GraphQL type for ${schema._zod.def.type}`)
}

/** A choice of numbers is a number: as text no value of it would be right. */
const isNumber = (schema: z.core.$ZodType): boolean =>
  schema instanceof z.ZodLiteral && typeof schema.value === 'number'
