import type { Client } from './client.ts'
import type { CommandFacts } from './command-facts.ts'
import type { CliConfig } from './config.ts'
import type { Server } from './find-server.ts'
import type { Terminal } from './terminal.ts'

/** How the caller wants the answer, and what goes with every command. */
export interface OutputOptions {
  readonly form: 'table' | 'wide' | 'json'
  readonly quiet: boolean
  readonly yes: boolean
  readonly contextName: string | null
  /** A code for a step-up, should one be needed. */
  readonly totp: string | null
}

/** What a command works with. */
export interface Cli {
  readonly config: CliConfig
  readonly terminal: Terminal
  readonly options: OutputOptions
  readonly now: () => Date
  /** All of them, for the shell's questions. */
  readonly commands: readonly CommandFacts[]
  /** Finds the server at first use: help and local commands need none. */
  readonly server: () => Promise<Server>
  readonly client: () => Promise<Client>
}
