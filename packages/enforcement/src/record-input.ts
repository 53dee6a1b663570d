import { Secret, type Operation } from '@gatehouse/contract'

/** The input as the audit record keeps it: without what the declaration omits, without secrets, times as text. */
export function recordedInput(operation: Operation, input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const omitted = new Set<string>(operation.audit.omit)
  return Object.fromEntries(
    Object.entries(input)
      .filter(([name, value]) => !omitted.has(name) && value !== undefined && !(value instanceof Secret))
      .map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]),
  )
}
