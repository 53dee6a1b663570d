import { z } from 'zod'
import type { Operation } from './operation.ts'

const schemas = new WeakSet<z.ZodType>()

/**
 * Marks a type of text as one that says something of a person. An input field of such a type is committed to in the
 * audit log and kept beside it, sealed, so that it can be erased.
 */
export function personal<T extends z.ZodType>(schema: T): T {
  schemas.add(schema)
  return schema
}

/**
 * The input fields of an operation that say something of a person: by their type, by one that they hold within, or
 * because it names them. A field is committed to as a whole; what is not recorded at all is none.
 */
export function personalInputs({ input, audit }: Pick<Operation, 'input' | 'audit'>): readonly string[] {
  const named = new Set<string>(audit.personal ?? [])
  return Object.entries(input.shape)
    .filter(([field]) => !audit.omit.some((omitted) => omitted === field))
    .filter(([field, schema]) => named.has(field) || holdsPersonal(schema as z.ZodType)) // zod's core type of the same
    .map(([field]) => field)
}

function holdsPersonal(schema: z.ZodType): boolean {
  const inner = withoutWrapping(schema)
  return schemas.has(inner) || partsOf(inner).some((part) => holdsPersonal(part as z.ZodType))
}

/** What a list or an object is made of. */
function partsOf(schema: z.ZodType): readonly unknown[] {
  if (schema instanceof z.ZodArray) return [schema.element]
  if (schema instanceof z.ZodObject) return Object.values(schema.shape as Readonly<Record<string, unknown>>)
  if (schema instanceof z.ZodRecord) return [schema.valueType]
  if (schema instanceof z.ZodPipe) return [schema.in]
  return []
}

/** What may be absent, or has a default, is of its inner type. */
function withoutWrapping(schema: z.ZodType): z.ZodType {
  let inner = schema
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodNullable)
    inner = inner.unwrap() as z.ZodType // zod's core type of the same object
  return inner
}
