import type { Span } from '../../tree.ts'

// Which map or list a comment belongs to decides under what it is encrypted. Here it is decided as go-yaml, which stock
// SOPS reads with, decides it: a comment on a line belongs to what stands on it; one on its own line to what follows at
// its column, unless a blank line comes between: else to what came before.

/** A map or a list that is being read. */
export interface Container {
  readonly parent: Container | null
  /** Of its keys or dashes. */
  readonly column: number
  readonly isFlow: boolean
  /** The entry or item that it is the value of; null at the top. */
  readonly owner: Slot | null
  /** Its own, in their order. */
  readonly slots: Slot[]
}

/** An entry of a map, or an item of a list, where its key or its dash stands. */
export interface Slot extends Span {
  readonly container: Container
  readonly line: number
  readonly column: number
}

export interface FoundComment extends Span {
  readonly text: string
  readonly line: number
  readonly column: number
  /** Whether something stands before it on its line. */
  readonly isTrailing: boolean
  /** Whether only dashes do: then it is about what follows. */
  readonly isBehindDash: boolean
  /** Whether its line ends with two characters: go-yaml takes the second for a blank line behind a comment. */
  readonly isCrLf: boolean
  readonly isBlankAbove: boolean
  readonly isBlankBelow: boolean
  /** Whether the source ends with its line. */
  readonly isAtEnd: boolean
}

/** Where a comment goes: into a container, before one of its slots or, with null, at its end. */
export interface Target {
  readonly container: Container
  readonly before: Slot | null
  /** Whether it stands between a key and its value in a flow: it goes before what is behind them on a line. */
  readonly isInside?: boolean
}

export interface CommentedDocument {
  readonly root: Container
  /** In the order of the document. */
  readonly slots: readonly Slot[]
  readonly comments: readonly FoundComment[]
  /** Those that belong to its end, wherever they stand. */
  readonly feet: readonly FoundComment[]
}

/** The comments of each container, by the slot that they stand before. */
export type PlacedComments = ReadonlyMap<Container, ReadonlyMap<Slot | null, readonly FoundComment[]>>

/** Places all comments of a document. */
export const placeComments = (document: CommentedDocument): PlacedComments => {
  const placed = new Map<Container, Map<Slot | null, readonly FoundComment[]>>()
  for (const group of groupsOf(document)) {
    const { container, before, isInside } = targetOf(group, document)
    const ofContainer = placed.get(container) ?? new Map<Slot | null, readonly FoundComment[]>()
    placed.set(container, ofContainer)
    const there = ofContainer.get(before) ?? []
    const trailing = isInside === true ? there.filter(({ isTrailing }) => isTrailing) : []
    ofContainer.set(before, [...there.filter((one) => !trailing.includes(one)), ...group, ...trailing])
  }
  return withFeet(placed, document)
}

const withFeet = (placed: PlacedComments, { root, feet }: CommentedDocument): PlacedComments => {
  const ofRoot = placed.get(root) ?? new Map<Slot | null, readonly FoundComment[]>()
  return new Map([...placed, [root, new Map([...ofRoot, [null, [...(ofRoot.get(null) ?? []), ...feet]]])]])
}

/** Comments on lines of their own go together while no blank line comes between and they do not fall back. */
const groupsOf = ({ comments }: CommentedDocument): readonly (readonly FoundComment[])[] => {
  const groups: FoundComment[][] = []
  for (const comment of comments) {
    const group = groups.at(-1)
    const [first, last] = [group?.[0], group?.at(-1)]
    const isNext = last !== undefined && isBelow(comment, last)
    if (isNext && comment.column >= (first?.column ?? 0)) group?.push(comment)
    else groups.push([comment])
  }
  return groups
}

/** Whether a comment goes on with the one above it. */
export const isBelow = (comment: FoundComment, above: FoundComment): boolean =>
  comment.line === above.line + 1 && !comment.isTrailing && !above.isTrailing && !above.isCrLf

