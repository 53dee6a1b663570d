import type { Raw, Wire } from '@gatehouse/contract'
import type { Ciphertext } from './key-words.ts'

/** As many as one page may ask for. */
const pageItems = 200

/** So many are listed in a browser: 25 calls, a quarter of what a person has in a minute. */
export const listedMax = 5_000

/** Ciphertexts of one version, and whether these are all. */
export interface ToReplace {
  readonly items: readonly Ciphertext[]
  readonly complete: boolean
}

type Ask = (input: Raw<'kmsKey.ciphertexts'>) => Promise<Wire<'kmsKey.ciphertexts'>>

/** Every ciphertext of a version, page by page. */
export async function ciphertextsOf(ask: Ask, { id, version }: { id: string; version: number }): Promise<ToReplace> {
  const items: Ciphertext[] = []
  let after: string | undefined
  do {
    const page = await ask({ id, version, first: pageItems, after })
    items.push(...page.items)
    after = page.nextCursor ?? undefined
  } while (after !== undefined && items.length < listedMax)
  return { items, complete: after === undefined }
}

/** One line for each: where it lies, its id, when it was encrypted. */
export const listText = (items: readonly Ciphertext[]): string =>
  items.map((one) => `${one.location ?? 'location not given'}\t${one.id}\t${one.sealedAt}\n`).join('')
