import type { Assurance, OperationName } from '@gatehouse/contract'
import type { Flag } from './flag.ts'

/** What is known of a command without running it. */
export interface CommandFacts {
  readonly words: readonly string[]
  /** Other words that it answers to, as they are typed. */
  readonly aliases: readonly string[]
  readonly summary: string
  /** Operations that have no command of their own, because this one calls them. */
  readonly covers: readonly OperationName[]
  readonly flags: readonly Flag[]
  /** Fields that may stand without a flag, in order. */
  readonly positionals: readonly string[]
  /** What may follow `--`; null when nothing may. */
  readonly rest: string | null
  /** Whole arguments after the command's words; each works as it stands, but for ids. */
  readonly examples: readonly string[]
  /** What the server asks of the session; null for commands that ask the server nothing, or several things. */
  readonly assurance: Assurance | null
  /** Whether words are taken as they are, for a program that this one starts. */
  readonly verbatim?: true
  /** What to say of words that it does not know, where its help is not the answer. */
  readonly hint?: string
  /** Not in the list of commands. */
  readonly hidden?: true
}
