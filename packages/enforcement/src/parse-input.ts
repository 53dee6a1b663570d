import { checkInput, Refusal, type Operation } from '@gatehouse/contract'

/** Making a schema strict costs as much as using it: it is done once for each operation. */
const strictInputs = new WeakMap<Operation, Operation['input']>()

/** Parses the raw input by the operation's schema, strictly: an unknown field is a mistake, not a wish. */
export function parseInput(operation: Operation, raw: unknown): Record<string, unknown> {
  const checked = checkInput(strictInputOf(operation), raw ?? {})
  if ('data' in checked) return checked.data
  throw new Refusal('invalid-input', { fields: checked.problems })
}

function strictInputOf(operation: Operation): Operation['input'] {
  const known = strictInputs.get(operation)
  if (known !== undefined) return known
  const strict = operation.input.strict()
  strictInputs.set(operation, strict)
  return strict
}
