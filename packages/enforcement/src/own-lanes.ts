import { Refusal } from '@gatehouse/contract'
import { createGate, type Gate } from './gate.ts'

/** Whose work, and how much of it at once. */
export interface Lane {
  readonly key: string
  readonly width: number
}

/** What waits behind that which runs, of each lane. */
export interface LaneLimits {
  /** The next is refused as `rate-limited`. */
  readonly waitingMax: number
  /** Who has waited so long is told `unavailable`, and their work is never begun. */
  readonly waitMillisecondsMax: number
}

export type InLane = <T>(lane: Lane, work: () => Promise<T>) => Promise<T>

/** What is ahead of them will take a while: to ask again at once is no use. */
const retryAfterSeconds = 5

/** A gate for each key, there only while somebody is in it: who comes a thousand times waits for themselves alone. */
export function createLanes({ waitingMax, waitMillisecondsMax }: LaneLimits): InLane {
  const lanes = new Map<string, { readonly gate: Gate; inside: number }>()
  return async ({ key, width }, work) => {
    const lane = lanes.get(key) ?? { gate: createGate({ width, queueMax: waitingMax, waitMillisecondsMax }), inside: 0 }
    if (lane.inside >= width + waitingMax)
      throw new Refusal('rate-limited', { retryAfterSeconds, hint: 'too many of yours are running; wait for them' })
    lanes.set(key, lane)
    lane.inside += 1
    try {
      return await lane.gate(work)
    } finally {
      lane.inside -= 1
      if (lane.inside === 0) lanes.delete(key)
    }
  }
}

/** As many of one caller's pieces of work may wait: more than a minute's limit of calls from one address lets in. */
export const ownStampede = { waitingMax: 5000, waitMillisecondsMax: 30_000 } as const
