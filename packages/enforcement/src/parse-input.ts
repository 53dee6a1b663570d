import { Refusal, type FieldProblem, type Operation } from '@gatehouse/contract'

/** At most this many problems are told at once: enough for a form, too few for a probe. */
const problemsMax = 20

/** Parses the raw input by the operation's schema, strictly: an unknown field is a mistake, not a wish. */
export function parseInput(operation: Operation, raw: unknown): Record<string, unknown> {
  const result = operation.input.strict().safeParse(raw ?? {})
  if (result.success) return result.data
  const fields = result.error.issues
    .slice(0, problemsMax)
    .flatMap((issue): FieldProblem[] =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'there is no such field' }))
        : [{ path: issue.path.join('.'), message: issue.message }],
    )
  throw new Refusal('invalid-input', { fields })
}
