import type { Cli } from './cli.ts'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import type { Arguments } from './parse-arguments.ts'
import { showJson } from './show-output.ts'

/** Ends the session and forgets its tokens; they are forgotten also where the session is dead already. */
export const runLogout = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const client = await cli.client()
  if (await keepsApiToken(client)) return forgetApiToken(cli, client)
  const output = await client.call('auth.logout', { all: values['all'] === true }).catch((error: unknown) => {
    if (error instanceof CliError && error.code === 'unauthenticated') return { ended: 0 }
    throw error
  })
  await client.tokens.remove()
  if (cli.options.form === 'json') showJson(cli, output)
  else
    cli.terminal.talk(
      output.ended === 0
        ? 'there was no session any more\n'
        : `logged out of ${client.server.url}${output.ended > 1 ? ` · ${output.ended} sessions ended` : ''}\n`,
    )
  return 0
}

const keepsApiToken = async ({ tokens }: Client): Promise<boolean> =>
  (await tokens.read().catch(() => null))?.refreshToken === null

/** An API token is no session: it is forgotten here, and works on wherever else it is. */
const forgetApiToken = async (cli: Cli, { tokens }: Client): Promise<number> => {
  await tokens.remove()
  if (cli.options.form === 'json') showJson(cli, { ended: 0 })
  else
    cli.terminal.talk(
      'forgot the API token; it still works elsewhere · end it: gatehouse api-token revoke TOKEN --reason …\n',
    )
  return 0
}
