import { isBelow, type FoundComment } from './place-comments.ts'

/** The comments of one document. */
export interface OwnComments {
  /** Those whose place in it tells where they belong. */
  readonly comments: readonly FoundComment[]
  /** Those that belong to its end, wherever they stand. */
  readonly feet: readonly FoundComment[]
}

/** The document that a comment at the head of one belongs to the end of. */
type FootOf = 'previous' | 'own'

/** Shares the comments of a source out among its documents, which end at these positions. */
export const shareComments = (
  all: readonly FoundComment[],
  ends: readonly number[],
  source: string,
): readonly OwnComments[] => {
  const shares = ends.map(() => ({ comments: [] as FoundComment[], feet: [] as FoundComment[] }))
  const feet = feetIn(all, source)
  let index = 0
  for (const comment of all) {
    while (index < ends.length - 1 && comment.start >= (ends[index] ?? 0)) index += 1
    const foot = feet.get(comment)
    if (foot === undefined) shares[index]?.comments.push(comment)
    else shares[foot === 'previous' ? index - 1 : index]?.feet.push(comment)
  }
  return shares
}

/**
 * The comments right below a `---` that a blank line ends. go-yaml takes them for the end of the document before, and
 * where that one is over, after a `...`, or there is none, for the end of their own.
 */
const feetIn = (all: readonly FoundComment[], source: string): ReadonlyMap<FoundComment, FootOf> => {
  const lines = source.split('\n')
  const feet = new Map<FoundComment, FootOf>()
  for (const [index, first] of all.entries()) {
    const mark = first.line - 1
    if (first.isTrailing || mark < 1 || !/^---\s*$/.test(lines[mark] ?? '')) continue // on the first line it is a head
    const group = groupFrom(all, index)
    if (group.at(-1)?.isBlankBelow !== true) continue
    const foot = isOver(lines, mark) ? 'own' : 'previous'
    for (const comment of group) feet.set(comment, foot)
  }
  return feet
}

/** A comment and those that go on with it. */
const groupFrom = (all: readonly FoundComment[], start: number): readonly FoundComment[] => {
  let end = start + 1
  for (let [above, next] = [all[start], all[end]]; above !== undefined && next !== undefined; next = all[end]) {
    if (!isBelow(next, above)) break
    above = next
    end += 1
  }
  return all.slice(start, end)
}

/** Whether no document is open where a mark stands. */
const isOver = (lines: readonly string[], mark: number): boolean => {
  let at = mark - 1
  while (at >= 0 && /^\s*(?:#|$)|^%/.test(lines[at] ?? '')) at -= 1
  return at < 0 || /^\.\.\.(?:\s|$)/.test(lines[at] ?? '')
}
