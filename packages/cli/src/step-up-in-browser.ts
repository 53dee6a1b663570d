import { clientName, handToBrowser } from './browser-hand-off.ts'
import type { Cli } from './cli.ts'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'

const refusal = { code: 'step-up-required', hint: 'gatehouse auth step-up' } as const
const words = {
  denied: 'it was denied in the browser',
  expired: 'nobody proved it in the browser in time',
  cancelled: 'cancelled; nothing was proved',
} as const

/** Has a browser prove a factor for this session: keys and passkeys sign there only. */
export const stepUpInBrowser = async (
  cli: Cli,
  client: Client,
  { browser }: { readonly browser: boolean },
): Promise<void> => {
  const { browser: start } = await client.call('auth.stepUpBegin', { inBrowser: true, client: clientName() })
  if (start === null) throw new CliError({ code: 'fault', message: 'the server named no page to prove it on' })
  await handToBrowser(cli, client, { start, browser, words, ...refusal })
}