const targetOf = (group: readonly FoundComment[], document: CommentedDocument): Target => {
  const [first] = group
  if (first === undefined) return { container: document.root, before: null }
  const following = indexAfter(document.slots, first.start)
  const [previous, next] = [document.slots[following - 1] ?? null, document.slots[following] ?? null]
  if (previous === null) return next === null ? { container: document.root, before: null } : head(next)
  if (first.isTrailing && !first.isBehindDash) return behind(previous, first)
  if (previous.end > first.start && next?.container.owner !== previous)
    return { ...head(previous), isInside: previous.container.isFlow }
  if (next !== null && (first.isBehindDash || isHead(group, { previous, next }))) return head(next)
  // `sops:` will follow
  if (next === null && first.column <= document.root.column) return { container: document.root, before: null }
  const place = { column: first.column, next: next?.container ?? document.root }
  const container = containerOf(group, { previous, document, place })
  return { container, before: container.slots[indexAfter(container.slots, first.start)] ?? null }
}

/** Which of some slots, in their order, is the first behind a position. */
const indexAfter = (slots: readonly Slot[], position: number): number => {
  let [low, high] = [0, slots.length]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if ((slots[middle]?.start ?? 0) > position) high = middle
    else low = middle + 1
  }
  return low
}

const head = (slot: Slot): Target => ({ container: slot.container, before: slot })

/** Whether comments on their own lines belong to what follows. */
const isHead = (group: readonly FoundComment[], { previous, next }: { previous: Slot; next: Slot }): boolean => {
  const [first] = group
  if (first === undefined) return true
  if (next.container.isFlow || next.container.owner === previous) return true
  return !isFoot(group) && first.column === next.column
}

/** Whether a blank line says that comments are about what stands above them. Below the last ones `sops:` is put. */
const isFoot = (group: readonly FoundComment[]): boolean =>
  group.at(-1)?.isBlankBelow === true && group.at(-1)?.isAtEnd !== true && group[0]?.isBlankAbove !== true

interface Place {
  readonly column: number
  /** Where what follows stands. */
  readonly next: Container
}

/**
 * What comments belong to that nothing follows at their column. The first behind something belong to the deepest map or
 * list that it is in, however they are indented; where a blank line ends them, or others come before them, their column
 * counts.
 */
const containerOf = (
  group: readonly FoundComment[],
  { previous, document, place }: { previous: Slot; document: CommentedDocument; place: Place },
): Container => {
  const deepest = blockAround(previous.container)
  const above = document.comments[document.comments.indexOf(group[0] as FoundComment) - 1] // one of them
  const isFirst = above === undefined || above.start < previous.start || above.isTrailing
  if (isFirst && (!isFoot(group) || place.column > deepest.column)) return deepest
  return ancestorAt(deepest, place) ?? place.next
}

const blockAround = (container: Container): Container =>
  container.isFlow && container.parent !== null ? blockAround(container.parent) : container

/** A comment behind a flow goes into it; any other stands above what it is behind. */
const behind = (slot: Slot, comment: FoundComment): Target => {
  const inside = containersAround(slot).findLast(
    ({ isFlow, owner }) => isFlow && owner !== null && owner.end <= comment.start,
  )
  return inside === undefined ? head(slot) : { container: inside, before: inside.slots[0] ?? null }
}

/** A slot's container and those around it, the deepest first. */
const containersAround = ({ container }: Slot): readonly Container[] => {
  const around: Container[] = []
  for (let one: Container | null = container; one !== null; one = one.parent) around.push(one)
  return around
}

/** Which of a container and those around it, up to that of what follows, stands at a column; null: none. */
const ancestorAt = (container: Container, { column, next }: Place): Container | null => {
  if (container.column === column) return container
  return container === next || container.parent === null
    ? null
    : ancestorAt(blockAround(container.parent), { column, next })
}
