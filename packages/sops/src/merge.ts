import type { OpenDocument } from './document.ts'
import type { Parsed } from './formats/format.ts'
import { bytesOf } from './scalar.ts'
import { entry, map, valueAt, type Comment, type Entry, type MapNode, type Node } from './tree.ts'

/** What two people made of one document. */
export interface Merged {
  readonly parsed: Parsed
  /** The paths that both changed, each in another way; there ours stands. */
  readonly conflicts: readonly string[]
}

/** Puts the changes of theirs into ours, value by value; a list is one value. */
export const mergeDocuments = (base: OpenDocument, ours: OpenDocument, theirs: OpenDocument): Merged => {
  const conflicts: string[] = []
  const empty = map([])
  const docs = ours.parsed.docs.map((doc, index) =>
    mergeMaps(
      { base: base.parsed.docs[index] ?? empty, ours: doc, theirs: theirs.parsed.docs[index] ?? doc },
      { path: [], conflicts },
    ),
  )
  return { parsed: { ...ours.parsed, docs }, conflicts }
}

interface Three<N> {
  readonly base: N
  readonly ours: N
  readonly theirs: N
}

interface Place {
  readonly path: readonly string[]
  readonly conflicts: string[]
}

const mergeMaps = ({ base, ours, theirs }: Three<MapNode>, place: Place): MapNode => {
  const merged = (key: string): Node | null =>
    mergeValues(
      { base: valueAt(base, key), ours: valueAt(ours, key), theirs: valueAt(theirs, key) },
      { ...place, path: [...place.path, key] },
    )
  const kept = ours.entries.flatMap((one): (Comment | Entry)[] => {
    if (one.kind === 'comment') return [one]
    const value = merged(one.key)
    if (value === null) return []
    return [value === one.value ? one : entry(one.key, value)]
  })
  const come = theirs.entries.flatMap((one): Entry[] => {
    if (one.kind === 'comment' || valueAt(ours, one.key) !== null) return []
    const value = merged(one.key)
    return value === null ? [] : [entry(one.key, value)]
  })
  return map([...kept, ...come])
}

const mergeValues = ({ base, ours, theirs }: Three<Node | null>, place: Place): Node | null => {
  if (isSame(ours, theirs) || isSame(base, theirs)) return ours
  if (isSame(base, ours)) return theirs === null ? null : placedLike(theirs, ours)
  if (ours?.kind === 'map' && theirs?.kind === 'map')
    return mergeMaps({ base: base?.kind === 'map' ? base : map([]), ours, theirs }, place)
  place.conflicts.push(place.path.join('.'))
  return ours
}

/** A single value in place of another stands where that stood; all else has no place in our file yet. */
const placedLike = (theirs: Node, ours: Node | null): Node =>
  theirs.kind === 'leaf' && ours?.kind === 'leaf'
    ? { kind: 'leaf', value: theirs.value, ...(ours.at === undefined ? {} : { at: ours.at }) }
    : withoutPlaces(theirs)

const withoutPlaces = (node: Node): Node => {
  if (node.kind === 'leaf') return { kind: 'leaf', value: node.value }
  if (node.kind === 'list')
    return {
      kind: 'list',
      items: node.items.map((item) =>
        item.kind === 'comment' ? { kind: 'comment', text: item.text } : withoutPlaces(item),
      ),
    }
  return map(
    node.entries.map((one) =>
      one.kind === 'comment' ? { kind: 'comment', text: one.text } : entry(one.key, withoutPlaces(one.value)),
    ),
  )
}

/** Whether two values mean the same; comments do not count. */
const isSame = (a: Node | null, b: Node | null): boolean => {
  if (a === null || b === null || a.kind !== b.kind) return a === b
  return meaning(a) === meaning(b)
}

const meaning = (node: Node): string => {
  if (node.kind === 'leaf')
    return node.value.type === 'null'
      ? 'null'
      : `${node.value.type} ${Buffer.from(bytesOf(node.value)).toString('base64')}`
  const parts =
    node.kind === 'map'
      ? node.entries.map((one) => (one.kind === 'comment' ? '' : `${JSON.stringify(one.key)}:${meaning(one.value)}`))
      : node.items.map((item) => (item.kind === 'comment' ? '' : meaning(item)))
  return `${node.kind}(${parts.filter((part) => part !== '').join()})`
}
