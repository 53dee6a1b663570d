import { resolve } from 'node:path'
import { loadConfig, type Config } from '@gatehouse/config'

/** The repository's root: relative paths of settings start there. */
export const root = resolve(import.meta.dirname, '../../..')

/** The settings of this process. The one place of the gateway that reads the environment. */
export const readConfig = (): Config => loadConfig(process.env, root)
