import type { Wire } from '@gatehouse/contract'
import { CliError } from './cli-error.ts'
import type { ProofKey } from './dpop-proof.ts'
import type { TokenPlace } from './token-places.ts'
import type { Kept, TokenStore } from './token-store.ts'

/** Tokens that the server just gave, and where they go. */
export interface GivenTokens {
  readonly tokens: TokenStore
  readonly given: Wire<'auth.refresh'>['tokens']
  readonly username: string
  /** The key that they are bound to. */
  readonly key: ProofKey | null
  /** Where they are to lie from now on; null: where they lay. */
  readonly wish?: TokenPlace | null
  readonly warn: (text: string) => void
}

/** The access token, and where the tokens went; `kept` is null when nowhere took them. */
export interface TokensKept {
  readonly accessToken: string
  readonly kept: Kept | null
}

/** Writes new tokens down. A place that cannot be written is said, and the command goes on with what it has. */
export const keepTokens = async ({ tokens, given, username, key, wish, warn }: GivenTokens): Promise<TokensKept> => {
  const { accessToken, refreshToken, accessExpiresAt } = given
  if (accessToken === undefined || refreshToken === undefined)
    throw new CliError({ code: 'fault', message: 'the server gave no tokens' })
  const before = await tokens.known().catch(() => null)
  const kept = await tokens
    .write({ username, accessToken, refreshToken, accessExpiresAt, ...(key === null ? {} : { key }) }, wish ?? null)
    .catch((cause: Error) => {
      warn(`cannot keep the new tokens in ${tokens.path}: ${cause.message}; you will have to log in again`)
      return null
    })
  if (kept?.place === 'file' && before?.place === 'keyring')
    warn(`the keyring does not take the new tokens (${kept.keyringProblem ?? ''}); they are in ${tokens.path}`)
  return { accessToken, kept }
}

/** Where tokens lie, in words. */
export const placeText = (place: TokenPlace, path: string): string =>
  place === 'keyring' ? 'in the keyring of this system' : `in ${path}, for you alone`
