import { Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import type { KeysDeps } from './keys-deps.ts'

/**
 * Makes a token by which the caller uses keys from Vault's clients. Which of the keys there are, and may be used, is
 * asked at each use: the answer tells nothing of keys of others.
 */
export const facadeToken =
  ({
    change,
    clock,
    transitTokens,
  }: Pick<KeysDeps, 'change' | 'clock' | 'transitTokens'>): Handler<'kms.facadeToken'> =>
  async (permit) => {
    const { principal, call, input } = permit
    if (principal.type !== 'User') throw new Refusal('forbidden', { reason: 'no-permit', policies: [] })
    if (call.forwards === true)
      throw new Refusal('conflict', {
        hint: 'your address is not known: you come by a proxy that is not in `[rate_limit] trusted_proxies`',
      })
    const keys = [...new Set(input.keys)]
    const until = clock.now().getTime() + input.ttlSeconds * 1000
    // whole seconds, as the token says it
    const expiresAt = new Date(Math.floor(Math.min(until, principal.session.expiresAt.getTime()) / 1000) * 1000)
    const { address } = call
    const { id, token } = await change(
      permit,
      (tx) => transitTokens.make(tx, { person: principal, keys, address, expiresAt }),
      (made) => ({ detail: { token: made.id, expiresAt: expiresAt.toISOString() } }),
    )
    return { id, token, keys, address, expiresAt }
  }
