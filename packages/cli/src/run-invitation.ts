import type { Cli } from './cli.ts'
import { CliError, usageError } from './cli-error.ts'
import type { Arguments } from './parse-arguments.ts'
import { finishLogin } from './run-login.ts'
import { askOrRequire, secretLines } from './secrets-from-stdin.ts'
import { parseUrl } from './parse-url.ts'

/** Accepts an invitation: sets the password and logs in with it. */
export const runInvitation = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const client = await cli.client()
  const { invitation, newPassword } = values['invitationStdin'] === true ? await fromStdin(cli) : await fromPerson(cli)
  const { tokens } = await client
    .call('auth.acceptInvite', { invitation: codeOf(invitation), newPassword })
    .catch((error: unknown) => {
      if (error instanceof CliError && error.code === 'invalid-credentials')
        throw new CliError({
          code: error.code,
          message: 'this invitation is not, or no longer, good',
          details: error.details,
          hint: 'whoever invited you can send another: gatehouse user invite',
          cause: error,
        })
      throw error
    })
  await finishLogin({ cli, client, tokens, wish: null })
  return 0
}

interface Acceptance {
  readonly invitation: string
  readonly newPassword: string
}

const fromStdin = async ({ terminal }: Cli): Promise<Acceptance> => {
  const [invitation = '', newPassword = ''] = await secretLines(terminal, 2, 'invitation-stdin')
  return { invitation, newPassword }
}

const fromPerson = async ({ terminal }: Cli): Promise<Acceptance> => {
  const ask = (question: string): Promise<string> =>
    askOrRequire(terminal, { flag: 'invitation-stdin', question, echo: 'hidden' })
  const invitation = await ask('the link, or the code at its end: ')
  const newPassword = await ask('new password: ')
  if (newPassword !== (await ask('new password again: ')))
    throw usageError('the two passwords differ; nothing was changed')
  return { invitation, newPassword }
}

/** People paste the whole link; the code stands behind its `#`, where no server's log sees it. */
const codeOf = (typed: string): string => {
  const text = typed.trim()
  const url = parseUrl(text)
  if (url === null || !url.protocol.startsWith('http')) return text
  const fragment = url.hash.slice(1)
  return (
    [...new URLSearchParams(fragment).values()].find((value) => value !== '') ??
    (fragment === '' ? (url.pathname.split('/').at(-1) ?? text) : fragment)
  )
}
