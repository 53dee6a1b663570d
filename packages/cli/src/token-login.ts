import type { Cli } from './cli.ts'
import { CliError } from './cli-error.ts'
import { openClient, type Client } from './client.ts'
import { secretLines } from './secrets-from-stdin.ts'
import { factsOf, whoOrFacts, type TokenFacts } from './token-facts.ts'

/** A token from standard input, or typed; never from the command line, where others can read it. */
export const readToken = async ({ terminal }: Cli): Promise<string> => {
  if (terminal.interactive) return (await terminal.ask('API token: ', 'hidden')).trim()
  const [token = ''] = await secretLines(terminal, 1, 'with-token')
  return token.trim()
}

/** A client that calls with one given token, whatever is kept or set. */
export const clientWith = async (cli: Cli, token: string): Promise<Client> =>
  openClient({
    config: cli.config,
    bearer: token,
    server: await cli.server(),
    now: cli.now,
    warn: (text) => cli.terminal.talk(`gatehouse: ${text}\n`),
  })

/** Whose token this is, what it may do and how long it lives; refused when it is worth nothing. */
export const checkToken = async (cli: Cli, token: string): Promise<TokenFacts> => {
  const client = await clientWith(cli, token)
  const found = await whoOrFacts(client).catch((error: unknown) => {
    if (error instanceof CliError && error.code === 'unauthenticated')
      throw new CliError({
        code: 'unauthenticated',
        message: 'the server does not take this token; nothing was kept',
        hint: 'gatehouse api-token create NAME',
        cause: error,
      })
    throw error
  })
  return 'facts' in found ? found.facts : { ...(await factsOf(client, token)), username: found.who.username }
}
