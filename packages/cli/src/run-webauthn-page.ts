import type { Cli } from './cli.ts'
import { openBrowser } from './open-browser.ts'
import { printable } from './printable.ts'
import { showJson } from './show-output.ts'
import { AUTHENTICATORS_PATH } from './web-pages.ts'

/**
 * Opens the page on which keys and passkeys are registered: a key is made in a browser only, for the address that it is
 * for.
 */
export const runWebauthnPage = async (cli: Cli): Promise<number> => {
  const { url } = await cli.server()
  const page = `${url}${AUTHENTICATORS_PATH}`
  if (cli.options.form === 'json') showJson(cli, { url: page })
  else cli.terminal.out(`${printable(page)}\n`)
  const opened = cli.terminal.interactive && (await openBrowser(page, cli.config.environment))
  cli.terminal.talk(
    `${opened ? 'your browser was asked to open it' : 'open it in a browser'}; register the key there\n`,
  )
  return 0
}
