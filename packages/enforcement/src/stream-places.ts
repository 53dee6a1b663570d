import { Refusal } from '@gatehouse/contract'
import { addressKey } from '@gatehouse/kit'
import type { Principal } from './principal.ts'

/**
 * What may be held open at once in one process. A stream is held as long as its client likes, so that no limit per
 * minute bounds it (threat C22).
 */
export const streamsMax = {
  /** All sessions and tokens of a person or a program together. */
  person: 32,
  /** One session or token: a browser opens one for each of its tabs that shows a live list. */
  session: 16,
  /** One address, or one site of IPv6, which has more of them than anybody can count: an office shares one. */
  address: 256,
} as const

/** A place comes free when another stream ends; who asks again at once would only be refused again. */
const retryAfterSeconds = 5

/** Hands out the places of streams. */
export interface StreamPlaces {
  /** Takes a place, and answers how it is given back (once, however often it is called). Throws `rate-limited`. */
  take(principal: Principal, address: string): () => void
}

/** Counts what is held open, by person, session and address. */
export function createStreamPlaces(): StreamPlaces {
  const held = new Map<string, number>()

  const add = (key: string, by: 1 | -1): void => {
    const count = (held.get(key) ?? 0) + by
    if (count === 0) held.delete(key)
    else held.set(key, count)
  }

  return {
    take: (principal, from) => {
      const address = addressKey(from)
      const wanted = [
        { key: `person:${principal.type}:${principal.id}`, max: streamsMax.person },
        { key: `session:${sessionOf(principal) ?? address}`, max: streamsMax.session },
        { key: `address:${address}`, max: streamsMax.address },
      ]
      if (wanted.some(({ key, max }) => (held.get(key) ?? 0) >= max))
        throw new Refusal('rate-limited', { retryAfterSeconds, hint: 'close another stream first' })
      for (const { key } of wanted) add(key, 1)
      let given = false
      return () => {
        if (given) return
        given = true
        for (const { key } of wanted) add(key, -1)
      }
    },
  }
}

const sessionOf = (principal: Principal): string | null => {
  if (principal.type === 'User') return principal.session.id
  return principal.type === 'Service' ? (principal.apiToken?.id ?? null) : null
}
