import { checkInput, Refusal, type Operation } from '@gatehouse/contract'

/** Parses the raw input by the operation's schema, strictly: an unknown field is a mistake, not a wish. */
export function parseInput(operation: Operation, raw: unknown): Record<string, unknown> {
  const checked = checkInput(operation.input.strict(), raw ?? {})
  if ('data' in checked) return checked.data
  throw new Refusal('invalid-input', { fields: checked.problems })
}
