import type { Principal, UserPrincipal } from '@gatehouse/enforcement'
import { arrayBytes, isCaller, movedCallers, partsOfVersion } from '@gatehouse/database'

/** Somebody, by the token that they called with, and the version of what was known of them (`liveCallers`). */
export interface AssumedCaller {
  readonly sessionId: string
  readonly tokenId: string
  readonly version: string
}

/** Who is assumed to be who they were; null: nobody is. */
export const assumedOf = (principal: Principal): AssumedCaller | null =>
  principal.type === 'User' ? callerBy(principal, principal.assumed) : null

/** Who they were found to be when this call looked at them; null: nobody with a session. */
export const lookedOf = (principal: Principal): AssumedCaller | null =>
  principal.type === 'User' ? callerBy(principal, principal.looked) : null

const callerBy = ({ session, tokenId }: UserPrincipal, version: string | undefined): AssumedCaller | null =>
  version === undefined ? null : { sessionId: session.id, tokenId, version }

/** Who is there several times is looked at once. */
export const eachOnce = (callers: readonly AssumedCaller[]): readonly AssumedCaller[] =>
  callers.length < 2 ? callers : [...new Map(callers.map((one) => [keyOf(one), one])).values()]

const keyOf = ({ tokenId, version }: AssumedCaller): string => `${tokenId} ${version}`

/** What `areSame` is asked with. */
export const assumedParameters = (callers: readonly AssumedCaller[]): readonly Buffer[] => [
  arrayBytes.uuid(callers.map(({ sessionId }) => sessionId)),
  arrayBytes.uuid(callers.map(({ tokenId }) => tokenId)),
  arrayBytes.text(callers.map(({ version }) => version)),
]

/**
 * Whether all of them still are who they were, by the three parameters from this one on. INVARIANT: it stands in the
 * statement that writes, and so in one moment with it: whoever was ended before it began is seen to be.
 */
export function areSame(first: number): string {
  const at = (offset: number): `$${number}` => `$${first + offset}`
  return `not exists (${movedCallers({ sessions: at(0), tokens: at(1), versions: at(2) })})`
}

/** The same of one of them, without lists, by the five parameters from this one on. */
export function isSame(first: number): string {
  const at = (offset: number): `$${number}` => `$${first + offset}`
  return isCaller({ session: at(0), token: at(1), version: [at(2), at(3), at(4)] })
}

/** What `isSame` is asked with. */
export const isSameParameters = ({ sessionId, tokenId, version }: AssumedCaller): readonly unknown[] => [
  sessionId,
  tokenId,
  ...partsOfVersion(version),
]

/**
 * The same at the moment when it is asked, in a statement that may have waited for a row before: whoever was ended
 * meanwhile is seen to be (ADR 124).
 */
export const areSameNow = (first: number): string =>
  `callers_are_unmoved(${[0, 1, 2].map((offset) => `$${first + offset}`).join(', ')})`
