import type { OperationName, Raw, Wire } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { hasCodes, stepUpByPrompt } from './factor-prompt.ts'
import { stepUpInBrowser } from './step-up-in-browser.ts'

/**
 * A client that proves the second factor again where a call is refused for the lack of it, and then makes the call once
 * more.
 */
export const withStepUp = (client: Client, cli: Cli): Client => ({
  ...client,
  call: async <N extends OperationName>(name: N, input: Raw<N>): Promise<Wire<N>> => {
    try {
      return await client.call(name, input)
    } catch (error) {
      if (!asksForFactor(error) || !(await stepUp(client, cli, error))) throw error
      return client.call(name, input)
    }
  },
})

const asksForFactor = (error: unknown): error is CliError =>
  error instanceof CliError && (error.code === 'mfa-required' || error.code === 'step-up-required')

/** Proves it by `--totp`, by asking, or in a browser for who has only keys; false when there is nobody to ask. */
const stepUp = async (client: Client, cli: Cli, why: CliError): Promise<boolean> => {
  const { terminal, options } = cli
  if (options.totp !== null) {
    await client.call('auth.stepUpComplete', { totp: options.totp })
    return true
  }
  if (!terminal.interactive) return false
  terminal.talk(`${why.message}\n`)
  if (await hasCodes(client)) await stepUpByPrompt(client, terminal)
  else await stepUpInBrowser(cli, client, { browser: true })
  return true
}
