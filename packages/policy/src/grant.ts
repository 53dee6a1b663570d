/** What one kind of caller may do somewhere, in the words of the matrix. */
export interface Grant {
  readonly who: string
  readonly what: string
  /** The tier. */
  readonly where: string
  readonly may: string
}
