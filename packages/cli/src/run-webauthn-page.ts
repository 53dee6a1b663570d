import type { Cli } from './cli.ts'
import { openBrowser } from './open-browser.ts'
import { printable } from './printable.ts'
import { showJson } from './show-output.ts'

/** Where a person's authenticators are in the web UI. */
const ACCOUNT_PATH = '/me/account'

/** Opens the page on which keys and passkeys are registered: a key signs in a browser only, for the address that it is for. */
export const runWebauthnPage = async (cli: Cli): Promise<number> => {
  const { url } = await cli.server()
  const page = `${url}${ACCOUNT_PATH}`
  if (cli.options.form === 'json') showJson(cli, { url: page })
  else cli.terminal.out(`${printable(page)}\n`)
  if (cli.terminal.interactive && await openBrowser(page, cli.config.environment)) cli.terminal.talk('your browser was asked to open it; register the key there\n')
  else cli.terminal.talk('open it in a browser and register the key there\n')
  return 0
}
