import { Refusal } from '@gatehouse/contract'
import type { Clock, Random } from '@gatehouse/enforcement'
import type { TransitTokens } from '@gatehouse/keys'
import { holdLiveSession } from '../session/session.queries.ts'
import type { IdentityConfig } from '../shared/config.ts'
import type { SigningKeys } from '../shared/ports.ts'
import { signTransitToken } from '../tokens/transit-token.ts'

/** Makes tokens for Vault's clients; each is as good as its session is. */
export const createTransitTokens = ({
  keys: signingKeys,
  clock,
  random,
  config,
}: {
  readonly keys: SigningKeys
  readonly clock: Clock
  readonly random: Random
  readonly config: IdentityConfig
}): TransitTokens => ({
  make: async (tx, { person, keys, address, expiresAt }) => {
    const { id: sessionId, provedAt } = person.session
    const issuedAt = clock.now()
    // a session that was ended meanwhile gives out nothing more (threat A12)
    if (provedAt === null || !(await holdLiveSession(tx, { id: sessionId, now: issuedAt })))
      throw new Refusal('unauthenticated')
    const id = random.id()
    const facts = { tokenId: id, userId: person.id, sessionId, provedAt, keys, address, issuedAt, expiresAt }
    return { id, token: await signTransitToken({ key: await signingKeys.within(tx), config }, facts) }
  },
})
