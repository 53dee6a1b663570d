import { Refusal } from '@gatehouse/contract'
import type { HeldConnections } from '@gatehouse/database'
import { CallerMovedError } from '@gatehouse/enforcement'
import { endOfTask, UnavailableError } from '@gatehouse/kit'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { eachOnce, type AssumedCaller } from './assumed-callers.ts'
import type { MadeEntry } from './entry.ts'
import { insertEntries } from './entry.queries.ts'
import type { SubjectKeys } from './subject-keys.ts'

/** As much as one statement takes in a few milliseconds. */
export const batchEntriesMax = 128
/**
 * Batches on their way at once, each on a connection of its own: while the database writes one, the next is sealed, and
 * who waits for the disk does not hold up who wants the processor.
 */
export const batchesAtOnce = 2
/**
 * Fewer are not divided, nor sent beside a batch that is on its way: what a batch costs by itself (a commit, the
 * waking of both sides) is as much as that of ten entries, and was paid twice.
 */
const batchEntriesMin = 16
/** Half a minute of a busy node's reads; beyond it memory is not what keeps the audit log. */
export const queueEntriesMax = 4096
/** A call that cannot be recorded within this is refused: it must not go on unrecorded, nor hang. */
export const waitMillisecondsMax = 1000
/** A database that is being restarted is back within a few of these. */
const retryPauseMilliseconds = 50

/** One entry with the intent that it closes. */
export interface Queued {
  readonly entry: MadeEntry
  readonly closes: string | null
  /** It was made just now: no attempt to write it was ever made. */
  readonly isNew: boolean
  /** In whose name it is written, where they are assumed to be who they were; null: nobody is. */
  readonly assumed: AssumedCaller | null
}

interface Waiting extends Queued {
  readonly deadline: number
  readonly settle: { readonly done: () => void; readonly failed: (error: unknown) => void }
}

/** Writes single entries in batches: what arrived while the last batch was being written makes the next one. */
export interface BatchWriter {
  /**
   * Resolves once the entry is durable. Throws `Refusal('unavailable')` when the queue is full or a second has passed,
   * and `CallerMovedError` where its caller is not who they were assumed to be.
   */
  write(queued: Queued): Promise<void>
  /** Resolves once nothing is queued any more. */
  drain(): Promise<void>
}

/** Where entries go, and what seals their personal values. */
export interface BatchWriterDeps {
  /** Connections, of which as many are used at once as there are batches. */
  readonly connections: Pick<HeldConnections, 'run'>
  readonly subjectKeys: SubjectKeys
}

export function createBatchWriter(deps: BatchWriterDeps): BatchWriter {
  let queue: Waiting[] = []
  const flushes = new Set<Promise<void>>()
  /** Flushes that will look at the queue again, and those of them whose batch is on its way. */
  let [running, onTheirWay] = [0, 0]
  /** Whether the last batch was a single entry, as the next one then is, most likely. */
  let isAlone = false

  /** What goes next: all, or an equal share of it where more than one batch may go. */
  const take = (): Waiting[] => {
    if (onTheirWay > 0 && queue.length < batchEntriesMin) return []
    const shares = queue.length < 2 * batchEntriesMin ? 1 : batchesAtOnce - onTheirWay
    const batch = queue.slice(0, Math.min(Math.ceil(queue.length / shares), batchEntriesMax))
    queue = queue.slice(batch.length)
    return batch
  }
  const flush = async (): Promise<void> => {
    for (;;) {
      // calls that were answered together come back together: a turn of the loop makes one batch of them instead of one
      // and the rest; who came alone waits for nobody
      await (isAlone && onTheirWay === 0 ? endOfTask() : nextTurn())
      const batch = take()
      if (batch.length === 0) {
        running -= 1 // here and not a moment later, or who comes in between would wait for a flush that is over
        return
      }
      isAlone = batch.length === 1
      onTheirWay += 1
      startFlush() // of what was left, beside this one
      await writeBatch(deps, batch)
      onTheirWay -= 1
    }
  }
  const startFlush = (): void => {
    if (running === batchesAtOnce || queue.length < (running === 0 ? 1 : batchEntriesMin)) return
    running += 1
    const one = flush().finally(() => flushes.delete(one))
    flushes.add(one)
  }
  /** Whose entry is not kept after a second has failed and is told so; who is still queued is not written at all. */
  const deadlines = createDeadlines<Waiting>((late) => {
    queue = queue.filter((one) => one !== late)
    late.settle.failed(unavailable('the audit log did not take the entry in time'))
  })

  return {
    write: async (queued) => {
      if (queue.length >= queueEntriesMax) throw unavailable('the audit log has too much to write')
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const deadline = performance.now() + waitMillisecondsMax
      const one: Waiting = { ...queued, deadline, settle: { done: resolve, failed: reject } }
      deadlines.watch(one)
      queue.push(one)
      startFlush()
      try {
        await promise
      } finally {
        deadlines.forget(one)
      }
    },
    drain: async () => {
      while (flushes.size > 0) await Promise.all(flushes)
    },
  }
}

