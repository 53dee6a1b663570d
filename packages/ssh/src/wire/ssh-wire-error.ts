/**
 * What is wrong: bytes that break the format, something we do not speak, or a value that we refuse to put on the wire.
 */
export type SshWireErrorCode = 'malformed' | 'unsupported' | 'refused'

/** Thrown by everything under `ssh/wire`; the message names the field and never holds secret bytes. */
export class SshWireError extends Error {
  override readonly name: string = 'SshWireError'
  readonly code: SshWireErrorCode

  constructor(code: SshWireErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The error for bytes that break a format. */
export const malformed = (message: string, cause?: unknown): SshWireError =>
  new SshWireError('malformed', message, { cause })

/** The error for a well-formed thing that we do not speak. */
export const unsupported = (message: string): SshWireError => new SshWireError('unsupported', message)

/** The error for a value that must never reach a certificate, a revocation list or a line. */
export const refused = (message: string): SshWireError => new SshWireError('refused', message)
