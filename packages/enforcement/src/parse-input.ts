import { checkInput, Refusal, unknownBelow, type FindUnknown, type Operation } from '@gatehouse/contract'

interface Strict {
  readonly input: Operation['input']
  readonly unknownBelow: FindUnknown
}

/** Making a schema strict costs as much as using it: it is done once for each operation. */
const strictInputs = new WeakMap<Operation, Strict>()

/** As many problems as a form shows. */
const problemsMax = 20

/** Parses the raw input by the operation's schema, strictly: an unknown field is a mistake, not a wish. */
export function parseInput(operation: Operation, raw: unknown): Record<string, unknown> {
  const strict = strictInputOf(operation)
  const checked = checkInput(strict.input, raw ?? {})
  const unknown = strict.unknownBelow(raw)
  if ('data' in checked && unknown.length === 0) return checked.data
  const wrong = 'data' in checked ? [] : checked.problems
  throw new Refusal('invalid-input', { fields: [...wrong, ...unknown].slice(0, problemsMax) })
}

function strictInputOf(operation: Operation): Strict {
  const known = strictInputs.get(operation)
  if (known !== undefined) return known
  const strict = { input: operation.input.strict(), unknownBelow: unknownBelow(operation.input) }
  strictInputs.set(operation, strict)
  return strict
}
