import { Refusal } from '@gatehouse/contract'
import type { UserPrincipal } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../deps.ts'
import { claimGuess, lastGuessAt } from '../guess-throttle.queries.ts'
import { giveBackGuess } from './user-code-throttle.queries.ts'

/** Codes that nobody was shown, per account over all its sessions, and per session. A person mistypes once or twice. */
const guessesMax = 5
const windowSeconds = 5 * 60

const kind = 'userCode'

/**
 * Counts a user code as a guess before it is looked up. The session's own count stands beside the account's,
 * so that it holds also where accounts' guesses are given back (`user.unlock`). Throws `Refusal('rate-limited')`.
 */
export async function claimUserCodeGuess({ db, clock }: HandlerDeps, user: UserPrincipal): Promise<void> {
  const now = clock.now()
  for (const key of keysOf(user)) {
    if (await claimGuess(db, { kind, key, now, windowSeconds, limit: guessesMax })) continue
    const last = await lastGuessAt(db, { kind, key })
    const waitSeconds = last === null ? 1 : Math.ceil((last.getTime() - now.getTime()) / 1000) + windowSeconds
    throw new Refusal('rate-limited', { retryAfterSeconds: Math.max(1, waitSeconds) })
  }
}

/** Gives this one guess back: it was a code that somebody was shown. The others stay, or a code of one's own would buy any number of guesses. */
export async function giveBackUserCodeGuess({ db }: HandlerDeps, user: UserPrincipal): Promise<void> {
  for (const key of keysOf(user)) await giveBackGuess(db, { kind, key })
}

const keysOf = (user: UserPrincipal): readonly string[] => [user.username, `session:${user.session.id}`]
