import { invalidField, type Input, type Refusal } from '@gatehouse/contract'
import type { ItemProblem, ItemResult } from './service/key-service.ts'

/** What a call is about: one item in itself, or those in `items`; the contract sees to it that it is either. */
export const itemsOf = <T>(one: T | null, items: readonly T[] | undefined): readonly T[] =>
  items ?? (one === null ? [] : [one])

type PlainInput = Input<'kms.encrypt'>
type CipherInput = Input<'kms.decrypt'>
type PlainItem = NonNullable<PlainInput['items']>[number]
type CipherItem = NonNullable<CipherInput['items']>[number]

/** What is to be encrypted, with the place of each in the input. */
export const plainItemsOf = ({ plaintext, context, location, items }: PlainInput): readonly PlainItem[] =>
  itemsOf(plaintext === undefined ? null : { plaintext, context: context ?? {}, location }, items)

/** What is to be opened. */
export const cipherItemsOf = ({ ciphertext, context, items }: CipherInput): readonly CipherItem[] =>
  itemsOf(ciphertext === undefined ? null : { ciphertext, context: context ?? {} }, items)

/** What came of the one item of a call without `items`; null: the call has some, and each has its own problem. */
export function oneOf<T>(
  { items }: { readonly items?: readonly unknown[] | undefined },
  results: readonly ItemResult<T>[],
): T | null {
  const [result] = results
  if (items !== undefined || result === undefined) return null
  if (result.problem !== null) throw refusalOf(result.problem)
  return result.value
}

/** One item is the whole call: its problem is the call's. */
const refusalOf = (problem: ItemProblem): Refusal => {
  const { field, message } = problems[problem]
  return invalidField(field, message)
}

const problems = {
  malformed: { field: 'ciphertext', message: 'a ciphertext as kms.encrypt gave it out, whole and unchanged' },
  'unknown-version': { field: 'ciphertext', message: 'one of a format that this server knows; a newer one made it' },
  'unknown-suite': { field: 'ciphertext', message: 'one of a cipher that this server knows; a newer one made it' },
  'wrong-key': { field: 'ciphertext', message: 'one of this very key' },
  'not-ours': { field: 'ciphertext', message: 'one that was not changed, with the context that it was encrypted with' },
  'not-in-census': { field: 'ciphertext', message: 'one that this key service gave out: its version was revoked' },
  'below-minimum': { field: 'ciphertext', message: 'one of a version of the key that is still opened' },
  'version-revoked': { field: 'ciphertext', message: 'rewrapped first: its version was revoked' },
  'version-destroyed': { field: 'ciphertext', message: 'one of a version whose material is not destroyed' },
  'context-invalid': { field: 'context', message: 'at most 32 entries, 8,192 bytes' },
  'too-long': { field: 'plaintext', message: 'shorter; encrypt long ones as a file' },
} as const satisfies Record<ItemProblem, { readonly field: string; readonly message: string }>
