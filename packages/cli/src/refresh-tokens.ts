import type { Wire } from '@gatehouse/contract'
import { CliError } from './cli-error.ts'
import type { ClientParts } from './client-parts.ts'
import { keepTokens } from './keep-tokens.ts'
import type { StoredTokens, TokenStore } from './token-store.ts'
import { callTrpc, isUnanswered, type Bearer } from './trpc.ts'

/** So long the server gives the answer of an exchange again, to the key that the token is bound to. */
const REPEAT_MS = 30_000

/** What one try may take, so that a second one comes in time. */
const TRY_MS = 12_000

/** Between two tries: a server that restarts needs a moment. */
const PAUSE_MS = 1_000

/** What an exchange needs. */
export interface Refreshing {
  readonly parts: ClientParts
  readonly tokens: TokenStore
  /** The access token that is not good any more. */
  readonly used: string
}

/** The token to send, and the key that it is bound to. */
export const bearerOf = ({ accessToken, key }: StoredTokens): Bearer => ({ token: accessToken, key: key ?? null })

/**
 * Exchanges the refresh token, unless another command just did; null when the session has ended, and for an API token,
 * which has none. Tokens that may have been spent are not kept: showing them again would look like theft.
 */
export const refreshTokens = ({ parts, tokens, used }: Refreshing): Promise<Bearer | null> =>
  tokens.locked(async () => {
    const stored = await tokens.read()
    if (stored === null) return null
    if (stored.accessToken !== used) return bearerOf(stored)
    if (stored.refreshToken === null) return null
    const { refreshAskedAt } = stored
    if (refreshAskedAt !== undefined && !mayAskAgain(stored, Date.parse(refreshAskedAt), parts.now()))
      return forget(tokens)
    return exchange({ parts, tokens, stored, refreshToken: stored.refreshToken })
  })

interface Exchange {
  readonly parts: ClientParts
  readonly tokens: TokenStore
  readonly stored: StoredTokens
  readonly refreshToken: string
}

/** Asks until there is an answer, as long as asking again is not taken for theft. */
const exchange = async (given: Exchange): Promise<Bearer | null> => {
  const { parts, tokens, stored } = given
  const askedAt = stored.refreshAskedAt ?? parts.now().toISOString()
  // first, so that a process that is killed meanwhile leaves word of it; what cannot be written is said by `keepTokens`
  await tokens.write({ ...stored, refreshAskedAt: askedAt }).catch(() => null)
  for (;;) {
    try {
      return await exchangeOnce(given)
    } catch (error) {
      if (!isUnanswered(error)) {
        await tokens.write(stored)
        if (isPlainEnd(error)) return null
        throw error
      }
      if (!mayAskAgain(stored, Date.parse(askedAt), parts.now())) return forget(tokens, error)
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
}

/** A session that is not there any more, and the server does not say why. */
const isPlainEnd = (error: unknown): boolean =>
  error instanceof CliError && error.code === 'unauthenticated' && error.details['reason'] === undefined

const exchangeOnce = async ({ parts, tokens, stored, refreshToken }: Exchange): Promise<Bearer> => {
  const key = stored.key ?? null
  const answer = (await callTrpc({
    server: parts.server.url,
    name: 'auth.refresh',
    kind: 'mutation',
    input: { refreshToken },
    bearer: null,
    key,
    over: AbortSignal.timeout(TRY_MS),
  })) as Wire<'auth.refresh'> // the server answers by the contract
  const { username } = stored
  const { accessToken } = await keepTokens({ tokens, given: answer.tokens, username, key, warn: parts.warn })
  return { token: accessToken, key }
}

/** A bearer's token is asked for once; one with a key as long as a whole try still comes in time. */
const mayAskAgain = ({ key }: StoredTokens, askedAt: number, now: Date): boolean =>
  key !== undefined && now.getTime() - askedAt + TRY_MS < REPEAT_MS

const forget = async (tokens: TokenStore, cause?: unknown): Promise<never> => {
  await tokens.remove()
  throw lostAnswer(cause)
}

/** The server may have given new tokens that never arrived. */
export const lostAnswer = (cause?: unknown): CliError =>
  new CliError({
    code: 'unauthenticated',
    message: 'the answer with your new tokens was lost, and the old ones may not be shown again',
    hint: 'gatehouse auth login',
    cause,
  })
