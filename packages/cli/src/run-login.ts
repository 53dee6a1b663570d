import type { Wire } from '@gatehouse/contract'
import { bindTokens } from './bind-tokens.ts'
import type { Cli } from './cli.ts'
import { usageError } from './cli-error.ts'
import type { Client } from './client.ts'
import { deviceLogin } from './device-login.ts'
import { durationText } from '@gatehouse/kit'
import { keepTokens, placeText } from './keep-tokens.ts'
import { textOf, type Arguments } from './parse-arguments.ts'
import { passwordLogin } from './password-login.ts'
import { printable } from './printable.ts'
import { askOrRequire } from './secrets-from-stdin.ts'
import { showJson } from './show-output.ts'
import { checkToken, clientWith, readToken } from './token-login.ts'
import { tokenPlaces, type TokenPlace } from './token-places.ts'
import type { TokenFacts } from './token-facts.ts'
import type { Kept } from './token-store.ts'

type Tokens = Wire<'auth.refresh'>['tokens']
type Values = Arguments['values']

/**
 * Logs in by the browser, by password and code, or with an API token; keeps the tokens and says where, and what is
 * still to be done.
 */
export const runLogin = async (cli: Cli, { values }: Arguments): Promise<number> => {
  const way = wayOf(cli, values)
  const client = await cli.client()
  if (way === 'token') return logInWithToken(cli, client, wishOf(values))
  const tokens =
    way === 'device'
      ? await deviceLogin(cli, client, { browser: values['noBrowser'] !== true })
      : await byPassword(cli, client, values)
  await finishLogin({ cli, client, tokens, wish: wishOf(values) })
  return 0
}

/** A person who names no account is best served by the browser: every kind of factor works there. */
const wayOf = ({ terminal }: Cli, values: Values): 'token' | 'device' | 'password' => {
  const byName = ['username', 'passwordStdin', 'totp', 'backupCode'].some((field) => values[field] !== undefined)
  const asked = [
    values['withToken'] === true ? ('token' as const) : null,
    values['device'] === true ? ('device' as const) : null,
    byName ? ('password' as const) : null,
  ].filter((way) => way !== null)
  if (asked.length > 1)
    throw usageError('--with-token, --device and --username are three ways to log in; choose one', {
      hint: 'gatehouse auth login --help',
    })
  return asked[0] ?? (terminal.interactive ? 'device' : 'password')
}

const wishOf = (values: Values): TokenPlace | null =>
  tokenPlaces.find((place) => place === values['tokenStore']) ?? null

const byPassword = async (cli: Cli, client: Client, values: Values): Promise<Tokens> => {
  const username =
    textOf(values, 'username') ??
    (await askOrRequire(cli.terminal, { flag: 'username', question: 'user name: ', echo: 'shown' }))
  return passwordLogin(cli, client, {
    username,
    passwordStdin: values['passwordStdin'] === true,
    totp: textOf(values, 'totp'),
    backupCode: values['backupCode'] === true,
    browser: values['noBrowser'] !== true,
  })
}

/** A log-in that the server has granted. */
export interface FinishedLogin {
  readonly cli: Cli
  readonly client: Client
  readonly tokens: Tokens
  readonly wish: TokenPlace | null
}

/**
 * Keeps the tokens of a log-in and greets. The name is asked of the server: who finishes in a browser may be anybody.
 */
export const finishLogin = async ({ cli, client, tokens, wish }: FinishedLogin): Promise<void> => {
  const asGiven = await clientWith(cli, tokens.accessToken ?? '')
  const who = await asGiven.call('auth.whoami', {}).catch((error: unknown) => error)
  if (tokens.deviceToken !== undefined) await client.device.write(tokens.deviceToken)
  // tokens that are handed on by --json stay a bearer's: whoever gets them has no key
  const { given, key } =
    cli.options.form === 'json' ? { given: tokens, key: null } : await bindTokens(client.server.url, tokens)
  const { kept } = await keepTokens({
    tokens: client.tokens,
    given,
    key,
    username: isWho(who) ? who.username : '?',
    wish,
    warn: (text) => cli.terminal.talk(`gatehouse: ${text}\n`),
  })
  // the operation's output, whole: who asks for JSON of a log-in wants its tokens
  if (cli.options.form === 'json') return showJson(cli, { tokens, challenge: null })
  if (!isWho(who)) throw who
  greet(cli, client, who)
  sayPlace(cli, client, { kept, wish })
  for (const line of nextSteps(who)) cli.terminal.talk(`${line}\n`)
}

const isWho = (value: unknown): value is Wire<'auth.whoami'> =>
  typeof value === 'object' && value !== null && 'username' in value

const greet = ({ terminal }: Cli, { server }: Client, who: Wire<'auth.whoami'>): void =>
  terminal.talk(
    `logged in to ${server.url} as ${printable(who.username)} · ${printable(who.roles.join(', '))} · ` +
      `${assuranceText(who)}\n`,
  )

const sayPlace = (
  { terminal, config }: Cli,
  { tokens }: Client,
  { kept, wish }: { readonly kept: Kept | null; readonly wish: TokenPlace | null },
): void => {
  const why = kept?.keyringProblem ?? null
  if (kept !== null)
    terminal.talk(
      `tokens kept ${placeText(kept.place, tokens.path)}${why === null ? '' : '; no keyring answers here'}\n`,
    )
  if (why !== null && wish === 'keyring') terminal.talk(`the keyring says: ${printable(why)}\n`)
  if (config.token !== null || config.tokenFile !== null)
    terminal.talk(
      `gatehouse: ${config.token === null ? 'GATEHOUSE_TOKEN_FILE' : 'GATEHOUSE_TOKEN'} is set and comes ` +
        `first; unset it to use this log-in\n`,
    )
}

/** An API token is kept as it is: it is never refreshed, and proves no second factor. */
const logInWithToken = async (cli: Cli, client: Client, wish: TokenPlace | null): Promise<number> => {
  const token = await readToken(cli)
  const facts = await checkToken(cli, token)
  const kept = await client.tokens.write(
    { username: facts.username, accessToken: token, refreshToken: null, accessExpiresAt: facts.expiresAt },
    wish,
  )
  if (cli.options.form === 'json') {
    showJson(cli, facts)
    return 0
  }
  cli.terminal.talk(
    `logged in to ${client.server.url} as ${printable(facts.username)} · ${tokenText(facts, cli.now())}\n`,
  )
  sayPlace(cli, client, { kept, wish })
  return 0
}

/** What a token may do and how long, in words. */
export const tokenText = ({ scopes, expiresAt }: TokenFacts, now: Date): string =>
  `by an API token${scopes.length === 0 ? '' : ` for ${printable(scopes.join(', '))}`}` +
  (expiresAt === null ? '' : `, good for ${remaining(expiresAt, now)}`)

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
