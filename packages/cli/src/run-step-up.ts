import { operations } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { CliError, flagError } from './cli-error.ts'
import type { Client } from './client.ts'
import { deviceLogin } from './device-login.ts'
import { hasCodes, stepUpByPrompt } from './factor-prompt.ts'
import { keepTokens } from './keep-tokens.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { showOutput } from './show-output.ts'
import { clientWith } from './token-login.ts'

/** Proves the second factor again: by a code in this session, or in the browser by a new session that takes this one's place. */
export const runStepUp = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const client = await cli.client()
  const totp = textOf(values, 'totp')
  if (totp !== null) showOutput(cli, operations['auth.whoami'], await client.call('auth.stepUpComplete', { totp }))
  else if (values['browser'] === true) await stepUpInBrowser(cli, client, values['noBrowser'] !== true)
  else await stepUpByWhatThereIs(cli, client, values['noBrowser'] !== true)
  return 0
}

const stepUpByWhatThereIs = async (cli: Cli, client: Client, browser: boolean): Promise<void> => {
  if (!cli.terminal.interactive) throw flagError('totp', 'is missing, and there is no terminal to ask on; for a security key: --browser')
  if (await hasCodes(client)) return showOutput(cli, operations['auth.whoami'], await stepUpByPrompt(client, cli.terminal))
  cli.terminal.talk('your security key or passkey works in a browser\n')
  return stepUpInBrowser(cli, client, browser)
}

/** A key signs for a browser's session, which no terminal can share: so the terminal gets a session of its own from it, as fresh as the browser's proof, and ends the old one. */
const stepUpInBrowser = async (cli: Cli, client: Client, browser: boolean): Promise<void> => {
  const before = await client.call('auth.whoami', {})
  const oldBearer = await client.bearer()
  const stored = await client.tokens.read()
  if (stored?.refreshToken === undefined || stored.refreshToken === null) throw new CliError({ code: 'step-up-required', message: 'an API token proves no second factor', hint: 'gatehouse auth login' })
  const tokens = await deviceLogin(cli, client, { browser })
  const fresh = await clientWith(cli, tokens.accessToken ?? '')
  const who = await fresh.call('auth.whoami', {})
  if (who.id !== before.id) {
    await fresh.call('auth.logout', {})
    throw new CliError({ code: 'forbidden', message: `it was ${who.username} who approved, and you are ${before.username} here; nothing was changed`, hint: 'gatehouse auth login' })
  }
  await keepTokens({ tokens: client.tokens, given: tokens, username: who.username, warn: (text) => cli.terminal.talk(`gatehouse: ${text}\n`) })
  if (oldBearer !== null) await (await clientWith(cli, oldBearer)).call('auth.logout', {}).catch(() => {}) // it ends by itself, too
  showOutput(cli, operations['auth.whoami'], who)
  if (who.assurance !== 'su') throw new CliError({ code: 'step-up-required', message: 'the browser\'s own proof is too old', hint: 'prove your key there once more, then: gatehouse auth step-up --browser' })
  cli.terminal.talk('this is a new session; the one before has ended\n')
}
