import type { Cli } from './cli.ts'
import { openBrowser } from './open-browser.ts'
import { printable } from './printable.ts'
import { showJson } from './show-output.ts'
import { AUTHENTICATORS_PATH } from './web-pages.ts'

/** Opens the page on which keys and passkeys are looked after: a key signs in a browser only, for the address that it is for. `what` is to be done there. */
export const runWebauthnPage = async (cli: Cli, what: 'register' | 'prove'): Promise<number> => {
  const { url } = await cli.server()
  const page = `${url}${AUTHENTICATORS_PATH}`
  if (cli.options.form === 'json') showJson(cli, { url: page })
  else cli.terminal.out(`${printable(page)}\n`)
  const opened = cli.terminal.interactive && await openBrowser(page, cli.config.environment)
  cli.terminal.talk(`${opened ? 'your browser was asked to open it' : 'open it in a browser'}; ${texts[what]}\n`)
  return 0
}

const texts = {
  register: 'register the key there',
  prove: 'what you prove there counts there: this terminal takes codes of an authenticator app',
} as const
