import type { Cli } from './cli.ts'

/** Back to the start of the line, and nothing left on it. */
const CLEAR_LINE = '\r\u001b[K'

/** A line that is written over, and what takes it away. */
export interface ProgressLine {
  readonly say: (text: string) => void
  readonly end: () => void
}

/** Said on a terminal only; in a pipe, without colour and where silence was asked for nothing is. */
export const progressLine = ({ terminal, options }: Cli): ProgressLine | null => {
  if (!terminal.interactive || !terminal.colour || options.quiet) return null
  let said = false
  return {
    say: (text) => {
      said = true
      terminal.talk(`${CLEAR_LINE}${text}`)
    },
    end: () => {
      if (said) terminal.talk(CLEAR_LINE)
    },
  }
}
