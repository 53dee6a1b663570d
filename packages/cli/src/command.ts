import type { Cli } from './cli.ts'
import type { CommandFacts } from './command-facts.ts'
import type { Arguments } from './parse-arguments.ts'

/** One command as data. What it does is loaded only when it runs. */
export interface Command extends CommandFacts {
  /** Does it; answers the exit code. */
  readonly run: (cli: Cli, args: Arguments) => Promise<number>
}

/** A hand-written command with what it does not say left out. */
export const command = (words: string, summary: string, rest: Partial<Command> & Pick<Command, 'run'>): Command => ({
  words: words.split(' '),
  aliases: [],
  covers: [],
  summary,
  flags: [],
  positionals: [],
  rest: null,
  examples: [''],
  assurance: null,
  ...rest,
})

/** `ssh-certificate revoke`: how a person types it. */
export const commandText = ({ words }: Pick<Command, 'words'>): string => words.join(' ')

/** All the words that it answers to, its own first. */
export const spellingsOf = ({ words, aliases }: Pick<Command, 'words' | 'aliases'>): readonly (readonly string[])[] => [
  words,
  ...aliases.map((alias) => alias.split(' ')),
]
