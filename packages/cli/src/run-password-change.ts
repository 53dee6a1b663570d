import type { Cli } from './cli.ts'
import { usageError } from './cli-error.ts'
import { keepTokens } from './keep-tokens.ts'
import type { Arguments } from './parse-arguments.ts'
import { nextSteps } from './run-login.ts'
import { askOrRequire, secretLines } from './secrets-from-stdin.ts'
import { showJson } from './show-output.ts'
import type { Terminal } from './terminal.ts'

/** Changes the password and keeps the new tokens: the old ones are dead from then on. */
export const runPasswordChange = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const client = await cli.client()
  const { currentPassword, newPassword } =
    values['passwordStdin'] === true ? await fromStdin(cli.terminal) : await fromPerson(cli.terminal)
  const stored = await client.tokens.read()
  const { tokens } = await client.call('password.change', { currentPassword, newPassword })
  // a session that came in by GATEHOUSE_TOKEN has no file of ours to write to
  if (stored !== null)
    await keepTokens({
      tokens: client.tokens,
      given: tokens,
      username: stored.username,
      key: stored.key ?? null,
      warn: (text) => cli.terminal.talk(`gatehouse: ${text}\n`),
    })
  if (tokens.deviceToken !== undefined) await client.device.write(tokens.deviceToken)
  if (cli.options.form === 'json') {
    showJson(cli, { tokens })
    return 0
  }
  cli.terminal.talk('password changed; your other sessions have ended\n')
  if (stored !== null)
    for (const line of nextSteps(await client.call('auth.whoami', {}))) cli.terminal.talk(`${line}\n`)
  return 0
}

interface Passwords {
  readonly currentPassword: string
  readonly newPassword: string
}

const fromStdin = async (terminal: Terminal): Promise<Passwords> => {
  const [currentPassword = '', newPassword = ''] = await secretLines(terminal, 2, 'password-stdin')
  return { currentPassword, newPassword }
}

const fromPerson = async (terminal: Terminal): Promise<Passwords> => {
  const ask = (question: string): Promise<string> =>
    askOrRequire(terminal, { flag: 'password-stdin', question, echo: 'hidden' })
  const currentPassword = await ask('current password: ')
  const newPassword = await ask('new password: ')
  if (newPassword !== (await ask('new password again: ')))
    throw usageError('the two new passwords differ; nothing was changed')
  return { currentPassword, newPassword }
}
