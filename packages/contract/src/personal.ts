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

/** The input fields of an operation that say something of a person: by their type, or because it names them. */
export function personalInputs({ input, audit }: Pick<Operation, 'input' | 'audit'>): readonly string[] {
  const named = new Set<string>(audit.personal ?? [])
  return Object.entries(input.shape)
    .filter(([field, schema]) => named.has(field) || schemas.has(withoutWrapping(schema as z.ZodType)))
    .map(([field]) => field)
}

/** What may be absent, or has a default, is of its inner type. */
function withoutWrapping(schema: z.ZodType): z.ZodType {
  let inner = schema
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodNullable)
    inner = inner.unwrap() as z.ZodType // zod's core type of the same object
  return inner
}
