import { spellingsOf, type Command } from './command.ts'
import type { CommandFacts } from './command-facts.ts'
import { commonFlags } from './flag.ts'

/** A command, and the words of the line that are not its own. */
export interface FoundCommand {
  readonly command: Command
  readonly rest: readonly string[]
}

/** The longest command whose words begin the line; flags of everywhere may stand before it. */
export const findCommand = (words: readonly string[], commands: readonly Command[]): FoundCommand | null => {
  const lead = leadingFlags(words)
  const line = words.slice(lead)
  const fitting = commands.flatMap((command) =>
    spellingsOf(command)
      .filter((spelling) => begins(line, spelling))
      .map((spelling) => ({ command, spelling })),
  )
  const best = fitting.toSorted((a, b) => b.spelling.length - a.spelling.length)[0]
  return best === undefined
    ? null
    : { command: best.command, rest: [...words.slice(0, lead), ...line.slice(best.spelling.length)] }
}

/** How many words of flags stand before the first word of the command. */
export const leadingFlags = (words: readonly string[]): number => {
  let index = 0
  while (words[index]?.startsWith('-') === true && words[index] !== '--') {
    const name = (words[index] ?? '').replace(/^--?/, '')
    const takesValue = commonFlags.some(
      (flag) => flag.kind !== 'boolean' && (flag.name === name || (flag.name === 'output' && name === 'o')),
    )
    index += takesValue ? 2 : 1
  }
  return Math.min(index, words.length)
}

/** Whether commands of more words begin with these: `lease`, `auth mfa`. */
export const isGroup = (line: readonly string[], commands: readonly CommandFacts[]): boolean =>
  line.length > 0 &&
  commands.some(
    (command) =>
      command.hidden !== true &&
      spellingsOf(command).some((spelling) => spelling.length > line.length && begins(spelling, line)),
  )

/** Whether a list of words begins with another. */
export const begins = (words: readonly string[], start: readonly string[]): boolean =>
  start.every((word, index) => words[index] === word)
