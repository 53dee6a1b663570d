import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '@gatehouse/enforcement'
import { KekError, type KekFailure } from '../kek-error.ts'
import type { KeyEncryptionKey } from '../kek.ts'

/** How a key encryption key stands, as this process has seen it. */
export interface KekSight {
  readonly state: 'usable' | 'unusable' | 'unknown'
  /** Since when it does; null: nobody has looked. */
  readonly since: Date | null
  /** When it was last used or asked; null: never. */
  readonly checkedAt: Date | null
  /** Why it cannot be used. */
  readonly failure: Pick<KekError, 'code' | 'what' | 'next'> | null
}

/** A key encryption key that remembers what came of its uses. */
export interface WatchedKek {
  /** The same key. */
  readonly kek: KeyEncryptionKey
  sight(): KekSight
  /**
   * Asks the backend, unless it was asked within so many milliseconds. Never longer than it is given: one that does not
   * answer is unusable then, whatever comes later. Callers at once ask once.
   */
  look(times: { readonly freshMs: number; readonly withinMs: number }): Promise<KekSight>
}

/** What went wrong with one item says nothing of the backend: it has answered. */
const ofTheItem: ReadonlySet<KekFailure> = new Set<KekFailure>(['unwrap-failed', 'too-long'])

const unseen: KekSight = { state: 'unknown', since: null, checkedAt: null, failure: null }

export interface WatchDeps {
  readonly clock: Clock
  /** Milliseconds of a clock that only goes forward. */
  readonly ticks?: () => number
}

/** Watches a key encryption key: each use that is made of it anyway, and a probe where somebody wants to know. */
export function watchKek(kek: KeyEncryptionKey, { clock, ticks = () => performance.now() }: WatchDeps): WatchedKek {
  let seen = unseen
  let askedAt = Number.NEGATIVE_INFINITY
  let heardAt = Number.NEGATIVE_INFINITY
  let looking: Promise<void> | null = null
  const note = (failure: KekSight['failure']): void => {
    const now = clock.now()
    const state = failure === null ? 'usable' : 'unusable'
    seen = { state, since: seen.state === state ? seen.since : now, checkedAt: now, failure }
    heardAt = ticks()
  }
  const noted = async <T>(use: () => Promise<T>): Promise<T> => {
    try {
      const result = await use()
      // what is in memory alone is used as before: only whoever looks for it finds it again
      if (seen.failure?.code !== 'not-kept') note(null)
      return result
    } catch (error) {
      if (error instanceof KekError) note(ofTheItem.has(error.code) ? null : error)
      throw error
    }
  }
  const probe = async (): Promise<void> => {
    try {
      await kek.probe()
      note(null)
    } catch (error) {
      if (error instanceof KekError) note(error)
      throw error
    } finally {
      askedAt = ticks()
    }
  }
  const ask = (): Promise<void> => {
    looking ??= probe()
      .catch(() => undefined) // it is noted
      .finally(() => {
        looking = null
      })
    return looking
  }
  return {
    kek: {
      ...kek,
      wrap: (dataKey, purpose) => noted(() => kek.wrap(dataKey, purpose)),
      unwrap: (wrapped, purpose) => noted(() => kek.unwrap(wrapped, purpose)),
      generate: (purpose) => noted(() => kek.generate(purpose)),
      probe,
    },
    sight: () => seen,
    look: async ({ freshMs, withinMs }) => {
      if (ticks() - askedAt < freshMs) return seen
      const isAnswered = await isWithin(withinMs, ask())
      // a use that was answered meanwhile tells more than a question that was not yet
      return isAnswered || ticks() - heardAt < freshMs ? seen : late(seen, { uri: kek.uri, now: clock.now() })
    },
  }
}

async function isWithin(milliseconds: number, work: Promise<void>): Promise<boolean> {
  const over = new AbortController()
  const late = sleep(milliseconds, false, { signal: over.signal }).catch(() => false)
  try {
    return await Promise.race([work.then(() => true), late])
  } finally {
    over.abort()
  }
}

/** Of one that has not answered yet. It may still: what is remembered is what it will have said. */
function late(seen: KekSight, { uri, now }: { readonly uri: string; readonly now: Date }): KekSight {
  if (seen.state === 'unusable') return seen
  return { state: 'unusable', since: now, checkedAt: now, failure: new KekError('unreachable', uri) }
}
