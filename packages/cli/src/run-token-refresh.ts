import type { Cli } from './cli.ts'
import { CliError, usageError } from './cli-error.ts'
import { showJson } from './show-output.ts'

/** Exchanges the tokens now, as every command does by itself shortly before they end. */
export const runTokenRefresh = async (cli: Cli): Promise<number> => {
  if (cli.config.token !== null || cli.config.tokenFile !== null)
    throw usageError('a token of the environment is used as it is, and never refreshed')
  const client = await cli.client()
  if ((await client.refresh()) === null)
    throw new CliError({
      code: 'unauthenticated',
      message: 'there is no session to refresh',
      hint: 'gatehouse auth login',
    })
  const stored = await client.tokens.read()
  const output = { username: stored?.username ?? null, accessExpiresAt: stored?.accessExpiresAt ?? null }
  if (cli.options.form === 'json') showJson(cli, output)
  else cli.terminal.talk(`new tokens, kept where they were; the next ones are fetched by themselves\n`)
  return 0
}
