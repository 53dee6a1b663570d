import { flagError } from './cli-error.ts'
import type { Terminal } from './terminal.ts'

/**
 * A secret is one line of any printable text; only the newline at its end is not part of it. `flag` is what asked for
 * it.
 */
export const secretLines = async ({ readAll }: Terminal, count: number, flag: string): Promise<readonly string[]> => {
  const text = await readAll()
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/)
  if (lines.length !== count || lines.some((line) => line === '')) {
    throw flagError(
      flag,
      count === 1 ? 'expects one line on standard input' : `expects ${count} lines on standard input`,
    )
  }
  return lines
}

/** A value that a person types, or that a flag must bring where nobody sits. */
export const askOrRequire = async (
  terminal: Terminal,
  { flag, question, echo }: { flag: string; question: string; echo: 'shown' | 'hidden' },
): Promise<string> => {
  if (!terminal.interactive) throw flagError(flag, 'is missing, and there is no terminal to ask on')
  return terminal.ask(question, echo)
}
