import { verify } from 'node:crypto'
import type { NoteVerifier } from './checkpoint.ts'

/** A text with what it is for: the signature of one kind is good for no other. */
export interface SignedText {
  readonly kind: string
  readonly text: string
}

/** What is signed. No checkpoint and no manifest begins so: their first line is the origin, or the manifest's title. */
export const signedMessage = (origin: string, { kind, text }: SignedText): Buffer =>
  Buffer.from(`gatehouse-ledger/v1\n${origin}\n${kind}\n${text}`, 'utf8')

/** Whether the key of a verifier has signed a text, in base64. */
export function isTextSignedBy(verifier: NoteVerifier, text: SignedText, signature: unknown): boolean {
  if (typeof signature !== 'string') return false
  const bytes = Buffer.from(signature, 'base64')
  // base64 has bits that nobody reads, and Node reads what is none: a signature has one spelling
  if (bytes.toString('base64') !== signature) return false
  return verify(null, signedMessage(verifier.name, text), verifier.publicKey, bytes)
}
