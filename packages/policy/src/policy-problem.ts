import type { DetailedError } from '@cedar-policy/cedar-wasm/nodejs'
import { shownText } from '@gatehouse/kit'

/** One thing that is wrong with a policy directory, where, and what would be right. */
export interface PolicyProblem {
  readonly file: string
  /** Counted from 1; null: the file as a whole. */
  readonly line: number | null
  readonly message: string
}

/** A policy directory that cannot be put in force. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError'
  readonly problems: readonly PolicyProblem[]

  constructor(problems: readonly PolicyProblem[], options?: { readonly cause: unknown }) {
    super(problems.map(problemText).join('\n'), options)
    this.problems = problems
  }
}

/** `production/ssh.cedar:12: attribute ...`, as compilers say it. */
export const problemText = ({ file, line, message }: PolicyProblem): string =>
  `${file}:${line === null ? '' : `${line}:`} ${message}`

/** Text that Cedar was given, and where it stands. */
export interface Place {
  readonly file: string
  /** Line on which `text` begins, counted from 1. */
  readonly firstLine: number
  readonly text: string
}

/**
 * Puts an error of Cedar's into words and at its line. Cedar counts bytes, and quotes the policy: what steers or hides
 * in it is not passed on.
 */
export function problemAt(place: Place, error: DetailedError): PolicyProblem {
  const source = error.sourceLocations?.[0]
  const line = source === undefined ? place.firstLine : place.firstLine + newlinesIn(place.text, source.start)
  const wanted = source?.label ?? error.help
  return {
    file: place.file,
    line,
    message: shownText(wanted === null || wanted === undefined ? error.message : `${error.message}; ${wanted}`),
  }
}

const newline = 0x0a

/** Line breaks before a byte of the text. */
function newlinesIn(text: string, byte: number): number {
  return Buffer.from(text)
    .subarray(0, byte)
    .reduce((count, at) => (at === newline ? count + 1 : count), 0)
}
