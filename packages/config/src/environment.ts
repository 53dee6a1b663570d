/** The variables a process was started with. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A setting that is wrong: which, and what would be right. Stops the start. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}
