import type { Wire } from '@gatehouse/contract'
import { createProofKey, type ProofKey } from './dpop-proof.ts'
import { lostAnswer } from './refresh-tokens.ts'
import { callTrpc, isUnanswered } from './trpc.ts'

type Tokens = Wire<'auth.refresh'>['tokens']

/** New tokens, and the key that they are bound to; null where the server does not take proofs made for this address. */
export interface BoundTokens {
  readonly given: Tokens
  readonly key: ProofKey | null
}

/**
 * Binds a fresh session to a key of this machine (RFC 9449), by exchanging its tokens once. Done after the log-in and
 * not with it: a server that is
 * known by another name than its own refuses the proof before anything is spent, and a password or a code would be.
 */
export const bindTokens = async (server: string, tokens: Tokens): Promise<BoundTokens> => {
  const key = createProofKey()
  const unbound = { given: tokens, key: null }
  const input = { refreshToken: tokens.refreshToken }
  try {
    const bound = (await callTrpc({
      server,
      name: 'auth.refresh',
      kind: 'mutation',
      input,
      bearer: null,
      key,
    })) as Wire<'auth.refresh'> // the server answers by the contract
    return bound.tokens.accessToken === undefined ? unbound : { given: bound.tokens, key }
  } catch (error) {
    if (isUnanswered(error)) throw lostAnswer(error)
    return unbound // the log-in stands: nothing was spent
  }
}
