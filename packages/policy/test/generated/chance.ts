/** Chance that a seed repeats: the same seed gives the same policies and requests. */
export interface Chance {
  /** 0 … below. */
  below(limit: number): number
  /** True once in so many times. */
  once(inTimes: number): boolean
  pick<T>(from: readonly T[]): T
  /** Some of them, in their order. */
  some<T>(from: readonly T[]): T[]
}

/** Mulberry32: small, and good enough to shuffle cases. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    below,
    once: (inTimes) => below(inTimes) === 0,
    pick: (from) => {
      const found = from[below(from.length)]
      if (found === undefined) throw new TypeError('there is nothing to pick from')
      return found
    },
    some: (from) => from.filter(() => below(2) === 0),
  }
}
