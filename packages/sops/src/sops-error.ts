/** Why a document was refused. Each is something that its owner can act on. */
export type SopsErrorCode =
  | 'malformed'
  | 'encoding'
  | 'too-large'
  | 'unsupported'
  | 'not-encrypted'
  | 'already-encrypted'
  | 'tampered'
  | 'no-key'
  | 'no-rule'
  | 'bad-rule'
  | 'bad-recipient'
  | 'path-not-found'

/** A document, a key or a rule that is refused. The message never holds a value of the document. */
export class SopsError extends Error {
  override readonly name = 'SopsError'
  readonly code: SopsErrorCode

  constructor(code: SopsErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
