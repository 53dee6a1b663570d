import { Refusal } from '@gatehouse/contract'
import type { UserPrincipal } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import {
  claimGuesses,
  closedUntil,
  returnGuess,
  type GuessCounter,
} from '../../proof/throttle/guess-throttle.queries.ts'

/** Codes that nobody was shown, per account over all its sessions, and per session. A person mistypes once or twice. */
const guessesMax = 5
const windowSeconds = 5 * 60

/**
 * Counts a user code as a guess before it is looked up. The session's own count stands beside the account's,
 * so that it holds also where accounts' guesses are given back (`user.unlock`). Throws `Refusal('rate-limited')`.
 */
export async function claimUserCodeGuess({ db, clock }: HandlerDeps, user: UserPrincipal): Promise<void> {
  const now = clock.now()
  const counters = countersOf(user)
  // its delay does not grow: who guesses is logged in, and the audit log says who they are
  if (
    await claimGuesses(db, counters, {
      now,
      windowSeconds,
      delaySecondsMax: windowSeconds,
      forgivenSeconds: windowSeconds,
    })
  )
    return
  const opens = (await closedUntil(db, counters, now)) ?? now
  throw new Refusal('rate-limited', {
    retryAfterSeconds: Math.max(1, Math.ceil((opens.getTime() - now.getTime()) / 1000)),
  })
}

/**
 * Gives this one guess back: it was a code that somebody was shown. The others stay, or a code of one's own would buy
 * any number of guesses.
 */
export async function giveBackUserCodeGuess({ db }: HandlerDeps, user: UserPrincipal): Promise<void> {
  for (const counter of countersOf(user)) await returnGuess(db, counter)
}

const countersOf = (user: UserPrincipal): readonly GuessCounter[] =>
  [user.username, `session:${user.session.id}`].map((key) => ({ kind: 'userCode', key, limit: guessesMax }))
