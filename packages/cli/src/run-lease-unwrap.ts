import type { Cli } from './cli.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { askOrRequire, secretLines } from './secrets-from-stdin.ts'
import { showCredential } from './show-credential.ts'

/** Opens a wrapped credential. Its token is never an argument: all programs see those, and shells keep them. */
export const runLeaseUnwrap = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const role = textOf(values, 'role')
  const token = await tokenFor(cli, values)
  const client = await cli.client()
  showCredential(cli, await client.call('lease.unwrap', { token, ...(role === null ? {} : { role }) }))
  return 0
}

/** A person is asked; where nobody sits it is read, as what pipes it in expects. */
async function tokenFor({ terminal }: Cli, values: Arguments['values']): Promise<string> {
  if (values['tokenStdin'] !== true && terminal.interactive)
    return (await askOrRequire(terminal, { flag: 'token-stdin', question: 'wrap token: ', echo: 'hidden' })).trim()
  const [token = ''] = await secretLines(terminal, 1, 'token-stdin')
  return token.trim()
}
