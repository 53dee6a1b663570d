import { resolve } from 'node:path'
import { loadConfig, openSettingsFile, type Config } from '@gatehouse/config'

/** The repository's root: relative paths of settings start there. */
export const root = resolve(import.meta.dirname, '../../..')

/** The settings of this process. The one place of the gateway that reads the environment. */
export const readConfig = async (): Promise<Config> =>
  loadConfig(process.env, root, await openSettingsFile(process.env, root))
