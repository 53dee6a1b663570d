import { createHash } from 'node:crypto'
import { Refusal } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Clock } from '@gatehouse/enforcement'
import { canonicalName } from './canonical.ts'
import { claimGuess, forgetGuesses, lastGuessAt } from './guess-throttle.queries.ts'

/** What is being guessed. Passwords and codes are counted apart: who knows the password must not get more codes by it. */
export type GuessKind = 'password' | 'code'

/** Counts guesses per account, over all its devices, spellings, transports and addresses, on every node. */
export interface GuessThrottle {
  /**
   * Claims one guess before it is evaluated, in a transaction of its own: no refusal, crash or race gives it back.
   * Throws `Refusal('rate-limited')` when the account's guesses are used up.
   */
  claim(kind: GuessKind, username: string): Promise<void>
  /** Forgets the guesses of one kind after a right one. */
  succeed(kind: GuessKind, username: string): Promise<void>
}

/**
 * Opens the throttle. Guesses are given back only after a whole window without one that was evaluated,
 * so no window, wherever it is laid, holds more than `limit`.
 */
export function createGuessThrottle({ db, clock, limit, windowSeconds }: { db: Store; clock: Clock; limit: number; windowSeconds: number }): GuessThrottle {
  return {
    claim: async (kind, username) => {
      const guess = { kind, key: throttleKey(username), now: clock.now(), windowSeconds, limit }
      if (await claimGuess(db, guess)) return
      const last = await lastGuessAt(db, guess)
      const waitSeconds = last === null ? 1 : Math.ceil((last.getTime() - guess.now.getTime()) / 1000) + windowSeconds
      throw new Refusal('rate-limited', { retryAfterSeconds: Math.max(1, waitSeconds) })
    },
    succeed: (kind, username) => forgetGuesses(db, { kind, key: throttleKey(username) }),
  }
}

/** Names that no user can have are counted, too, and look no different; people type passwords there, so these are kept as hashes. */
const throttleKey = (username: string): string =>
  canonicalName(username) ?? `!${createHash('sha256').update(username.normalize('NFKC').toLowerCase()).digest('base64url')}`
