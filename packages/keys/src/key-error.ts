/** What is wrong with the keys. Each stops the start: a control plane with the wrong keys must not run. */
export type KeyErrorCode = 'missing' | 'exposed' | 'malformed' | 'kek-mismatch' | 'unwrap-failed'

/** A key that is missing, exposed or not the right one. The message says what to do; it never holds key material. */
export class KeyError extends Error {
  override readonly name = 'KeyError'
  readonly code: KeyErrorCode

  constructor(code: KeyErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
