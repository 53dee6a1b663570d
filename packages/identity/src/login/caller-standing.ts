import { Refusal } from '@gatehouse/contract'
import { hasEnded } from '../session/session-limits.ts'
import { ended } from '../shared/ended.ts'
import type { Limits } from '../shared/settings.ts'
import type { CallerRow } from './authenticate.queries.ts'
import { isCutOff } from './session-principal.ts'

/** What a token says of itself; all else is looked up. */
export interface TokenFacts {
  readonly userId: string
  readonly sessionId: string
  readonly tokenId: string
  readonly issuedAtMilliseconds: number
  readonly keyThumbprint: string | null
}

/** A token, and whom the database said to be behind it. */
export interface Proved {
  readonly facts: TokenFacts
  readonly row: CallerRow
}

/**
 * `use` counts as activity, a `look` does not. A `stream` outlives the token it was opened with, as long as the session
 * lives; and one that stands open is nobody at work.
 */
export type Occasion = 'use' | 'look' | 'stream'

interface At {
  readonly limits: Limits
  readonly now: Date
  readonly occasion: Occasion
}

/** Why somebody who is there is not proved by this token, or no more; null: they are. */
export function objectionTo({ facts, row }: Proved, { limits, now, occasion }: At): Refusal | null {
  if (facts.keyThumbprint !== row.key_thumbprint) return unauthenticated()
  if (isCutOff(facts, row)) return ended('session-revoked')
  if (hasEnded(row, limits, now)) return ended('session-expired')
  return occasion !== 'stream' && isTooOld(facts, limits, now) ? unauthenticated() : null
}

/** Whether a token is older than settings let one be by now, whatever it says of itself. */
const isTooOld = ({ issuedAtMilliseconds }: TokenFacts, { accessTokenTtlSeconds }: Limits, now: Date): boolean =>
  now.getTime() >= issuedAtMilliseconds + accessTokenTtlSeconds * 1000

const unauthenticated = (): Refusal => new Refusal('unauthenticated')
