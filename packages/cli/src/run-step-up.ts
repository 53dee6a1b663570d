import { operations } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { askOrRequire } from './secrets-from-stdin.ts'
import { showOutput } from './show-output.ts'

/** Proves the second factor again. */
export const runStepUp = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const totp = textOf(values, 'totp') ?? await askOrRequire(cli.terminal, { flag: 'totp', question: 'code of your authenticator: ', echo: 'hidden' })
  const who = await (await cli.client()).call('auth.stepUpComplete', { totp })
  showOutput(cli, operations['auth.whoami'], who)
  return 0
}
