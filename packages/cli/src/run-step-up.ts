import { operations } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { flagError } from './cli-error.ts'
import { hasCodes, keysOnlyError, stepUpByPrompt } from './factor-prompt.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { showOutput } from './show-output.ts'

/** Proves the second factor again, by a code, in this session. A key can only do it for a browser's. */
export const runStepUp = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const client = await cli.client()
  const totp = textOf(values, 'totp')
  if (totp === null && !cli.terminal.interactive) throw flagError('totp', 'is missing, and there is no terminal to ask on')
  if (totp === null && !(await hasCodes(client))) throw keysOnlyError(client.server.url, 'step-up-required')
  showOutput(cli, operations['auth.whoami'], totp === null ? await stepUpByPrompt(client, cli.terminal) : await client.call('auth.stepUpComplete', { totp }))
  return 0
}
