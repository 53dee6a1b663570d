import { checkInput, operations, type OperationName } from '@gatehouse/contract'
import { z } from 'zod'

/** What only repeats the type. */
const saysNothing = /^(one of |text$|a number$|a whole number$|true or false$|an object with named fields$|a list$)/

/**
 * What would be right in a field, in the words of its own refusal: the contract is asked by a value that is right for
 * no field. Empty where the type says it all.
 */
export function wordsOf(name: OperationName, field: string): string {
  const type = operations[name].input.shape[field]
  if (type === undefined) throw new TypeError(`${name} has no field ${field}`)
  const words = refusalOf(type, null)
  if (words !== 'a list') return saysNothing.test(words) ? '' : words
  const each = refusalOf(type, [null])
  return saysNothing.test(each) ? '' : `each: ${each}`
}

function refusalOf(type: z.core.$ZodType, value: unknown): string {
  // core and classic types of zod are the same objects
  const checked = checkInput(z.object({ value: type as z.ZodType }), { value })
  return 'problems' in checked ? (checked.problems[0]?.message ?? '') : ''
}
