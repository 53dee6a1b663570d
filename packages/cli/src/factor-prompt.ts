import type { Wire } from '@gatehouse/contract'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import type { Terminal } from './terminal.ts'

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
