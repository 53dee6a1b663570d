import type { Wire } from '@gatehouse/contract'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import type { Terminal } from './terminal.ts'
import { AUTHENTICATORS_PATH } from './web-pages.ts'

/** A wrong code may be typed this often before the refusal stands. */
const PROMPTS_MAX = 3

/** Asks for a code and proves it, again when it was mistyped. */
export const stepUpByPrompt = async (client: Client, terminal: Terminal): Promise<Wire<'auth.stepUpComplete'>> => {
  for (let prompt = 1; ; prompt += 1) {
    const totp = await terminal.ask('code of your authenticator: ', 'hidden')
    try {
      return await client.call('auth.stepUpComplete', { totp })
    } catch (error) {
      if (!(error instanceof CliError) || error.code !== 'invalid-credentials' || prompt === PROMPTS_MAX) throw error
      terminal.talk(`${error.message}\n`)
    }
  }
}

/** Whether this person has an authenticator that shows codes; a server that does not say is asked for one. */
export const hasCodes = async (client: Client): Promise<boolean> => {
  const options = await client.call('auth.stepUpBegin', {}).catch(() => null)
  return options === null || options.methods.includes('totp') || options.methods.length === 0
}

/** What a person hears who has only keys. A key signs in a browser, for that browser's session; a terminal that is let in from there has two factors, and never a fresh one (RFC 8628 gives no way). */
export const keysOnlyError = (url: string, code: string, details: CliError['details'] = {}): CliError =>
  new CliError({
    code, details,
    message: 'you prove yourself by a security key or passkey, which works in a browser only, for what is done there',
    hint: code === 'mfa-required' ? 'gatehouse auth login, by the browser' : `do this at ${url}, or add an authenticator app for the terminal there: ${url}${AUTHENTICATORS_PATH}`,
  })
