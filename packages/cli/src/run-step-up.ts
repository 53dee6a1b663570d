import { operations } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { flagError, usageError } from './cli-error.ts'
import { hasCodes, stepUpByPrompt } from './factor-prompt.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { showOutput } from './show-output.ts'
import { stepUpInBrowser } from './step-up-in-browser.ts'

/** Proves the second factor again in this session: by a code, or in a browser, where keys and passkeys work. */
export const runStepUp = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const totp = textOf(values, 'totp')
  const asked = values['inBrowser'] === true
  if (totp !== null && asked)
    throw usageError('--totp and --in-browser are two ways to prove it; choose one', {
      hint: 'gatehouse auth step-up --help',
    })
  if (totp === null && !asked && !cli.terminal.interactive)
    throw flagError('totp', 'is missing, and there is no terminal to ask on; with --in-browser a browser is asked')
  const client = await cli.client()
  if (totp !== null) showOutput(cli, operations['auth.whoami'], await client.call('auth.stepUpComplete', { totp }))
  else if (!asked && (await hasCodes(client)))
    showOutput(cli, operations['auth.whoami'], await stepUpByPrompt(client, cli.terminal))
  else await runStepUpInBrowser(cli, { values })
  return 0
}

/** The same by a browser, whatever the person has. */
export const runStepUpInBrowser = async (cli: Cli, { values }: Pick<Arguments, 'values'>): Promise<number> => {
  const client = await cli.client()
  await stepUpInBrowser(cli, client, { browser: values['noBrowser'] !== true })
  if (!cli.options.quiet) showOutput(cli, operations['auth.whoami'], await client.call('auth.whoami', {}))
  return 0
}
