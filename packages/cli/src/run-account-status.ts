import type { Wire } from '@gatehouse/contract'
import { exactTime } from '@gatehouse/kit'
import type { Cli } from './cli.ts'
import type { Client } from './client.ts'
import { relativeTime } from './durations.ts'
import { placeText } from './keep-tokens.ts'
import { printable } from './printable.ts'
import { assuranceText, tokenText } from './run-login.ts'
import { showJson } from './show-output.ts'
import { drawDetails } from './table.ts'
import { loggedOutLines, whoOrRefusal, type TokenFacts } from './token-facts.ts'
import type { TokenPlace } from './token-places.ts'

/** Where the bearer's token of this command line comes from. */
interface AccountStatus {
  readonly server: string
  readonly context: string
  readonly tokens: TokenPlace | 'environment' | null
  readonly tokensPath: string | null
  readonly kind: 'session' | 'apiToken' | null
  readonly tokenExpiresAt: string | null
  /** Null when nobody is logged in, and for a token that may not ask who it is. */
  readonly account: Wire<'auth.whoami'> | null
  /** What such a token says of itself. */
  readonly token: TokenFacts | null
}

/**
 * Says where this command line is logged in, as whom, how strongly, and where its tokens lie. Exit 4 when it is not.
 */
export const runAccountStatus = async (cli: Cli): Promise<number> => {
  const client = await cli.client()
  const found = await whoOrRefusal(client)
  const account = 'who' in found ? found.who : null
  const token = 'facts' in found ? found.facts : null
  const username = account?.username ?? token?.username ?? null
  const status = {
    ...(await tokensOf(cli, client)),
    server: client.server.url,
    context: client.server.label,
    account,
    token,
  }
  if (cli.options.form === 'json') showJson(cli, status)
  else if (cli.options.quiet) cli.terminal.out(username === null ? '' : `${printable(username)}\n`)
  else cli.terminal.out(drawDetails(linesOf(status, cli.now()), cli.terminal))
  if (!('refusal' in found)) return 0
  const why = loggedOutLines(found.refusal)
  const next = found.refusal.details['source'] === undefined ? ['log in: gatehouse auth login'] : []
  cli.terminal.talk([...why, ...next].map((line) => `${line}\n`).join(''))
  return found.refusal.exitCode
}

const tokensOf = async (
  { config }: Cli,
  { tokens }: Client,
): Promise<Pick<AccountStatus, 'tokens' | 'tokensPath' | 'kind' | 'tokenExpiresAt'>> => {
  if (config.token !== null || config.tokenFile !== null)
    return {
      tokens: 'environment',
      tokensPath: config.token === null ? config.tokenFile : null,
      kind: null,
      tokenExpiresAt: null,
    }
  const known = await tokens.known()
  const stored = await tokens.read()
  if (known === null || stored === null) return { tokens: null, tokensPath: null, kind: null, tokenExpiresAt: null }
  return {
    tokens: known.place,
    tokensPath: known.place === 'file' ? tokens.path : null,
    kind: stored.refreshToken === null ? 'apiToken' : 'session',
    tokenExpiresAt: stored.accessExpiresAt,
  }
}

const momentText = (at: string | null, now: Date): string =>
  at === null ? '–' : `${relativeTime(new Date(at), now)} (${exactTime(new Date(at))})`

const proofRows = (account: Wire<'auth.whoami'>, now: Date): readonly (readonly [string, string])[] =>
  account.sessionId === null
    ? [['proved by', 'an API token']]
    : [
        ['proved by', assuranceText(account)],
        ['session ends', momentText(account.sessionExpiresAt, now)],
      ]

const linesOf = (
  { server, context, tokens, tokensPath, kind, tokenExpiresAt, account, token }: AccountStatus,
  now: Date,
): readonly (readonly [string, string])[] => {
  const when = (at: string | null): string => momentText(at, now)
  const place = {
    keyring: placeText('keyring', ''),
    file: placeText('file', tokensPath ?? ''),
    environment: tokensPath === null ? 'GATEHOUSE_TOKEN' : `GATEHOUSE_TOKEN_FILE, ${tokensPath}`,
  }
  return [
    ['server', `${server} (${context})`],
    [
      'logged in as',
      account === null
        ? printable(token?.username ?? 'nobody')
        : printable([account.username, ...(account.roles.length === 0 ? [] : [account.roles.join(', ')])].join(' · ')),
    ],
    ...(token === null ? [] : ([['proved', tokenText(token, now)]] as const)),
    ...(account === null ? [] : proofRows(account, now)),
    ['tokens', tokens === null ? 'none' : place[tokens]],
    ...(tokens === null || tokens === 'environment'
      ? []
      : ([[kind === 'apiToken' ? 'token expires' : 'token refreshed', when(tokenExpiresAt)]] as const)),
  ]
}
