/** The word that makes this program a process which asks the keyring one thing, and nothing else. */
export const keyringWord = '__keyring'

/**
 * One question to the keyring, as it goes to that process's standard input: never by arguments, which others can
 * read.
 */
export interface KeyringQuestion {
  readonly verb: 'read' | 'write' | 'remove'
  readonly service: string
  readonly name: string
  /** What is to be kept. */
  readonly text?: string
}

/** What it answers on standard output, after a line that says that it is about to ask. */
export type KeyringAnswer = { readonly text: string | null } | { readonly problem: string }
