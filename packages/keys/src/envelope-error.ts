/**
 * Why an envelope could not be made or opened. `not-ours` is what tampered bytes look like too: the cipher cannot tell.
 */
export type EnvelopeFailure =
  | 'malformed'
  | 'unknown-version'
  | 'unknown-suite'
  | 'wrong-key'
  | 'not-ours'
  | 'context-invalid'
  | 'too-long'

const texts = {
  malformed: 'this is no envelope: it is cut short, or was changed on its way',
  'unknown-version': 'the envelope has a format that this version does not know; a newer one made it',
  'unknown-suite': 'the envelope names a cipher that this version does not know; a newer one made it',
  'wrong-key': 'the envelope was sealed under another key or another version of the key',
  'not-ours': 'the envelope was changed, or was sealed with another context or for another workspace',
  'context-invalid': 'the context has too many entries, is too long, or holds text that is no Unicode',
  'too-long': 'the plaintext is too long for one envelope; encrypt it as a file',
} as const satisfies Record<EnvelopeFailure, string>

/** An envelope that cannot be made or opened. Says nothing of its content. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError'
  readonly code: EnvelopeFailure

  constructor(code: EnvelopeFailure, options?: { cause?: unknown }) {
    super(texts[code], options)
    this.code = code
  }
}
