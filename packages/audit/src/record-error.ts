/** What is wrong with the audit log itself. A person has to look; nothing of it is repaired silently. */
export type RecordErrorCode =
  | 'checkpoint-key-missing'
  | 'checkpoint-key-malformed'
  | 'checkpoint-invalid'
  | 'leaf-missing'
  | 'record-moved'
  | 'record-forked'

/** The audit log is not as it was left. The message says what was found and what follows. */
export class RecordError extends Error {
  override readonly name = 'RecordError'
  readonly code: RecordErrorCode

  constructor(code: RecordErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
