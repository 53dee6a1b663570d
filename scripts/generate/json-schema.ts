import { z } from 'zod'

/** As much of JSON Schema as zod writes for the contract. */
export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
  readonly description?: string
  readonly default?: unknown
}

/** A schema as it goes over the wire, and the named ones that it refers to. */
export const describeSchema = (
  schema: z.ZodType,
): { readonly root: JsonSchema; readonly named: Readonly<Record<string, JsonSchema>> } => {
  const { $defs = {}, ...root } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  // what zod writes of the contract has only what is declared above
  return { root: root as JsonSchema, named: $defs as Readonly<Record<string, JsonSchema>> }
}

/** The TypeScript type of a schema; named ones are looked for under `prefix`. */
export const typeText = (schema: JsonSchema, prefix: string): string => {
  if (schema.$ref !== undefined) return `${prefix}${schema.$ref.replace('#/$defs/', '')}`
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return unionOf(schema.enum.map((value) => JSON.stringify(value)))
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives !== undefined) return unionOf(alternatives.map((one) => typeText(one, prefix)))
  if (schema.allOf !== undefined) return schema.allOf.map((one) => `(${typeText(one, prefix)})`).join(' & ')
  const types = schema.type === undefined ? [] : [schema.type].flat()
  return types.length === 0 ? 'unknown' : unionOf(types.map((type) => typeOfKind(type, schema, prefix)))
}

const unionOf = (types: readonly string[]): string => [...new Set(types)].join(' | ')

const typeOfKind = (kind: string, schema: JsonSchema, prefix: string): string => {
  if (kind === 'integer') return 'number'
  if (kind === 'array') return `readonly (${typeText(schema.items ?? {}, prefix)})[]`
  return kind === 'object' ? objectText(schema, prefix) : kind
}

const objectText = (schema: JsonSchema, prefix: string): string => {
  const { properties = {}, additionalProperties } = schema
  if (Object.keys(properties).length > 0) return `{ ${propertyText(schema, prefix).join('; ')} }`
  if (typeof additionalProperties === 'object')
    return `Readonly<Record<string, ${typeText(additionalProperties, prefix)}>>`
  return 'Readonly<Record<string, never>>'
}

/** One line for each field of an object. */
export const propertyText = ({ properties = {}, required = [] }: JsonSchema, prefix: string): readonly string[] =>
  Object.entries(properties).map(([field, schema]) => {
    const optional = !required.includes(field)
    return (
      `readonly ${fieldName(field)}${optional ? '?' : ''}: ` +
      `${typeText(schema, prefix)}${optional ? ' | undefined' : ''}`
    )
  })

const fieldName = (field: string): string => (/^[A-Za-z_$][\w$]*$/.test(field) ? field : JSON.stringify(field))
