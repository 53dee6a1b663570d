import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { loadConfig, openSettingsFile, type Config } from '@gatehouse/config'
import { z } from 'zod'

/** The repository's root: relative paths of settings start there. */
const root = resolve(import.meta.dirname, '../../..')

/** The settings of this process. The one place of the worker that reads the environment. */
export const readConfig = async (): Promise<Config> =>
  loadConfig(process.env, root, await openSettingsFile(process.env, root))

/** The version of this Gatehouse, from the root's package.json. */
export const version: string = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).version