/**
 * Tells of those whose time is over. They come in the order of their deadlines, so one timer is for all of them: hardly
 * anybody ever needs it, and a timer for each costs every call.
 */
function createDeadlines<T extends { readonly deadline: number }>(tell: (late: T) => void) {
  const watched = new Set<T>()
  let timer: NodeJS.Timeout | null = null
  const wind = (): void => {
    const [oldest] = watched
    if (timer === null && oldest !== undefined)
      timer = setTimeout(look, Math.max(1, oldest.deadline - performance.now())).unref()
  }
  const look = (): void => {
    timer = null
    const now = performance.now()
    for (const one of watched) {
      if (one.deadline > now) break
      watched.delete(one)
      tell(one)
    }
    wind()
  }
  return {
    watch: (one: T): void => {
      watched.add(one)
      wind()
    },
    forget: (one: T): void => void watched.delete(one),
  }
}

/** Never throws: each one that waits is told by itself. */
async function writeBatch(deps: BatchWriterDeps, batch: readonly Waiting[]): Promise<void> {
  try {
    await writePatiently(deps, batch)
    for (const { settle } of batch) settle.done()
  } catch (cause) {
    // one entry that the database refuses must not take 127 others with it: it is looked for by halves
    const half = Math.ceil(batch.length / 2)
    if (batch.length > 1 && isOfOne(cause))
      for (const some of [batch.slice(0, half), batch.slice(half)]) await writeBatch(deps, some.map(asTried))
    else if (cause instanceof CallerMovedError) for (const { settle } of batch) settle.failed(cause)
    else for (const { settle } of batch) settle.failed(unavailable('the audit log could not be written', cause))
  }
}

/** An attempt was made to write it, and may have done so. */
const asTried = (one: Waiting): Waiting => ({ ...one, isNew: false })

/**
 * Tries again while the database is away and somebody still waits; entries written by an attempt whose answer was lost
 * are not written twice. Where that attempt is still under way, this one waits for its end and learns of it: the next
 * one finds what it wrote.
 */
async function writePatiently({ connections, subjectKeys }: BatchWriterDeps, batch: readonly Waiting[]): Promise<void> {
  const deadline = Math.max(...batch.map((one) => one.deadline))
  const writing = {
    entries: batch.map(({ entry }) => entry),
    closed: batch.flatMap(({ closes }) => closes ?? []),
    assumed: eachOnce(batch.flatMap(({ assumed }) => assumed ?? [])),
  }
  let areNew = batch.every(({ isNew }) => isNew)
  for (let hasMet = false; ;) {
    try {
      const keys = await connections.run((db) => insertEntries(db, subjectKeys, { ...writing, areNew }))
      return subjectKeys.confirm(keys)
    } catch (error) {
      areNew = false // this attempt may have written them
      const meets = !hasMet && isWrittenMeanwhile(error)
      if (meets) hasMet = true // a second time it is something else, which is looked for by halves
      else if (!isAway(error) || performance.now() + retryPauseMilliseconds > deadline) throw error
      else await sleep(retryPauseMilliseconds)
    }
  }
}

/**
 * True while the database cannot be reached: no answer of a server at all (those carry a severity), or one that is
 * going down or coming up.
 */
function isAway(error: unknown): boolean {
  if (error instanceof CallerMovedError) return false
  if (error instanceof UnavailableError && error.hint !== undefined) return false // somebody has to do something first
  if (typeof error !== 'object' || error === null || !('severity' in error)) return true
  return 'code' in error && typeof error.code === 'string' && /^(08|57P)/.test(error.code)
}

/** Whether it may be by one entry that a batch was refused: a full disk, or a lock, is the same to all of them. */
const isOfOne = (cause: unknown): boolean => !isAway(cause) && !(cause instanceof UnavailableError)

/** PostgreSQL's `unique_violation`: an entry was there only once this statement had looked for it. */
const isWrittenMeanwhile = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === '23505'

const unavailable = (message: string, cause?: unknown): Refusal => {
  const hint = cause instanceof UnavailableError ? cause.hint : undefined
  const details = { retryAfterSeconds: 1, ...(hint === undefined ? {} : { hint }) }
  return new Refusal('unavailable', details, { message, cause })
}
