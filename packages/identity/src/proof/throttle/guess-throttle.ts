import { createHash } from 'node:crypto'
import { addressKey } from '@gatehouse/kit'
import { canonicalName, Refusal } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Clock } from '@gatehouse/enforcement'
import { claimGuesses, closedUntil, forgetGuesses, returnGuess, type GuessCounter } from './guess-throttle.queries.ts'
import { deviceHash } from '../../session/known-device.ts'
import { isKnownDevice } from '../../session/known-device.queries.ts'
import type { GuessKind, GuessSource, GuessThrottle } from '../../shared/ports.ts'

/**
 * Delays double with each full window up to this: 120 guesses a day find nothing, and an hour is the longest that
 * anybody waits.
 */
const delaySecondsMax = 3600

/** After a day without a guess nobody is at it any more. */
const forgivenSeconds = 86_400

/**
 * An office shares one address: it has this many times an account's guesses, as it has that many times a session's
 * calls.
 */
const addressFactor = 10

export interface GuessThrottleDeps {
  readonly db: Store
  readonly clock: Clock
  readonly limit: number
  readonly windowSeconds: number
  /**
   * Addresses that are not counted as such: those that the settings exempt from limits per address. Accounts have no
   * exemption.
   */
  readonly isExemptAddress?: ((address: string) => boolean) | undefined
}

/**
 * Opens the throttle. Guesses are given back only after a whole window without one that was evaluated,
 * so no window, wherever it is laid, holds more than `limit`; each full window in a row closes the counter for twice as
 * long.
 */
export function createGuessThrottle({
  db,
  clock,
  limit,
  windowSeconds,
  isExemptAddress = () => false,
}: GuessThrottleDeps): GuessThrottle {
  const countersOf = async (
    kind: GuessKind,
    username: string,
    source: GuessSource | undefined,
  ): Promise<readonly [GuessCounter, ...GuessCounter[]]> => {
    const account = { kind, key: throttleKey(username), limit }
    // codes are few enough to be guessed: they are counted over everything, whoever asks
    if (kind === 'code' || source === undefined) return [account]
    const hash = deviceHash(source.device)
    const known =
      hash !== null &&
      (await isKnownDevice(db, { hash, username: canonicalName(username) ?? nobody, now: clock.now() }))
    if (known) return [{ kind: 'device', key: hash.toString('hex'), limit }]
    // the account comes first: on its own row strangers wait for one another, on the address everybody behind it would
    return isExemptAddress(source.address)
      ? [account]
      : [account, { kind: 'address', key: addressKey(source.address), limit: limit * addressFactor }]
  }
  return {
    claim: async (kind, username, source) => {
      const counters = await countersOf(kind, username, source)
      const terms = {
        now: clock.now(),
        windowSeconds,
        delaySecondsMax: Math.max(delaySecondsMax, windowSeconds),
        forgivenSeconds: Math.max(forgivenSeconds, windowSeconds),
      }
      // a plain look first: once a counter is closed, a thousand more tries write nothing
      const until = await closedUntil(db, counters, terms.now)
      if (until === null && (await claimGuesses(db, counters, terms))) return
      const opens = until ?? (await closedUntil(db, counters, terms.now)) ?? terms.now
      throw new Refusal('rate-limited', {
        retryAfterSeconds: Math.max(1, Math.ceil((opens.getTime() - terms.now.getTime()) / 1000)),
      })
    },
    succeed: async (kind, username, source) => {
      for (const counter of await countersOf(kind, username, source))
        await (counter.kind === 'address' ? returnGuess(db, counter) : forgetGuesses(db, counter))
    },
    giveBack: async (kind, username, source) => {
      for (const counter of await countersOf(kind, username, source)) await returnGuess(db, counter)
    },
  }
}

/** No user has the empty name. */
const nobody = ''

/**
 * Names that no user can have are counted, too, and look no different; people type passwords there, so these are kept
 * as hashes.
 */
export const throttleKey = (username: string): string =>
  canonicalName(username) ??
  `!${createHash('sha256').update(username.normalize('NFKC').toLowerCase()).digest('base64url')}`
