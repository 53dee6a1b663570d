import type { Cli } from './cli.ts'
import { cliVersion } from './cli-version.ts'
import { showJson } from './show-output.ts'

/** Prints the version of this program; the server's own is `system version`. */
export const runVersion = (cli: Cli): Promise<number> => {
  if (cli.options.form === 'json') showJson(cli, { version: cliVersion })
  else cli.terminal.out(cli.options.quiet ? `${cliVersion}\n` : `gatehouse ${cliVersion}\n`)
  return Promise.resolve(0)
}
