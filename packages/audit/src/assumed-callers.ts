import type { Principal, UserPrincipal } from '@gatehouse/enforcement'
import { arrayBytes, isCaller, movedCallers, type CallerParameters } from '@gatehouse/database'

/** Somebody, by the token that they called with, and a digest of what was known of them (`liveCallers`). */
export interface AssumedCaller {
  readonly sessionId: string
  readonly userId: string
  readonly tokenId: string
  readonly facts: Uint8Array
}

/** Who is assumed to be who they were; null: nobody is. */
export const assumedOf = (principal: Principal): AssumedCaller | null =>
  principal.type === 'User' ? callerBy(principal, principal.assumed) : null

/** Who they were found to be when this call looked at them; null: nobody with a session. */
export const lookedOf = (principal: Principal): AssumedCaller | null =>
  principal.type === 'User' ? callerBy(principal, principal.looked) : null

const callerBy = ({ session, id, tokenId }: UserPrincipal, facts: Uint8Array | undefined): AssumedCaller | null =>
  facts === undefined ? null : { sessionId: session.id, userId: id, tokenId, facts }

/** Who is there several times is looked at once. */
export const eachOnce = (callers: readonly AssumedCaller[]): readonly AssumedCaller[] =>
  callers.length < 2 ? callers : [...new Map(callers.map((one) => [keyOf(one), one])).values()]

const keyOf = ({ tokenId, facts }: AssumedCaller): string => `${tokenId} ${Buffer.from(facts).toString('base64')}`

/** What `areSame` is asked with. */
export const assumedParameters = (callers: readonly AssumedCaller[]): readonly Buffer[] => [
  arrayBytes.uuid(callers.map(({ sessionId }) => sessionId)),
  arrayBytes.uuid(callers.map(({ userId }) => userId)),
  arrayBytes.uuid(callers.map(({ tokenId }) => tokenId)),
  arrayBytes.bytea(callers.map(({ facts }) => facts)),
]

/**
 * Whether all of them still are who they were, by the four parameters from this one on. INVARIANT: it stands in the
 * statement that writes, and so in one moment with it: whoever was ended before it began is seen to be.
 */
export function areSame(first: number): string {
  const at = (offset: number): CallerParameters['tokens'] => `$${first + offset}`
  return `not exists (${movedCallers({ sessions: at(0), people: at(1), tokens: at(2), facts: at(3) })})`
}

/** The same of one of them, without lists. */
export const isSame = (first: number): string =>
  isCaller({ session: `$${first}`, person: `$${first + 1}`, token: `$${first + 2}`, facts: `$${first + 3}` })

/** What `isSame` is asked with. */
export const isSameParameters = ({ sessionId, userId, tokenId, facts }: AssumedCaller): readonly unknown[] => [
  sessionId,
  userId,
  tokenId,
  Buffer.from(facts.buffer, facts.byteOffset, facts.byteLength),
]

/**
 * The same at the moment when it is asked, in a statement that may have waited for a row before: whoever was ended
 * meanwhile is seen to be (ADR 124).
 */
export const areSameNow = (first: number): string =>
  `callers_are_same(${[0, 1, 2, 3].map((offset) => `$${first + offset}`).join(', ')})`
