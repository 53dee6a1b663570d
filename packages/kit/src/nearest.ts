/** More edits than this is another word, not a slip. */
const EDITS_MAX = 3

/** The candidate that was probably meant; null when none is near. */
export const nearest = (typed: string, candidates: readonly string[]): string | null => {
  const scored = candidates.map((candidate) => ({ candidate, edits: editDistance(typed, candidate) }))
  const best = scored.reduce<{ candidate: string; edits: number } | null>(
    (least, next) => (least === null || next.edits < least.edits ? next : least),
    null,
  )
  return best !== null && best.edits <= Math.min(EDITS_MAX, Math.ceil(best.candidate.length / 2))
    ? best.candidate
    : null
}

/** Levenshtein distance, one row at a time. */
const editDistance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [fromIndex, letter] of [...from].entries()) {
    const next = [fromIndex + 1]
    for (const [toIndex, other] of [...to].entries()) {
      const replace = (row[toIndex] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replace, (row[toIndex + 1] ?? 0) + 1, (next[toIndex] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
