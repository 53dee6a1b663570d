/** A server could not be set up; the message says what to do. */
export class ServerSetupError extends Error {
  override readonly name = 'ServerSetupError'
}
