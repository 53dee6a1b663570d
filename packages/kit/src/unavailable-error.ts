/** What is needed does not answer, or is full: nothing was done, and the same may well work a moment later. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError'
}
