import type { Wire } from '@gatehouse/contract'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'

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

/** Asks what a token is worth, by itself. A program's has no person's name. */
export const factsOf = async (client: Client, token: string): Promise<TokenFacts> => {
  const { username, scope, exp } = await client.call('auth.verify', { token })
  return {
    username: username ?? '?',
    scopes: scope?.split(' ') ?? [],
    expiresAt: exp === undefined ? null : new Date(exp * 1000).toISOString(),
  }
}
