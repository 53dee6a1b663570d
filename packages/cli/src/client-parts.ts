import type { CliConfig } from './config.ts'
import type { Server } from './find-server.ts'

/** What a client is made of. */
export interface ClientParts {
  readonly config: CliConfig
  readonly server: Server
  readonly now: () => Date
  readonly warn: (text: string) => void
  /** The only token to call with, whatever is kept or set. */
  readonly bearer?: string
  /** Ends the calls that are still open. */
  readonly over?: AbortSignal | undefined
}
