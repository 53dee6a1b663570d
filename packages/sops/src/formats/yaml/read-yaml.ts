import {
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Parser,
  type Document,
  type Node as YamlNode,
  type Pair,
  type Scalar as YamlScalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { textOrBytes, type Scalar } from '../../scalar.ts'
import { SopsError } from '../../sops-error.ts'
import {
  entry,
  leaf,
  list,
  map,
  type Comment,
  type Entry,
  type ListNode,
  type MapNode,
  type Node,
  type Span,
} from '../../tree.ts'
import { deeper } from './emit.ts'
import { findComments, linesOf } from './find-comments.ts'
import { placeComments, type Container, type FoundComment, type PlacedComments, type Slot } from './place-comments.ts'
import { resolvePlain } from './resolve-plain.ts'
import { shareComments, type OwnComments } from './share-comments.ts'

/** An alias stands for all of its anchor: a few lines can mean a gigabyte. */
const nodesMax = 200_000

/** One document of a source. */
export interface YamlPart {
  /** Where a further key of the document's map would stand; null where there is no such place. */
  readonly appendAt: number | null
  /** Where top-level entries stand, whole lines, by key. */
  readonly entrySpans: ReadonlyMap<string, Span>
  /** The values that stand in a flow. */
  readonly inFlow: ReadonlySet<number>
  /** How deep the lines of a value may stand, by where it begins. */
  readonly indents: ReadonlyMap<number, number>
  /** Whether values can be put in their places: nothing stands for something elsewhere. */
  readonly isPlain: boolean
  /** Whether comments stand behind values. */
  readonly hasTrailing: boolean
}

export interface YamlSource {
  readonly docs: readonly MapNode[]
  readonly parts: readonly YamlPart[]
}

/** Reads all documents of a source as stock SOPS does: keys are text, aliases stand for what they mean. */
export const readYaml = (source: string): YamlSource => {
  try {
    const documents = [
      ...new Composer({ schema: 'failsafe', version: '1.2', uniqueKeys: false }).compose(new Parser().parse(source)),
    ]
    const ends = documents.map(({ range }) => range[2])
    const shares = shareComments(findComments(source), ends, source)
    const read = documents.map((document, index) => readDocument(document, source, shares[index] ?? none))
    return { docs: read.map(({ doc }) => doc), parts: read.map(({ part }) => part) }
  } catch (cause) {
    if (cause instanceof SopsError) throw cause
    throw new SopsError(
      'malformed',
      cause instanceof RangeError ? 'the YAML is nested too deep' : 'the YAML cannot be read',
      { cause },
    )
  }
}

const none: OwnComments = { comments: [], feet: [] }

const readDocument = (
  document: Document.Parsed,
  source: string,
  { comments, feet }: OwnComments,
): { doc: MapNode; part: YamlPart } => {
  const [problem] = document.errors
  if (problem !== undefined)
    throw new SopsError(
      'malformed',
      `the YAML cannot be read at line ${problem.linePos?.[0].line ?? 1}: ${words(problem.code)}`,
    )
  const { contents } = document
  const reader = new DocumentReader(document, source)
  if (!isMap(contents)) {
    if (contents !== null && !(isScalar(contents) && contents.source === ''))
      throw new SopsError('unsupported', 'a YAML document has to be a map; SOPS takes no list or single value')
    return { doc: map([...comments, ...feet].map(({ text }) => ({ kind: 'comment', text }))), part: emptyPart }
  }
  const root = reader.scan(contents)
  const placed = placeComments({ root, slots: reader.slots, comments, feet })
  return { doc: reader.build(contents, placed), part: reader.part(contents, comments) }
}

/** `BAD_INDENT`, as a person says it. */
const words = (code: string): string => code.toLowerCase().replaceAll('_', ' ')

const emptyPart: YamlPart = {
  appendAt: null,
  entrySpans: new Map(),
  inFlow: new Set(),
  indents: new Map(),
  isPlain: false,
  hasTrailing: false,
}

type Collection = YAMLMap.Parsed | YAMLSeq.Parsed

/** Reads one document: first where everything stands, then, with the comments in their places, what it is. */
class DocumentReader {
  readonly slots: Slot[] = []
  readonly #document: Document.Parsed
  readonly #source: string
  readonly #lines: ReturnType<typeof linesOf>
  readonly #containers = new Map<YamlNode, Container>()
  readonly #slotOf = new Map<unknown, Slot>()
  readonly #inFlow = new Set<number>()
  readonly #indents = new Map<number, number>()
  #isPlain = true
  #nodes = 0

  constructor(document: Document.Parsed, source: string) {
    this.#document = document
    this.#source = source
    this.#lines = linesOf(source)
  }

  scan(root: Collection): Container {
    const container: Container = { parent: null, column: 0, isFlow: root.flow === true, owner: null, slots: [] }
    this.#scanCollection(root, container)
    this.slots.sort((a, b) => a.start - b.start)
    return container
  }

  #scanCollection(node: Collection, container: Container): void {
    this.#containers.set(node, container)
    for (const item of node.items) {
      const [first, value] = isMap(node)
        ? [(item as Pair<YamlNode, YamlNode | null>).key, (item as Pair<YamlNode, YamlNode | null>).value]
        : [item as YamlNode, item as YamlNode] // by its kind
      const slot = this.#slot(first, { value, container, isItem: !isMap(node) })
      this.slots.push(slot)
      container.slots.push(slot)
      this.#slotOf.set(item, slot)
      this.#scanValue(value, slot)
    }
  }

  #slot(
    first: YamlNode,
    { value, container, isItem }: { value: YamlNode | null; container: Container; isItem: boolean },
  ): Slot {
    const start = first.range?.[0] ?? 0
    const end = value?.range?.[1] ?? first.range?.[1] ?? start
    const dash = isItem && !container.isFlow ? this.#source.lastIndexOf('-', start - 1) : start
    // an item that is a map begins where its first key does: the dash stands before
    const at = isItem && dash !== -1 ? dash : start
    return { container, start: at, end, ...this.#lines(at) }
  }

  #scanValue(value: YamlNode | null, owner: Slot): void {
    if (value === null) return
    if (isAlias(value) || value.tag !== undefined || ('anchor' in value && value.anchor !== undefined))
      this.#isPlain = false
    const start = value.range?.[0] ?? 0
    if (owner.container.isFlow) this.#inFlow.add(start)
    const { column: at } = owner.container
    this.#indents.set(start, this.#source[owner.start] === '-' ? at + 2 : deeper(at))
    if (!isMap(value) && !isSeq(value)) return
    const isFlow = (value as Collection).flow === true
    const { column } = this.#lines(start)
    // parsed, as the document is
    this.#scanCollection(value as Collection, { parent: owner.container, column, isFlow, owner, slots: [] })
  }

  build(node: Collection, placed: PlacedComments): MapNode {
    return this.#map(node as YAMLMap.Parsed, placed) // the caller has looked
  }

  #map(node: YAMLMap.Parsed, placed: PlacedComments): MapNode {
    const container = this.#containers.get(node)
    const comments = container === undefined ? undefined : placed.get(container)
    const entries = node.items.flatMap((pair): (Comment | Entry)[] => [
      ...this.#commentsBefore(pair, comments),
      entry(this.#key(pair.key), this.#value(pair.value, placed)),
    ])
    const keys = entries.flatMap((one) => (one.kind === 'entry' ? [one.key] : []))
    if (new Set(keys).size < keys.length) throw new SopsError('malformed', 'a map of the YAML has a key twice')
    return map([...entries, ...(comments?.get(null) ?? []).map(commentOf)])
  }

  #list(node: YAMLSeq.Parsed, placed: PlacedComments): ListNode {
    const container = this.#containers.get(node)
    const comments = container === undefined ? undefined : placed.get(container)
    const items = node.items.flatMap((item): (Comment | Node)[] => [
      ...this.#commentsBefore(item, comments),
      this.#value(item as YamlNode, placed),
    ])
    return list([...items, ...(comments?.get(null) ?? []).map(commentOf)])
  }

  #commentsBefore(
    item: unknown,
    comments: ReadonlyMap<Slot | null, readonly FoundComment[]> | undefined,
  ): readonly Comment[] {
    const slot = this.#slotOf.get(item)
    return slot === undefined ? [] : (comments?.get(slot) ?? []).map(commentOf)
  }

  #key(key: YamlNode): string {
    const scalar = isAlias(key) ? key.resolve(this.#document) : key
    const value = isScalar(scalar) ? this.#scalar(scalar) : null
    const isMerge = isScalar(scalar) && scalar.source === '<<'
    if (isMerge) return '<<'
    if (value?.type !== 'str')
      throw new SopsError('unsupported', 'a key of the YAML is no text; SOPS takes text only: put it in quotes')
    return value.text
  }

  #value(node: YamlNode | null, placed: PlacedComments): Node {
    this.#nodes += 1
    if (this.#nodes > nodesMax) throw new SopsError('too-large', `the YAML means more than ${nodesMax} values`)
    if (node === null) return leaf({ type: 'null' })
    if (isAlias(node)) {
      const target = node.resolve(this.#document)
      if (target === undefined) throw new SopsError('malformed', 'the YAML has an alias without an anchor')
      return this.#value(target, placed)
    }
    if (isMap(node)) return this.#map(node as YAMLMap.Parsed, placed) // parsed, as the document is
    if (isSeq(node)) return this.#list(node as YAMLSeq.Parsed, placed)
    const scalar = node as YamlScalar.Parsed // nothing else is left
    const [start, end] = scalar.range
    return leaf(this.#scalar(scalar), start === end ? undefined : { start, end })
  }

  #scalar(scalar: YamlScalar): Scalar {
    const text = scalar.source ?? ''
    const { tag } = scalar
    if (tag === 'tag:yaml.org,2002:binary') return textOrBytes(Buffer.from(text.replaceAll(/\s/g, ''), 'base64'))
    if (tag === 'tag:yaml.org,2002:str' || tag === '!') return { type: 'str', text }
    const isPlain = scalar.type === 'PLAIN' || scalar.type === undefined
    if (tag !== undefined) return tagged(tag, text)
    return isPlain ? resolvePlain(text) : { type: 'str', text }
  }

  part(root: Collection, comments: readonly FoundComment[]): YamlPart {
    const spans = (root as YAMLMap.Parsed).items.map((pair): [string, Span] => [
      this.#key(pair.key),
      this.#linesOf(pair),
    ])
    const trailing = comments.filter(({ isTrailing }) => isTrailing)
    // stock SOPS loses comments around a long one behind an item of a list
    const isPlain =
      this.#isPlain && root.flow !== true && !trailing.some(({ start }) => /^ *-\s/.test(this.#lines(start).before))
    return {
      hasTrailing: trailing.length > 0,
      appendAt: isPlain ? this.#end() : null,
      entrySpans: new Map(spans),
      inFlow: this.#inFlow,
      indents: this.#indents,
      isPlain,
    }
  }

  /** All lines of a top-level entry. */
  #linesOf({ key, value }: Pair<YamlNode, YamlNode | null>): Span {
    const start = key.range?.[0] ?? 0
    const end = value?.range?.[1] ?? key.range?.[1] ?? start
    const lineEnd = this.#source.indexOf('\n', end)
    const isWhole = this.#source[end - 1] === '\n' || lineEnd === -1
    return { start: start - this.#lines(start).before.length, end: isWhole ? end : lineEnd + 1 }
  }

  /** Behind the comments of the document, before what ends it. */
  #end(): number {
    const [, contentEnd, end] = this.#document.range
    const marker = this.#source.slice(contentEnd, end).search(/^\.\.\./m)
    return marker === -1 ? end : contentEnd + marker
  }
}

const commentOf = ({ text, start, end }: FoundComment): Comment => ({ kind: 'comment', text, at: { start, end } })

/** A value with a tag that says what it is. */
const tagged = (tag: string, text: string): Scalar => {
  const wanted = {
    'tag:yaml.org,2002:int': 'int',
    'tag:yaml.org,2002:float': 'float',
    'tag:yaml.org,2002:bool': 'bool',
    'tag:yaml.org,2002:null': 'null',
    'tag:yaml.org,2002:timestamp': 'time',
  }[tag]
  if (wanted === undefined) return { type: 'str', text }
  const value = resolvePlain(text)
  if (value.type === 'int' && wanted === 'float') return { type: 'float', value: Number(value.value) }
  if (value.type !== wanted) throw new SopsError('malformed', 'a value of the YAML is not what its tag says')
  return value
}
