/** What is needed does not answer, or is full: nothing was done, and the same may well work a moment later. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError'
  /** What somebody has to do about it; absent: waiting may be enough. */
  readonly hint?: string

  constructor(message: string, { hint, ...options }: ErrorOptions & { readonly hint?: string } = {}) {
    super(message, options)
    if (hint !== undefined) this.hint = hint
  }
}
