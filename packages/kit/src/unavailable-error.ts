interface UnavailableParts extends ErrorOptions {
  readonly hint?: string
  readonly mayBeDone?: boolean
}

/** What is needed does not answer, or is full. The same may well work a moment later. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError'
  /** What somebody has to do about it; absent: waiting may be enough. */
  readonly hint?: string
  /** Whether what was asked may have been done, its answer lost. False: nothing was. */
  readonly mayBeDone: boolean

  constructor(message: string, { hint, mayBeDone = false, ...options }: UnavailableParts = {}) {
    super(message, options)
    if (hint !== undefined) this.hint = hint
    this.mayBeDone = mayBeDone
  }
}
