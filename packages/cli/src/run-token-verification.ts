import { operations } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { refusalError } from './cli-error.ts'
import type { Arguments } from './parse-arguments.ts'
import { secretLines } from './secrets-from-stdin.ts'
import { showOutput } from './show-output.ts'

/** Asks the server about our own token, or about one from standard input. */
export const runTokenVerification = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const client = await cli.client()
  const [given] =
    values['tokenStdin'] === true ? await secretLines(cli.terminal, 1, 'token-stdin') : [await client.bearer()]
  if (given === null || given === undefined) throw refusalError('unauthenticated', {}, 'you are not logged in')
  showOutput(cli, operations['auth.verify'], await client.call('auth.verify', { token: given }))
  return 0
}
