import { homedir } from 'node:os'
import { join } from 'node:path'

/** What the environment says; read once, passed by value. */
export interface CliConfig {
  readonly url: string | null
  readonly token: string | null
  readonly tokenFile: string | null
  /** A PEM file of certificates that are trusted beside the usual ones. */
  readonly ca: string | null
  /** Where new tokens go: `keyring` or `file`; null: the keyring where there is one. */
  readonly tokenStore: string | null
  /** Contexts, tokens and remembered checkpoints. */
  readonly configHome: string
  /** State directory of a local dev server, when it is not the default one. */
  readonly gatehouseHome: string | null
  readonly cwd: string
  readonly colourWanted: boolean
  readonly columns: number | null
  /** Handed on to programs that we start: ssh, and the gateway's own commands. */
  readonly environment: NodeJS.ProcessEnv
}

/** Reads the variables that `interfaces.md` names; an empty one counts as unset. */
export const readConfig = (environment: NodeJS.ProcessEnv, cwd: string): CliConfig => {
  const text = (name: string): string | null => environment[name] || null
  return {
    url: text('GATEHOUSE_URL'),
    token: text('GATEHOUSE_TOKEN'),
    tokenFile: text('GATEHOUSE_TOKEN_FILE'),
    ca: text('GATEHOUSE_CA'),
    tokenStore: text('GATEHOUSE_TOKEN_STORE'),
    configHome:
      text('GATEHOUSE_CONFIG_HOME') ??
      join(text('XDG_CONFIG_HOME') ?? join(text('HOME') ?? homedir(), '.config'), 'gatehouse'),
    gatehouseHome: text('GATEHOUSE_HOME'),
    cwd,
    colourWanted: text('NO_COLOR') === null && text('CI') === null && text('TERM') !== 'dumb',
    columns: positiveInteger(text('COLUMNS')),
    environment,
  }
}

const positiveInteger = (text: string | null): number | null =>
  text !== null && /^[1-9]\d{0,3}$/.test(text) ? Number(text) : null
