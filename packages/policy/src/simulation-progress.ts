import { setTimeout as pause } from 'node:timers/promises'
import type { Output } from '@gatehouse/contract'

type Told = Output<'policy.simulationWatch'>

/** One simulation while it runs. */
export interface RunningSimulation {
  /** The last decision that was made again, and how many were. */
  reached(at: Date, decisions: number): void
  end(): void
}

/** How far simulations have come, by who has them running. */
export interface SimulationProgress {
  begin(principalId: string, to: Date): RunningSimulation
  /** Once a second, while one runs; ends when nobody reads it any more. */
  watch(principalId: string): AsyncIterable<Told>
}

/** How often it is told. */
const tellMilliseconds = 1_000

/** Opens it for one process. */
export function createSimulationProgress(): SimulationProgress {
  const running = new Map<symbol, { readonly principalId: string; told: Told }>()
  const toldTo = (principalId: string): Told | null =>
    [...running.values()].findLast((one) => one.principalId === principalId)?.told ?? null
  return {
    begin: (principalId, to) => {
      const key = Symbol('simulation')
      const one = { principalId, told: { decisions: 0, percent: 0 } }
      running.set(key, one)
      let from: number | null = null
      return {
        reached: (at, decisions) => {
          from ??= at.getTime()
          one.told = { decisions, percent: percentOf(at.getTime() - from, to.getTime() - from) }
        },
        end: () => void running.delete(key),
      }
    },
    watch: (principalId) => ({ [Symbol.asyncIterator]: () => watchBy(() => toldTo(principalId)) }),
  }
}

/**
 * Written by hand and not as a generator: a generator's `return` waits for its pending `next`, which never comes while
 * nothing runs.
 */
function watchBy(told: () => Told | null): AsyncIterator<Told> {
  const over = new AbortController()
  let isFirst = true
  const next = async (): Promise<IteratorResult<Told>> => {
    while (!over.signal.aborted) {
      if (!isFirst) await pause(tellMilliseconds, undefined, { signal: over.signal }).catch(() => undefined)
      isFirst = false
      const value = over.signal.aborted ? null : told()
      if (value !== null) return { done: false, value }
    }
    return { done: true, value: undefined }
  }
  return {
    next,
    return: () => {
      over.abort()
      return Promise.resolve({ done: true, value: undefined })
    },
  }
}

const percentOf = (done: number, all: number): number =>
  all <= 0 ? 0 : Math.min(99, Math.max(0, Math.floor((100 * done) / all)))
