import type { Wire } from '@gatehouse/contract'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { printable } from './printable.ts'

/**
 * What a token says of itself to whoever holds it: all that is to be had where its scopes do not reach `auth whoami`.
 */
export interface TokenFacts {
  readonly username: string
  readonly scopes: readonly string[]
  readonly expiresAt: string | null
}

/** Who one is by this client's token; facts of the token where its scopes do not let it ask who that is. */
export const whoOrFacts = async (
  client: Client,
): Promise<{ readonly who: Wire<'auth.whoami'> } | { readonly facts: TokenFacts }> => {
  try {
    return { who: await client.call('auth.whoami', {}) }
  } catch (error) {
    const token = error instanceof CliError && error.code === 'forbidden' ? await client.bearer() : null
    if (token === null) throw error
    return { facts: await factsOf(client, token) }
  }
}

/** As `whoOrFacts`; the refusal itself where the server does not know the caller. */
export const whoOrRefusal = (
  client: Client,
): Promise<Awaited<ReturnType<typeof whoOrFacts>> | { readonly refusal: CliError }> =>
  whoOrFacts(client).catch((error: unknown) => {
    if (!(error instanceof CliError) || error.code !== 'unauthenticated') throw error
    return { refusal: error }
  })

/** Why nobody is logged in, with what to do, a line each: more is said of a token or session that was good once. */
export const loggedOutLines = ({ details, message, hint }: CliError): readonly string[] =>
  details['reason'] === undefined && details['source'] === undefined
    ? []
    : [printable(message), ...(details['source'] === undefined || hint === null ? [] : [printable(hint)])]

/** Asks what a token is worth, by itself. A program's has its account's name instead of a person's. */
export const factsOf = async (client: Client, token: string): Promise<TokenFacts> => {
  const { username, client_id: program, scope, exp } = await client.call('auth.verify', { token })
  return {
    username: username ?? program ?? '?',
    scopes: scope?.split(' ') ?? [],
    expiresAt: exp === undefined ? null : new Date(exp * 1000).toISOString(),
  }
}
