/** What is wrong with a table, and where: `line 4, cell 2`, or `file` where it is the whole. */
export interface TableProblem {
  readonly path: string
  readonly message: string
}

/** Ends the reading of a table; inside this folder only, callers are answered with the problems. */
export class TableError extends Error {
  override readonly name = 'TableError'
  readonly problems: readonly TableProblem[]

  constructor(...problems: readonly TableProblem[]) {
    super('the table cannot be read')
    this.problems = problems
  }
}

/** A problem of the table as a whole. */
export const fileError = (message: string): TableError => new TableError({ path: 'file', message })

/** What a heading or name of the file may look like to be repeated in a refusal: never a hash, never a control. */
const plainName = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,31}$/u

/** A heading of the file as a refusal may repeat it; without headings a line of hashes stands there. */
export const namedOrNot = (heading: string): string => (plainName.test(heading) ? ` \`${heading}\`` : '')
