import { timingSafeEqual } from 'node:crypto'
import { KekError } from './kek-error.ts'
import type { KeyEncryptionKey } from './kek.ts'

/** Wraps, and opens what was wrapped: what was never opened is not known to open. */
export async function wrapProven(kek: KeyEncryptionKey, key: Uint8Array, purpose: string): Promise<string> {
  const wrapped = await kek.wrap(key, purpose)
  const opened = await kek.unwrap(wrapped, purpose)
  if (opened.length !== key.length || !timingSafeEqual(opened, key)) throw new KekError('rejected', kek.uri)
  return wrapped
}
