import type { Wire } from '@gatehouse/contract'
import { clientName, handToBrowser } from './browser-hand-off.ts'
import type { Cli } from './cli.ts'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'

type Tokens = Wire<'auth.refresh'>['tokens']

const refusal = { code: 'unauthenticated', hint: 'gatehouse auth login' } as const
const words = {
  denied: 'the log-in was denied in the browser',
  expired: 'nobody approved the log-in in time',
  cancelled: 'cancelled; you are not logged in',
} as const

/** Logs in by a browser: every kind of factor works there. */
export const deviceLogin = async (
  cli: Cli,
  client: Client,
  { browser }: { readonly browser: boolean },
): Promise<Tokens> => {
  const start = await client.call('auth.deviceStart', { client: clientName() })
  const { tokens } = await handToBrowser(cli, client, { start, browser, words, ...refusal })
  // tokens come once
  if (tokens === null) throw new CliError({ ...refusal, message: 'this log-in was used already' })
  return tokens
}
