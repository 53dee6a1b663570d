import type { OperationName, Raw, Wire } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'

/** A wrong code may be typed this often before the refusal stands. */
const PROMPTS_MAX = 3

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

/** Proves it by `--totp`, or by asking; false when there is nobody to ask. */
const stepUp = async (client: Client, { terminal, options }: Pick<Cli, 'terminal' | 'options'>, why: CliError): Promise<boolean> => {
  if (options.totp !== null) return complete(client, options.totp)
  if (!terminal.interactive) return false
  terminal.talk(`${why.message}\n`)
  for (let prompt = 1; prompt <= PROMPTS_MAX; prompt += 1) {
    const code = await terminal.ask('code of your authenticator: ', 'hidden')
    try {
      return await complete(client, code)
    } catch (error) {
      if (!(error instanceof CliError) || error.code !== 'invalid-credentials' || prompt === PROMPTS_MAX) throw error
      terminal.talk(`${error.message}\n`)
    }
  }
  return false
}

const complete = async (client: Client, totp: string): Promise<true> => {
  await client.call('auth.stepUpComplete', { totp })
  return true
}
