import { createHash, type Hash } from 'node:crypto'
import { bytesOf, isInt64, type PresentScalar } from './scalar.ts'
import { encryptedAt, type Position, type Selector } from './selectors.ts'
import { SopsError } from './sops-error.ts'
import {
  entry,
  leaf,
  list,
  map,
  type Comment,
  type Entry,
  type Leaf,
  type ListNode,
  type MapNode,
  type Node,
} from './tree.ts'
import { isEncryptedText, type ValueCipher } from './value-cipher.ts'

/** What a walk over a document needs to know. */
export interface WalkOptions {
  readonly cipher: ValueCipher
  readonly selector: Selector
  readonly macOnlyEncrypted: boolean
  /** Whether encrypted comments in lists stand as items, as stock SOPS writes them. */
  readonly commentItems?: boolean
}

/** What a walk gives back: the other documents, and the hash of all values in them. */
export interface Walked {
  readonly docs: readonly MapNode[]
  readonly mac: string
  /** Whether comments stood as items of lists. */
  readonly commentItems: boolean
}

/** SHA-256 of `sops`: sets the hash of encrypted values only apart from that of all. */
const macOnlyEncryptedStart = createHash('sha256').update('sops').digest()

/** Encrypts what the selector says, and hashes every value. */
export const encryptDocs = (docs: readonly MapNode[], options: WalkOptions): Walked =>
  walkDocs(docs, options, {
    leaf: ({ value, at, isEncrypted, path }, hash) => {
      hash(value)
      if (!isEncrypted) return null
      const text = options.cipher.encrypt(value, path)
      return text === '' ? null : leaf({ type: 'str', text }, at)
    },
    comment: (comment, { isEncrypted, path }) => (isEncrypted ? sealComment(comment, path, options) : comment),
  })

/** How often chance may put a pattern into a ciphertext until it is the pattern that fits. */
const sealTriesMax = 8

/** A comment that turned encryption off once it was encrypted would never be decrypted again. */
const sealComment = (comment: Comment, path: string, { cipher, selector }: WalkOptions): Comment => {
  for (let tries = 0; tries < sealTriesMax; tries += 1) {
    const text = cipher.encrypt({ type: 'comment', text: comment.text }, path)
    const isOff =
      selector.name === 'unencrypted_comment_regex' &&
      !encryptedAt(selector)({ path: [], comments: [[text]], isComment: true })
    if (!isOff) return { ...comment, text, isSealed: true }
  }
  throw new SopsError('bad-rule', '`unencrypted_comment_regex` fits an encrypted comment; choose another pattern')
}

/** Decrypts what the selector says was encrypted. The caller compares the hash. */
export const decryptDocs = (docs: readonly MapNode[], options: WalkOptions): Walked => {
  const paths = new Set<string>()
  return walkDocs(docs, options, {
    leaf: ({ value, at, isEncrypted, path }, hash) => {
      paths.add(path)
      if (!isEncrypted) {
        hash(value)
        return null
      }
      const plain = options.cipher.decrypt(value.type === 'str' ? value.text : 'no text', path)
      if (plain.type === 'comment') return { kind: 'comment', text: plain.text }
      hash(plain)
      return leaf(plain, at)
    },
    comment: (comment, { isEncrypted, path }) =>
      isEncrypted ? openComment(comment, { path, paths }, options.cipher) : comment,
  })
}

/** Where a comment belongs is a matter of layout, so other places are tried too. It counts for no hash. */
const openComment = (
  comment: Comment,
  { path: own, paths }: { path: string; paths: ReadonlySet<string> },
  cipher: ValueCipher,
): Comment => {
  if (!isEncryptedText(comment.text)) return comment // stock SOPS, too, takes it for one that never was encrypted
  for (const path of firstOf(own, paths)) {
    try {
      const plain = cipher.decrypt(comment.text, path)
      return plain.type === 'comment' ? { ...comment, text: plain.text } : comment
    } catch (error) {
      if (!(error instanceof SopsError) || error.code !== 'tampered') throw error
    }
  }
  return comment
}

/** A stranger's file may have many comments that nothing opens. */
const commentPlacesMax = 50

function* firstOf(own: string, paths: ReadonlySet<string>): Generator<string> {
  yield own
  let tried = 0
  for (let end = own.lastIndexOf(':', own.length - 2); end > 0 && tried < commentPlacesMax; tried += 1) {
    yield own.slice(0, end + 1)
    end = own.lastIndexOf(':', end - 1)
  }
  yield ':'
  for (const path of paths) {
    if (tried === commentPlacesMax) return
    tried += 1
    yield path
  }
}

