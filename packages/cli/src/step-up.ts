import type { OperationName, Raw, Wire } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { hasCodes, keysOnlyError, stepUpByPrompt } from './factor-prompt.ts'

/** A client that proves the second factor again where a call is refused for the lack of it, and then makes the call once more. */
export const withStepUp = (client: Client, cli: Pick<Cli, 'terminal' | 'options'>): Client => ({
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

/** Proves it by `--totp`, or by asking; false when there is nobody to ask. Who has only keys is told where they work. */
const stepUp = async (client: Client, { terminal, options }: Pick<Cli, 'terminal' | 'options'>, why: CliError): Promise<boolean> => {
  if (options.totp !== null) {
    await client.call('auth.stepUpComplete', { totp: options.totp })
    return true
  }
  if (!terminal.interactive) return false
  if (!(await hasCodes(client))) throw keysOnlyError(client.server.url, why.code, why.details)
  terminal.talk(`${why.message}\n`)
  await stepUpByPrompt(client, terminal)
  return true
}
