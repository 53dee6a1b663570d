import type { Scalar } from './scalar.ts'

/** Where something stands in the source that it was read from. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A value. */
export interface Leaf {
  readonly kind: 'leaf'
  readonly value: Scalar
  readonly at?: Span
}

/** A comment without its sign. */
export interface Comment {
  readonly kind: 'comment'
  readonly text: string
  /** Whether the text was encrypted just now. */
  readonly isSealed?: true
  readonly at?: Span
}

export interface Entry {
  readonly kind: 'entry'
  readonly key: string
  readonly value: Node
}

export interface MapNode {
  readonly kind: 'map'
  readonly entries: readonly (Comment | Entry)[]
}

export interface ListNode {
  readonly kind: 'list'
  readonly items: readonly (Comment | Node)[]
}

export type Node = Leaf | MapNode | ListNode

/** One step into a document: a key or an index. */
export type Step = string | number

export const leaf = (value: Scalar, at?: Span): Leaf =>
  at === undefined ? { kind: 'leaf', value } : { kind: 'leaf', value, at }

export const entry = (key: string, value: Node): Entry => ({ kind: 'entry', key, value })

export const map = (entries: readonly (Comment | Entry)[]): MapNode => ({ kind: 'map', entries })

export const list = (items: readonly (Comment | Node)[]): ListNode => ({ kind: 'list', items })

/** The value of a key; the first, should there be several. */
export const valueAt = ({ entries }: MapNode, key: string): Node | null =>
  entries.find((one): one is Entry => one.kind === 'entry' && one.key === key)?.value ?? null

/** A map without a key. */
export const without = ({ entries }: MapNode, key: string): MapNode =>
  map(entries.filter((one) => one.kind === 'comment' || one.key !== key))

/** The part of a document at a path; null where there is none. */
export const nodeAt = (node: Node, path: readonly Step[]): Node | null => {
  const [step, ...rest] = path
  if (step === undefined) return node
  const next = childOf(node, step)
  return next === null ? null : nodeAt(next, rest)
}

const childOf = (node: Node, step: Step): Node | null => {
  if (node.kind === 'map') return typeof step === 'string' ? valueAt(node, step) : null
  if (node.kind === 'leaf' || typeof step === 'string') return null
  return node.items.filter((item) => item.kind !== 'comment')[step] ?? null
}

/** A document with another value at a path; what is missing on the way is made, as stock SOPS does it. */
export const withNodeAt = (node: Node | null, path: readonly Step[], value: Node): Node => {
  const [step, ...rest] = path
  if (step === undefined) return value
  if (typeof step === 'number')
    return withItem(node?.kind === 'list' ? node : list([]), step, (old) => withNodeAt(old, rest, value))
  return withKey(node?.kind === 'map' ? node : map([]), step, (old) => withNodeAt(old, rest, value))
}

const withKey = (node: MapNode, key: string, change: (old: Node | null) => Node): MapNode => {
  const old = valueAt(node, key)
  if (old === null) return map([...node.entries, entry(key, change(null))])
  return map(node.entries.map((one) => (one.kind === 'entry' && one.value === old ? entry(key, change(old)) : one)))
}

const withItem = (node: ListNode, index: number, change: (old: Node | null) => Node): ListNode => {
  const old = node.items.filter((item) => item.kind !== 'comment')[index]
  if (old === undefined) return list([...node.items, change(null)])
  return list(node.items.map((item) => (item === old ? change(old) : item)))
}

/** A document without what stands at a path; null where nothing does. */
export const withoutNodeAt = (node: Node, path: readonly Step[]): Node | null => {
  const [step, ...rest] = path
  if (step === undefined) return null
  const old = childOf(node, step)
  if (old === null) return null
  if (rest.length > 0) {
    const changed = withoutNodeAt(old, rest)
    return changed === null ? null : withNodeAt(node, [step], changed)
  }
  if (node.kind === 'map') return without(node, String(step))
  return node.kind === 'list' ? list(node.items.filter((item) => item !== old)) : null
}
