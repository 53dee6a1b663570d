import { dirname, isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigError, loadConfig, openSettingsFile } from '@gatehouse/config'

/** What the operator asked for, read once. */
export interface Settings {
  readonly root: string
  readonly home: string
  readonly seed: 'everyone' | 'admin only'
  readonly ports: {
    readonly gateway: number
    readonly postgres: number
    readonly temporal: number
    readonly temporalWeb: number
  }
  /** A database of the operator's own; null: the embedded one. */
  readonly database: { readonly url: string; readonly adminUrl: string } | null
  /** A Temporal of the operator's own; null: the one we start. */
  readonly temporal: { readonly address: string; readonly webUrl: string | null } | null
  readonly namespace: string
  /** How the gateway is reached: by TLS where the settings say so. */
  readonly scheme: 'http' | 'https'
  readonly loopbackLimited: boolean
}

/** The start cannot go on; the message says why and what to do. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** The variable that moves each port. */
export const PORT_VARIABLES = {
  gateway: 'GATEHOUSE_PORT',
  postgres: 'GATEHOUSE_POSTGRES_PORT',
  temporal: 'GATEHOUSE_TEMPORAL_PORT',
  temporalWeb: 'GATEHOUSE_TEMPORAL_UI_PORT',
} as const satisfies Record<keyof Settings['ports'], string>

const DEFAULT_PORT = 8420
const DEFAULT_NAMESPACE = 'gatehouse'
const PORT_MAX = 65_535

/** Reads the settings from arguments and environment; refuses what it does not understand. */
export const readSettings = async (args: readonly string[], env: NodeJS.ProcessEnv): Promise<Settings> => {
  const unknown = args.find((argument) => argument !== '--empty')
  if (unknown !== undefined) throw new StartError(`unknown argument \`${unknown}\`: only --empty is known`)
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
  return {
    root,
    home: readHome(root, env),
    seed: args.includes('--empty') ? 'admin only' : 'everyone',
    ports: readPorts(env),
    database: readDatabase(env),
    temporal: env.TEMPORAL_ADDRESS ? { address: env.TEMPORAL_ADDRESS, webUrl: env.TEMPORAL_UI_URL ?? null } : null,
    namespace: env.TEMPORAL_NAMESPACE || DEFAULT_NAMESPACE,
    scheme: await gatewayScheme(env, root),
    loopbackLimited: env.GATEHOUSE_RATE_LIMIT_LOOPBACK === '1',
  }
}

/** What the gateway itself will read: a bad setting stops the start here, in the same words. */
export const gatewayScheme = async (env: NodeJS.ProcessEnv, root: string): Promise<Settings['scheme']> => {
  try {
    const { tls } = loadConfig({ ...env, GATEHOUSE_DEV: '1' }, root, await openSettingsFile(env, root)).settings
    return tls.development || tls.certificate !== undefined ? 'https' : 'http'
  } catch (error) {
    if (error instanceof ConfigError) throw new StartError(error.message, { cause: error })
    throw error
  }
}

/** The state directory of a checkout that nobody told otherwise. */
export const defaultHome = (root: string): string => join(root, '.gatehouse')

/** Finds the state directory: GATEHOUSE_HOME, else `.gatehouse` in the repository. */
export const readHome = (root: string, env: NodeJS.ProcessEnv): string => {
  const home = env.GATEHOUSE_HOME
  if (!home) return defaultHome(root)
  return isAbsolute(home) ? home : resolve(home)
}

/** Reads one port from the environment. */
export const readPort = (env: NodeJS.ProcessEnv, variable: string, otherwise: number): number => {
  const text = env[variable]
  const port = text ? Number(text) : otherwise
  if (!Number.isInteger(port) || port < 1 || port > PORT_MAX)
    throw new StartError(`\`${variable}\` must be a port between 1 and ${PORT_MAX}, not \`${text ?? port}\``)
  return port
}

const readPorts = (env: NodeJS.ProcessEnv): Settings['ports'] => {
  const gateway = readPort(env, PORT_VARIABLES.gateway, DEFAULT_PORT)
  return {
    gateway,
    postgres: readPort(env, PORT_VARIABLES.postgres, gateway + 1),
    temporal: readPort(env, PORT_VARIABLES.temporal, gateway + 2),
    temporalWeb: readPort(env, PORT_VARIABLES.temporalWeb, gateway + 3),
  }
}

const readDatabase = (env: NodeJS.ProcessEnv): Settings['database'] => {
  const { DATABASE_URL: url, DATABASE_ADMIN_URL: adminUrl } = env
  if (!url && !adminUrl) return null
  if (!url)
    throw new StartError(
      'DATABASE_ADMIN_URL is set without DATABASE_URL, the login the gateway runs under: set both or neither',
    )
  if (!adminUrl)
    throw new StartError(
      'DATABASE_URL is set without DATABASE_ADMIN_URL, the login that owns and migrates: set both or neither',
    )
  return { url, adminUrl }
}
