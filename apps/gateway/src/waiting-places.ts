import { addressKey } from '@gatehouse/kit'

/** What may wait at once in one process. */
export interface WaitingMax {
  readonly all: number
  /** From one address, or one site of IPv6: the machines of a site come by one address. */
  readonly address: number
}

/** Hands out places to wait in. */
export interface WaitingPlaces {
  /** Takes a place, and answers how it is given back; null: there is none. */
  take(address: string): (() => void) | null
}

/** Counts who waits, in all and by address. A place that is given back twice is given back once. */
export function createWaitingPlaces(max: WaitingMax): WaitingPlaces {
  const held = new Map<string, number>()
  let all = 0
  return {
    take: (from) => {
      const address = addressKey(from)
      const own = held.get(address) ?? 0
      if (all >= max.all || own >= max.address) return null
      all += 1
      held.set(address, own + 1)
      let given = false
      return () => {
        if (given) return
        given = true
        all -= 1
        const left = (held.get(address) ?? 1) - 1
        if (left === 0) held.delete(address)
        else held.set(address, left)
      }
    },
  }
}
