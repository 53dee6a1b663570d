/** Where this program reads and writes; the real one is the process's, tests bring their own. */
export interface Terminal {
  /** Data, on standard output. */
  readonly out: (data: string | Uint8Array) => void
  /** Talk, on standard error. */
  readonly talk: (text: string) => void
  /** Answers once all that was written is out; throws where some of it could not be written. */
  readonly flush: () => Promise<void>
  /** Aborted when nobody takes data any more: the reader of a pipe has gone. */
  readonly outEnded: AbortSignal
  /** Whether a person sits there who can be asked. */
  readonly interactive: boolean
  /** Columns of standard output; null when it is no terminal and tables need not fit. */
  readonly width: number | null
  readonly colour: boolean
  /** All of standard input. */
  readonly readAll: () => Promise<string>
  /** The bytes of standard input, at most so many. */
  readonly readBytes: (bytesMax: number) => Promise<Uint8Array>
  /** A line that a person types; shown or not. */
  readonly ask: (question: string, echo: 'shown' | 'hidden') => Promise<string>
}
