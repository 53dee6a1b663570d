import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import type { Cli } from './cli.ts'
import { localError } from './cli-error.ts'
import { findDevServer } from './find-server.ts'

/** The gateway's own program, where this package lies in its repository or image. */
const gatewayMain = join(import.meta.dirname, '..', '..', '..', 'apps', 'gateway', 'src', 'main.ts')

/** Runs a command of the gateway itself, with this terminal; on a dev server's machine with that server's databases. */
export const runOnServer = async ({ config }: Cli, words: readonly string[]): Promise<number> => {
  if (!existsSync(gatewayMain))
    throw localError(`\`${words.slice(0, 2).join(' ')}\` needs the server's checkout, which is not here`, {
      hint: "on the server's own machine, in its checkout: npx --no-install gatehouse …",
    })
  const child = spawn(process.execPath, [gatewayMain, ...words], { stdio: 'inherit', env: await environmentOf(config) })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  // what Node documents for this event
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal])
}

const environmentOf = async (config: Cli['config']): Promise<NodeJS.ProcessEnv> => {
  const dev = config.environment['DATABASE_URL'] === undefined ? await findDevServer(config) : null
  if (dev === null) return config.environment
  return {
    ...config.environment,
    DATABASE_URL: dev.database.url,
    DATABASE_ADMIN_URL: dev.database.adminUrl,
    GATEHOUSE_HOME: dev.home,
  }
}