interface FoundLeaf {
  readonly value: PresentScalar
  readonly at?: Leaf['at']
  readonly isEncrypted: boolean
  /** The associated data of its place. */
  readonly path: string
}

interface Visitor {
  /** What comes in its place; null where it stays. */
  leaf(found: FoundLeaf, hash: (value: PresentScalar) => void): Leaf | Comment | null
  comment(comment: Comment, found: Pick<FoundLeaf, 'isEncrypted' | 'path'>): Comment
}

const walkDocs = (docs: readonly MapNode[], options: WalkOptions, visitor: Visitor): Walked => {
  const hash = createHash('sha512')
  if (options.macOnlyEncrypted) hash.update(macOnlyEncryptedStart)
  const walker = new Walker(options, visitor, hash)
  const walked = docs.map((doc) => walker.map(doc, [], []))
  return { docs: walked, mac: hash.digest('hex').toUpperCase(), commentItems: walker.commentItems }
}

type Comments = readonly (readonly string[])[]

class Walker {
  readonly #options: WalkOptions
  readonly #visitor: Visitor
  readonly #hash: Hash
  readonly #isEncrypted: (position: Position) => boolean
  commentItems = false

  constructor(options: WalkOptions, visitor: Visitor, hash: Hash) {
    this.#options = options
    this.#visitor = visitor
    this.#hash = hash
    this.#isEncrypted = encryptedAt(options.selector)
  }

  map(node: MapNode, path: readonly string[], above: Comments): MapNode {
    const before: string[] = []
    return map(
      node.entries.map((one): Comment | Entry => {
        if (one.kind === 'comment') return this.#comment(one, { path, before, above })
        const value = this.#node(one.value, [...path, one.key], [...above, [...before]])
        if (value.kind === 'comment')
          throw new SopsError('malformed', 'an encrypted comment stands where a value belongs')
        before.length = 0
        return value === one.value ? one : entry(one.key, value)
      }),
    )
  }

  #list(node: ListNode, path: readonly string[], above: Comments): ListNode {
    const before: string[] = []
    return list(
      node.items.map((item) => {
        if (item.kind === 'comment') return this.#asItem(this.#comment(item, { path, before, above }), item)
        const value = this.#node(item, path, [...above, [...before]])
        if (value.kind === 'comment') {
          this.commentItems = true
          before.push(value.text)
        } else before.length = 0
        return value
      }),
    )
  }

  #asItem(comment: Comment, before: Comment): Comment | Leaf {
    const isItem = this.#options.commentItems === true && comment !== before && comment.text !== ''
    return isItem ? leaf({ type: 'str', text: comment.text }) : comment
  }

  #comment(
    comment: Comment,
    { path, before, above }: { path: readonly string[]; before: string[]; above: Comments },
  ): Comment {
    before.push(comment.text)
    const isEncrypted = this.#isEncrypted({ path, comments: [...above, before], isComment: true })
    return this.#visitor.comment(comment, { isEncrypted, path: associatedDataOf(path) })
  }

  #node(node: Node, path: readonly string[], comments: Comments): Node | Comment {
    if (node.kind === 'map') return this.map(node, path, comments)
    if (node.kind === 'list') return this.#list(node, path, comments)
    return this.#leaf(node, path, comments)
  }

  #leaf(node: Leaf, path: readonly string[], comments: Comments): Leaf | Comment {
    const { value } = node
    if (value.type === 'null') return node // neither encrypted nor hashed
    const isEncrypted = this.#isEncrypted({ path, comments, isComment: false })
    const counts = isEncrypted || !this.#options.macOnlyEncrypted
    const hash = (plain: PresentScalar): void => {
      if (counts) this.#hash.update(hashed(plain, isEncrypted))
    }
    const changed = this.#visitor.leaf({ value, at: node.at, isEncrypted, path: associatedDataOf(path) }, hash)
    return changed ?? node
  }
}

/** Stock SOPS rounds the integers of JSON that it finds in clear, before it hashes them. `raw` stands for JSON. */
const hashed = (value: PresentScalar, isEncrypted: boolean): Uint8Array => {
  const isRounded = value.type === 'int' && value.raw !== undefined && !isEncrypted && isInt64(value.value)
  return bytesOf(isRounded ? { type: 'float', value: Number(value.value) } : value)
}

/** The keys above a value, each with a colon. */
const associatedDataOf = (path: readonly string[]): string => `${path.join(':')}:`
