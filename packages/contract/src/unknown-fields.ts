import { z } from 'zod'
import type { FieldProblem } from './refusal.ts'

/**
 * What can be said of a value by its parts' names alone. A schema of objects leaves out in silence what it does not
 * know, and whoever mistypes `context` has bound nothing.
 */
type Parts =
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, Parts | null> }
  | { readonly kind: 'list'; readonly item: Parts }
  | { readonly kind: 'record' }

/** Finds fields that a schema would leave out, below its own. */
export type FindUnknown = (value: unknown) => FieldProblem[]

/** Reads a schema once, for whoever checks many values; the fields of the schema itself are checked by itself. */
export function unknownBelow(schema: z.ZodType): FindUnknown {
  const whole = partsOf(schema)
  if (whole?.kind !== 'object') return () => []
  const below = [...whole.fields].flatMap(([name, parts]) => (parts === null ? [] : [[name, parts] as const]))
  return (value) =>
    isObject(value) ? below.flatMap(([name, parts]) => (name in value ? unknownIn(parts, value[name], name) : [])) : []
}

function partsOf(schema: z.core.$ZodType): Parts | null {
  if (schema instanceof z.ZodCodec) return partsOf(schema._zod.def.in)
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  )
    return partsOf(schema.unwrap())
  if (schema instanceof z.ZodRecord) return { kind: 'record' }
  if (schema instanceof z.ZodArray) {
    const item = partsOf(schema.element)
    return item === null ? null : { kind: 'list', item }
  }
  if (!(schema instanceof z.ZodObject)) return null
  const shape = schema.shape as Readonly<Record<string, z.core.$ZodType>>
  return { kind: 'object', fields: new Map(Object.entries(shape).map(([name, one]) => [name, partsOf(one)])) }
}

type Fields = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function unknownIn(parts: Parts, value: unknown, path: string): FieldProblem[] {
  if (parts.kind === 'list')
    return Array.isArray(value) ? value.flatMap((one, at) => unknownIn(parts.item, one, `${path}.${at}`)) : []
  if (!isObject(value)) return [] // the schema says so
  if (parts.kind === 'record') return namesLost(value, path)
  return Object.entries(value).flatMap(([name, one]): FieldProblem[] => {
    const known = parts.fields.get(name)
    if (known === undefined) return [{ path: `${path}.${shown(name)}`, message: 'there is no such field' }]
    return known === null ? [] : unknownIn(known, one, `${path}.${name}`)
  })
}

/** Names that a record would not keep: one that is an object's own, and the second of two that are one text. */
function namesLost(value: Fields, path: string): FieldProblem[] {
  const names = Object.keys(value)
  if (names.includes('__proto__')) return [{ path: `${path}.__proto__`, message: 'another name' }]
  const texts = new Set(names.map((name) => name.normalize('NFC')))
  return texts.size === names.length ? [] : [{ path, message: 'each name once; two of these are the same text' }]
}

/** Names that come from outside are cut, and hold nothing that steers a terminal. */
const shownMax = 64
const shown = (name: string): string =>
  name
    .slice(0, shownMax)
    .toWellFormed()
    .replace(/[^\p{L}\p{N}_$-]/gu, '?')
