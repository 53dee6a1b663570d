import { metadataKey } from '../format.ts'
import { entry, leaf, list, map, type Comment, type Leaf, type MapNode, type Node } from '../../tree.ts'
import { emitMap } from './emit.ts'
import type { YamlPart } from './read-yaml.ts'
import { indentStep, scalarText } from './scalar-text.ts'

/** What a written document goes back to. */
export interface YamlLayout {
  readonly source: string
  readonly parts: readonly YamlPart[]
  /** The documents as they were read: what is in them and has not changed is not written again. */
  readonly docs: readonly MapNode[]
  /** Whether each document has metadata, whose place is cut. */
  readonly cut: readonly string[]
}

interface Patch {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Writes documents; with metadata at the end of each. */
export const writeYaml = (docs: readonly MapNode[], layout: YamlLayout, metadata: MapNode | null): string => {
  const patches = patchesOf(docs, layout, metadata)
  if (patches === null) return emitted(docs, metadata)
  return patched(layout.source, patches)
}

/** Anew, as stock SOPS writes. */
const emitted = (docs: readonly MapNode[], metadata: MapNode | null): string =>
  docs.map((doc) => emitMap(metadata === null ? doc : sealed(doc, metadata), 0)).join('---\n')

/**
 * Encrypted comments stand as items of lists: there nobody moves them. Not where comments select what is encrypted:
 * an item would come between one that does and its value.
 */
const sealed = (doc: MapNode, metadata: MapNode): MapNode => {
  const { entries } = selectsByComments(metadata) ? doc : (withCommentItems(doc) as MapNode) // the kind stays
  return map([...entries, entry(metadataKey, metadata)])
}

const withCommentItems = (node: Node): Node => {
  if (node.kind === 'leaf') return node
  if (node.kind === 'map')
    return map(node.entries.map((one) => (one.kind === 'comment' ? one : entry(one.key, withCommentItems(one.value)))))
  return list(node.items.map((item) => (item.kind === 'comment' ? itemOf(item) : withCommentItems(item))))
}

const itemOf = (comment: Comment): Comment | Leaf =>
  comment.isSealed === true && comment.text !== '' ? leaf({ type: 'str', text: comment.text }) : comment

/** What has to change in the source; null where that cannot be done in place. */
const patchesOf = (
  docs: readonly MapNode[],
  { source, parts, docs: old, cut }: YamlLayout,
  metadata: MapNode | null,
): readonly Patch[] | null => {
  const patches: Patch[] = []
  for (const [index, doc] of docs.entries()) {
    const [part, before] = [parts[index], old[index]]
    if (part === undefined || before === undefined || !part.isPlain || part.appendAt === null) return null
    if (part.hasTrailing && metadata !== null && selectsByComments(metadata)) return null
    if (metadata === null && doc.entries.every(({ kind }) => kind === 'comment')) return null // an empty map has a sign
    const values = valuePatches(doc, before, { part, source })
    if (values === null) return null
    patches.push(...values, ...stanzaPatches(part, { source, cut, metadata }))
  }
  return docs.length === parts.length && !overlap(patches) ? patches : null
}

/** Then every comment has to be where stock SOPS finds it for sure: above what it is about. */
const selectsByComments = ({ entries }: MapNode): boolean =>
  entries.some((one) => one.kind === 'entry' && one.key.endsWith('_comment_regex'))

/** A comment can stand in the first line of a block of text. */
const overlap = (patches: readonly Patch[]): boolean => {
  const sorted = patches.toSorted((a, b) => a.start - b.start)
  return sorted.some(({ start }, index) => start < (sorted[index - 1]?.end ?? 0))
}

/** Takes old metadata out, and puts new ones at the end of the document. */
const stanzaPatches = (
  part: YamlPart,
  { source, cut, metadata }: Pick<YamlLayout, 'source' | 'cut'> & { metadata: MapNode | null },
): readonly Patch[] => {
  const gone = cut.flatMap((key) => part.entrySpans.get(key) ?? []).map((span): Patch => ({ ...span, text: '' }))
  const at = gone[0]?.start ?? part.appendAt ?? source.length
  if (metadata === null) return gone
  const text = emitMap(map([entry(metadataKey, metadata)]), 0)
  const [only] = gone
  if (only !== undefined) return [{ ...only, text }, ...gone.slice(1)]
  return [{ start: at, end: at, text: source[at - 1] === '\n' || at === 0 ? text : `\n${text}` }]
}

/** Values and comments that are others than in the source; null where the shape is another, too. */
const valuePatches = (
  doc: MapNode,
  before: MapNode,
  { part, source }: { part: YamlPart; source: string },
): readonly Patch[] | null => {
  const [now, then] = [placedIn(doc), placedIn(before)]
  if (now === null || then === null || now.length !== then.length || !isSameShape(doc, before)) return null
  const known = new Set<Leaf | Comment>(then)
  return now.filter((one) => !known.has(one)).map((one) => patchOf(one, part, source))
}

const patchOf = (one: Leaf | Comment, part: YamlPart, source: string): Patch => {
  const { start, end } = one.at ?? { start: 0, end: 0 } // `placedIn` has looked
  if (one.kind === 'comment') return { start, end, text: `#${one.text.replaceAll('\n', '\\n')}` }
  const indent = part.indents.get(start) ?? indentStep
  const text = scalarText(one.value, { indent, inFlow: part.inFlow.has(start) })
  const lineEnd = source.slice(start, end).endsWith('\n') ? '\n' : '' // a block of text takes its last one along
  return { start, end, text: text.replace(/\n$/, '') + lineEnd }
}

/** Everything that can stand elsewhere in the source; null where something has no place there. */
const placedIn = (node: Node): readonly (Leaf | Comment)[] | null => {
  const found: (Leaf | Comment)[] = []
  const visit = (one: Node | Comment): boolean => {
    if (one.kind === 'map') return one.entries.every((child) => visit(child.kind === 'entry' ? child.value : child))
    if (one.kind === 'list') return one.items.every(visit)
    if (one.at === undefined) return one.kind === 'leaf' && one.value.type === 'null'
    found.push(one)
    return true
  }
  return visit(node) ? found : null
}

/** The same keys and as many items; what the values are does not matter. */
const isSameShape = (a: Node | Comment, b: Node | Comment): boolean => {
  if (a.kind === 'map' && b.kind === 'map')
    return (
      a.entries.length === b.entries.length &&
      a.entries.every((one, index) => {
        const other = b.entries[index]
        if (one.kind === 'comment' || other?.kind !== 'entry') return one.kind === other?.kind
        return one.key === other.key && isSameShape(one.value, other.value)
      })
    )
  if (a.kind === 'list' && b.kind === 'list')
    return a.items.length === b.items.length && a.items.every((one, index) => isSameShape(one, b.items[index] ?? one))
  return a.kind === b.kind
}

const patched = (source: string, patches: readonly Patch[]): string => {
  const parts: string[] = []
  let at = 0
  for (const { start, end, text } of patches.toSorted((a, b) => a.start - b.start)) {
    parts.push(source.slice(at, start), text)
    at = end
  }
  return parts.join('') + source.slice(at)
}
