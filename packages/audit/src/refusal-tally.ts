import type { RefusalCode } from '@gatehouse/contract'
import type { CallFacts } from '@gatehouse/enforcement'
import { addressKey } from '@gatehouse/kit'

/**
 * Addresses told apart per minute. A flood from more of them counts together, so that it fills neither memory nor disk.
 */
export const talliesMax = 1000

const minuteMilliseconds = 60_000

/** Refusals of one address for one reason within one minute, beyond the first. */
export interface Tally {
  /** IPv4, /64, or `many` once too many addresses take part. */
  readonly address: string
  readonly reason: RefusalCode
  readonly count: number
  readonly from: Date
  readonly to: Date
}

/** Counts the refusals of strangers, so that a flood of them cannot fill the audit log. */
export interface RefusalTally {
  /** True: the first of its kind in this minute, to be recorded in full. False: counted. */
  isFirst(call: CallFacts, reason: RefusalCode, now: Date): boolean
  /** Takes the counts of minutes that are over at `now`; null: of all. */
  take(now: Date | null): readonly Tally[]
}

export function createRefusalTally(): RefusalTally {
  const tallies = new Map<string, Tally & { readonly minute: number }>()
  return {
    isFirst: (call, reason, now) => {
      const minute = minuteOf(now)
      const own = addressKey(call.address)
      // INVARIANT: at most one key per reason beyond the limit
      const address = tallies.has(keyOf(minute, own, reason)) || tallies.size < talliesMax ? own : 'many'
      const key = keyOf(minute, address, reason)
      const known = tallies.get(key)
      tallies.set(
        key,
        known === undefined
          ? { address, reason, count: 0, from: now, to: now, minute }
          : { ...known, count: known.count + 1, to: now },
      )
      return known === undefined
    },
    take: (now) => {
      const over = [...tallies].filter(([, { minute }]) => now === null || minute < minuteOf(now))
      for (const [key] of over) tallies.delete(key)
      return over.map(([, tally]) => tally).filter(({ count }) => count > 0)
    },
  }
}

const keyOf = (minute: number, address: string, reason: RefusalCode): string => `${minute}|${address}|${reason}`
const minuteOf = (now: Date): number => Math.floor(now.getTime() / minuteMilliseconds)
