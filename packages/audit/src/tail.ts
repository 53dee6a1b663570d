import { setTimeout as sleep } from 'node:timers/promises'
import { invalidField, type Output } from '@gatehouse/contract'
import type { Handler, Permit } from '@gatehouse/enforcement'
import { readTail } from './leaf.queries.ts'
import { readerOf, type ReaderDeps } from './reader.ts'
import { refuseNaming } from './refuse-naming.ts'
import { filtersOf, type FilterDeps } from './search-filters.ts'
import { presentedTo } from './search.ts'
import { seesOwnAlone, sightFor } from './sight.ts'
import { createTailFeed, type ListenForLeaves, type TailFeed, type TailSeat } from './tail-feed.ts'
import { selectTail } from './tail.queries.ts'

/** What tails are made of. */
export interface TailDeps extends FilterDeps, ReaderDeps {
  readonly listenForLeaves: ListenForLeaves
}

type Part = Output<'audit.tail'>

/** Places of the tree looked through at once: a few milliseconds of the database, and a part's entries at most. */
const placesAtOnce = 500

/** A tail reads no more often: what comes in a flood comes in parts. */
const readEveryMilliseconds = 250

/** New entries as they get their places in the tree: from now on, or from where an earlier tail was left. */
export function tailAudit(deps: TailDeps): Handler<'audit.tail'> {
  const feed = createTailFeed(deps.listenForLeaves)
  return (permit) => ({ [Symbol.asyncIterator]: () => createTail(deps, permit, feed) })
}

/**
 * Written by hand and not as a generator: a generator's `return` waits for its pending `next`, which may never come.
 * It goes by the places of the tree, which have no gap and never change: nothing is told twice, and nothing left out.
 */
function createTail(deps: TailDeps, permit: Permit<'audit.tail'>, feed: TailFeed): AsyncIterator<Part> {
  const over = new AbortController()
  const seat = feed.join()
  let reading: Promise<Reader> | null = null
  return {
    next: async () => {
      reading ??= openReader(deps, permit, { seat, over: over.signal })
      const part = await (await reading)()
      return part === null || over.signal.aborted ? { done: true, value: undefined } : { done: false, value: part }
    },
    return: () => {
      over.abort()
      seat.leave()
      return Promise.resolve({ done: true, value: undefined })
    },
  }
}

/** Answers the next part; null: the tail is over. */
type Reader = () => Promise<Part | null>

interface Seat {
  readonly seat: TailSeat
  readonly over: AbortSignal
}

async function openReader(deps: TailDeps, permit: Permit<'audit.tail'>, { seat, over }: Seat): Promise<Reader> {
  const { after, ...filters } = permit.input
  const readsAs = readerOf(deps, permit)
  if (!seesOwnAlone(permit)) refuseNaming(readsAs, filters)
  const hidesPeople = readsAs.pseudonyms !== null
  const read = await filtersOf(deps, filters)
  const end = await readTail(deps.db)
  /** The first place that was not looked at yet. */
  let place = after === undefined ? end : Number(after)
  // another Gatehouse's cursor, or one from before an old backup was restored
  if (place > end) throw invalidField('after', 'a cursor of this audit log; without one it begins with what is new')
  // what is looked through stood there before: so did the workspaces that it stands in
  const searchNow = async () => ({ sight: await sightFor(deps, permit, readsAs), filters: read })
  const partOf = (entries: Part['entries']): Part => ({ entries, cursor: String(place) })
  let isFirst = true

  return async () => {
    // where it stands is told at once: who is cut off before the first entry goes on from there
    if (isFirst) {
      isFirst = false
      return partOf([])
    }
    while (!over.aborted) {
      const heard = seat.heard()
      const newEnd = await readTail(deps.db)
      const to = Math.min(newEnd, place + placesAtOnce)
      const rows = to > place ? await selectTail(deps, await searchNow(), { from: place, to }) : []
      place = Math.max(place, to)
      // the policies may have changed since it was opened: a right that is taken away is gone at once, and one that is
      // given holds for the next tail
      const reader = hidesPeople ? readsAs : readerOf(deps, permit)
      if (rows.length > 0) return partOf(rows.map((row) => presentedTo(reader, row)))
      if (to >= newEnd) await seat.after(heard)
      await sleep(readEveryMilliseconds, undefined, { signal: over }).catch(() => undefined)
    }
    return null
  }
}
