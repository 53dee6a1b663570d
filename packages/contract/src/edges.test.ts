import { expect, test } from 'vitest'
import { z } from 'zod'
import { edgeAt, edges } from './edges.ts'
import { operationNames, operations } from './registry.ts'

/** Every named type of an answer, with its fields. */
const fieldsOf = new Map<string, readonly string[]>()
const visit = (schema: z.core.$ZodType): void => {
  if (schema instanceof z.ZodObject) {
    fieldsOf.set(schema.meta()?.id ?? '', Object.keys(schema.shape))
    Object.values(schema.shape).forEach(visit)
  }
  if (schema instanceof z.ZodArray) visit(schema.element)
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional) visit(schema.unwrap())
}
operationNames.forEach((name) => visit(operations[name].output))

test('an edge stands in a type that is answered, beside its fields and in the place of none', () => {
  for (const { on, field } of edges) {
    expect(fieldsOf.get(on), `${on}.${field}`).toBeDefined()
    expect(fieldsOf.get(on), `${on}.${field}`).not.toContain(field)
  }
  expect(new Set(edges.map(({ on, field }) => `${on}.${field}`)).size).toBe(edges.length)
})

test('an edge only reads what is soon read: no change, no stream, nothing that has a lane of its own', () => {
  for (const { operation } of edges) {
    const { kind, heavy, ownMax, parallelMax, internal } = operations[operation]
    expect({ operation, kind, heavy, ownMax, parallelMax, internal }).toEqual({ operation, kind: 'query' })
  }
})

test('what an entry names by a pseudonym, or by nothing, leads nowhere', () => {
  const user = edgeAt('AuditPrincipal', 'user')?.input as (parent: object) => unknown
  const id = '01980000-0000-7000-8000-000000000001'
  expect(user({ type: 'User', id, name: 'ada' })).toEqual({ id })
  expect(user({ type: 'User', id: 'person-mfrggzdf', name: null })).toBeNull()
  expect(user({ type: 'User', id: '', name: null })).toBeNull()
  expect(user({ type: 'Service', id, name: null })).toBeNull()
})
