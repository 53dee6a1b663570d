import type { Removal } from '../record.queries.ts'
import { parseStoredEntry, textAt, type StoredEntry } from '../stored-entry.ts'
import { isSameDay } from './seen-days.ts'
import { leafHashOf, sameHash } from '../verify.ts'
import { findIn, readRanges, type Range } from './ranges.ts'

/** Why an entry is gone: by which run, which took what was older than a moment. */
export interface Removed {
  /** The place of the entry that says so, or of the first of that day. */
  readonly by: number
  readonly before: Date
  /** When it ran. */
  readonly at: Date
}

/** What was removed when its time was over. */
export interface Removals {
  /** Why the entry of a place is gone; null: no entry of the log says so. */
  of(seq: number): Removed | null
  /** Ranges that are held in memory for it. */
  readonly ranges: number
}

/**
 * Which entries were removed when their time was over: those that an entry of the log names and that came before it.
 * That entry is in the tree itself, so that nobody takes one away without leaving word of it. What the runs of one day
 * removed in a row is held as one range: memory grows with days and gaps, and not with what was removed.
 */
export async function readRemovals(pages: AsyncIterable<readonly Removal[]>): Promise<Removals> {
  const ranges: RemovedRange[] = []
  for await (const removals of pages) {
    for (const range of removals.flatMap(rangesIn)) {
      const joined = joinedWith(ranges.at(-1), range)
      if (joined === null) ranges.push(range)
      else ranges[ranges.length - 1] = joined
    }
  }
  return { of: findIn(ranges), ranges: ranges.length }
}

type RemovedRange = readonly [Range, Removed]

/** Both as one; null: they are two. Of the moments only the days are asked for. */
function joinedWith(before: RemovedRange | undefined, [range, removed]: RemovedRange): RemovedRange | null {
  if (before === undefined) return null
  const [[first, last], known] = before
  const isSame = isSameDay(known.before, removed.before) && isSameDay(known.at, removed.at)
  return isSame && range[0] === last + 1 ? [[first, range[1]], known] : null
}

function rangesIn({ seq, hash, entry }: Removal): RemovedRange[] {
  if (!sameHash(leafHashOf(entry), hash)) return []
  const stored = parseStoredEntry(entry) ?? {}
  const [before, at] = [dateAt(stored, 'detail', 'before'), dateAt(stored, 'at')]
  if (!(before < at)) return [] // nor where one of them is no time
  return readRanges(textAt(stored, 'detail', 'places') ?? '')
    .filter(([, last]) => last < seq)
    .map((range) => [range, { by: seq, before, at }] as const)
}

const dateAt = (stored: StoredEntry, ...path: readonly string[]): Date =>
  new Date(textAt(stored, ...path) ?? Number.NaN)
