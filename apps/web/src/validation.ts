import './zod-without-eval.ts'
import { operations, type OperationName } from '@gatehouse/contract'

/**
 * Checks an input by the contract's own schema. Path → what would be right; empty when all is well.
 * Loaded when a form is sent: the schemas are the heaviest part of the page, and the log-in does without.
 */
export function problemsOf(name: OperationName, input: object): Readonly<Record<string, string>> {
  const checked = operations[name].input.safeParse(input)
  if (checked.success) return {}
  return Object.fromEntries(checked.error.issues.map((issue) => [String(issue.path[0] ?? ''), issue.message]))
}

/** The same with the whole path of each problem, for inputs that are lists of things. */
export function fieldsOf(
  name: OperationName,
  input: object,
): readonly { readonly path: string; readonly message: string }[] {
  const checked = operations[name].input.safeParse(input)
  if (checked.success) return []
  return checked.error.issues.map(({ path, message }) => ({
    path: path.join('.'),
    message: at(input, path) === undefined ? 'this is needed' : message,
  }))
}

const at = (input: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  ) // any object may be looked into
