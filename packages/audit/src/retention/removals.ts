import type { Removal } from '../record.queries.ts'
import { parseStoredEntry, textAt, type StoredEntry } from '../stored-entry.ts'
import { leafHashOf, sameHash } from '../verify.ts'
import { findIn, readRanges, type Range } from './ranges.ts'

/** Why an entry is gone: by which run, which took what was older than a moment. */
export interface Removed {
  /** The place of the entry that says so. */
  readonly by: number
  readonly before: Date
  /** When it ran. */
  readonly at: Date
}

/**
 * Which entries were removed when their time was over: those that an entry of the log names and that came before it.
 * That entry is in the tree itself, so that nobody takes one away without leaving word of it.
 */
export const readRemovals = (removals: readonly Removal[]): ((seq: number) => Removed | null) =>
  findIn(removals.flatMap(rangesIn))

function rangesIn({ seq, hash, entry }: Removal): (readonly [Range, Removed])[] {
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
