import type { Wire } from '@gatehouse/contract'
import type { Cli } from './cli.ts'
import { CliError } from './cli-error.ts'
import { keepTokens, type Client } from './client.ts'
import { durationText } from './durations.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { printable } from './printable.ts'
import { askOrRequire, passwordLines } from './secrets-from-stdin.ts'
import { showJson } from './show-output.ts'

type Tokens = Wire<'auth.refresh'>['tokens']

/** Logs in by password and, where the server asks for it, by a code; keeps the tokens and says what is still to be done. */
export const runLogin = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const client = await cli.client()
  const username = textOf(values, 'username') ?? await askOrRequire(cli.terminal, { flag: 'username', question: 'user name: ', echo: 'shown' })
  const password = await passwordOf(cli, values['passwordStdin'] === true)
  const answer = await client.call('auth.login', { username, password })
  const tokens = answer.tokens ?? await answerChallenge(cli, client, { challenge: answer.challenge, totp: textOf(values, 'totp') })
  await keepTokens({ tokens: client.tokens, given: tokens, username, warn: (text) => cli.terminal.talk(`gatehouse: ${text}\n`) })
  if (cli.options.form === 'json') showJson(cli, { tokens, challenge: null }) // the operation's output, whole: who asks for JSON of a log-in wants its tokens
  else greet(cli, client, await client.call('auth.whoami', {}))
  return 0
}

const passwordOf = async ({ terminal }: Cli, fromStdin: boolean): Promise<string> => {
  if (!fromStdin) return askOrRequire(terminal, { flag: 'password-stdin', question: 'password: ', echo: 'hidden' })
  const [password = ''] = await passwordLines(terminal, 1)
  return password
}

/** A slip of the fingers is no reason to type the password again. */
const PROMPTS_MAX = 3

const answerChallenge = async (cli: Cli, client: Client, { challenge, totp }: { challenge: Wire<'auth.login'>['challenge']; totp: string | null }): Promise<Tokens> => {
  if (challenge === null) throw new CliError({ code: 'fault', message: 'the server gave neither tokens nor a challenge' })
  if (!challenge.methods.includes('totp')) throw new CliError({ code: 'mfa-required', message: `this account proves itself by ${challenge.methods.join(' or ')} only`, hint: 'log in with the browser' })
  if (totp !== null) return (await client.call('auth.completeMfa', { challengeId: challenge.id, totp })).tokens
  for (let prompt = 1; ; prompt += 1) {
    const code = await askOrRequire(cli.terminal, { flag: 'totp', question: 'code of your authenticator: ', echo: 'hidden' })
    try {
      return (await client.call('auth.completeMfa', { challengeId: challenge.id, totp: code })).tokens
    } catch (error) {
      if (!(error instanceof CliError) || error.code !== 'invalid-credentials' || prompt === PROMPTS_MAX) throw error
      cli.terminal.talk(`${error.message}\n`)
    }
  }
}

const greet = ({ terminal }: Cli, { server }: Client, who: Wire<'auth.whoami'>): void => {
  terminal.talk(`logged in to ${server.url} as ${printable(who.username)} · ${printable(who.roles.join(', '))} · ${assuranceText(who)}\n`)
  for (const line of nextSteps(who)) terminal.talk(`${line}\n`)
}

const assurances = { pw: 'password only', mfa: 'second factor', su: 'second factor, fresh' } as const

/** How strongly a session is proved, in words. */
export const assuranceText = ({ assurance }: Pick<Wire<'auth.whoami'>, 'assurance'>): string => assurances[assurance]

const steps = {
  passwordChange: 'first change the one-time password: gatehouse password change',
  authenticator: 'enrol a second factor: gatehouse totp enroll phone',
} as const

/** What is missing before this person can work, in the order in which it has to be done. */
export const nextSteps = ({ missing }: Pick<Wire<'auth.whoami'>, 'missing'>): readonly string[] =>
  (['passwordChange', 'authenticator'] as const).filter((step) => missing.includes(step)).map((step) => steps[step])

/** `in 42 min` without its preposition, for a session's end. */
export const remaining = (until: string | null, now: Date): string =>
  until === null ? '' : durationText((Date.parse(until) - now.getTime()) / 1000)
