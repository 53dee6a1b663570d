import { isInt64, type Scalar } from '../scalar.ts'
import { SopsError } from '../sops-error.ts'
import {
  entry,
  leaf,
  list,
  map,
  valueAt,
  without,
  type Entry,
  type ListNode,
  type MapNode,
  type Node,
} from '../tree.ts'
import { metadataKey, type Format } from './format.ts'
import { isMarked, markedError, utf8Text } from './utf8-text.ts'

/** Deeper documents are made to break a reader. */
const depthMax = 500

/** JSON: numbers keep the digits that they have, written as stock SOPS writes it, indented by tabs. */
export const jsonFormat: Format<null> = {
  name: 'json',
  readPlain: (bytes) => ({ docs: [readJson(utf8Text(bytes))], layout: null }),
  readEncrypted: (bytes) => {
    const doc = readJson(utf8Text(bytes))
    const metadata = valueAt(doc, metadataKey)
    if (metadata !== null && metadata.kind !== 'map') throw new SopsError('malformed', '`sops` is no object')
    return { parsed: { docs: [without(doc, metadataKey)], layout: null }, metadata }
  },
  writePlain: ({ docs }) => Buffer.from(`${jsonText(docs[0] ?? map([]))}\n`, 'utf8'),
  writeEncrypted: ({ docs }, metadata) => {
    const whole = map([...(docs[0]?.entries ?? []), entry(metadataKey, metadata)])
    return Buffer.from(`${jsonText(whole)}\n`, 'utf8')
  },
}

/**
 * Reads an object. Throws `malformed` for anything else and for a key that is there twice, `encoding` for a byte order
 * mark.
 */
export const readJson = (text: string): MapNode => {
  if (isMarked(text)) throw markedError()
  const reader = new JsonReader(text)
  const node = reader.document()
  if (node.kind !== 'map')
    throw new SopsError('unsupported', 'a JSON document has to be an object; SOPS takes no list or single value')
  return node
}

/** Reads any JSON value, as it is typed for `set`. */
export const readJsonValue = (text: string): Node => new JsonReader(text).document()

class JsonReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): Node {
    const node = this.#value(0)
    this.#space()
    if (this.#at < this.#text.length) throw this.#wrong()
    return node
  }

  #value(depth: number): Node {
    if (depth > depthMax) throw new SopsError('malformed', 'the JSON is nested too deep')
    this.#space()
    const first = this.#text[this.#at]
    if (first === '{') return this.#object(depth)
    if (first === '[') return this.#array(depth)
    return leaf(first === '"' ? { type: 'str', text: this.#string() } : this.#bare())
  }

  #object(depth: number): MapNode {
    const entries: Entry[] = []
    const keys = new Set<string>()
    this.#members('}', () => {
      this.#space()
      const key = this.#string()
      if (keys.has(key)) throw new SopsError('malformed', 'an object of the JSON has a key twice')
      keys.add(key)
      this.#space()
      this.#expect(':')
      entries.push(entry(key, this.#value(depth + 1)))
    })
    return map(entries)
  }

  #array(depth: number): ListNode {
    const items: Node[] = []
    this.#members(']', () => items.push(this.#value(depth + 1)))
    return list(items)
  }

  #members(close: string, read: () => void): void {
    this.#at += 1
    this.#space()
    if (this.#text[this.#at] === close) {
      this.#at += 1
      return
    }
    for (;;) {
      read()
      this.#space()
      if (this.#text[this.#at] === close) break
      this.#expect(',')
    }
    this.#at += 1
  }

  #string(): string {
    const end = this.#stringEnd()
    const found = this.#text.slice(this.#at, end)
    this.#at = end
    try {
      // a lone surrogate is no text that could be encrypted
      return (JSON.parse(found) as string).toWellFormed() // what matched is a string
    } catch {
      throw this.#wrong()
    }
  }

  /** By hand: a pattern would need a stack as deep as the text is long. */
  #stringEnd(): number {
    if (this.#text[this.#at] !== '"') throw this.#wrong()
    for (let quote = this.#text.indexOf('"', this.#at + 1); quote !== -1; quote = this.#text.indexOf('"', quote + 1)) {
      let escapes = 0
      while (this.#text[quote - 1 - escapes] === '\\') escapes += 1
      if (escapes % 2 === 0) return quote + 1
    }
    throw this.#wrong()
  }

  #bare(): Scalar {
    const word = this.#match(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y)
    if (word === null) throw this.#wrong()
    if (word === 'null') return { type: 'null' }
    if (word === 'true' || word === 'false') return { type: 'bool', value: word === 'true' }
    return numberOf(word)
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0] ?? null
    if (found !== null) this.#at += found.length
    return found
  }

  #space(): void {
    this.#match(/[ \t\r\n]*/y)
  }

  #expect(sign: string): void {
    if (this.#text[this.#at] !== sign) throw this.#wrong()
    this.#at += 1
  }

  #wrong(): SopsError {
    const line = this.#text.slice(0, this.#at).split('\n').length
    return new SopsError('malformed', `the JSON cannot be read at line ${line}`)
  }
}

/**
 * Stock SOPS takes every number of JSON for a float. So do we, but for an integer that a float would round: that is
 * encrypted as an integer, which stock SOPS reads exactly.
 */
const numberOf = (word: string): Scalar => {
  const value = Number(word)
  if (!Number.isFinite(value)) throw new SopsError('unsupported', 'a number of the JSON is too large')
  const isWhole = /^-?\d+$/.test(word)
  if (isWhole && word !== '-0' && !Number.isSafeInteger(value) && isInt64(BigInt(word)))
    return { type: 'int', value: BigInt(word), raw: word }
  return { type: 'float', value, raw: word }
}

/** A node as Go's `encoding/json` writes it, indented by tabs. */
export const jsonText = (node: Node, depth = 0): string => {
  if (node.kind === 'leaf') return scalarText(node.value)
  const [inner, outer] = ['\t'.repeat(depth + 1), '\t'.repeat(depth)]
  const isMap = node.kind === 'map'
  const lines = isMap
    ? node.entries.flatMap((one) =>
        one.kind === 'comment' ? [] : [`${inner}${quoted(one.key)}: ${jsonText(one.value, depth + 1)}`],
      )
    : node.items.flatMap((one) => (one.kind === 'comment' ? [] : [inner + jsonText(one, depth + 1)]))
  const [open, close] = isMap ? ['{', '}'] : ['[', ']']
  return lines.length === 0 ? open + close : `${open}\n${lines.join(',\n')}\n${outer}${close}`
}

const scalarText = (scalar: Scalar): string => {
  if (scalar.type === 'null') return 'null'
  if (scalar.type === 'bool') return String(scalar.value)
  if (scalar.type === 'int') return scalar.raw ?? String(scalar.value)
  if (scalar.type === 'float') return scalar.raw ?? floatText(scalar.value)
  return quoted(scalar.type === 'bytes' ? Buffer.from(scalar.bytes).toString('utf8') : scalar.text)
}

const floatText = (value: number): string => {
  if (!Number.isFinite(value)) throw new SopsError('unsupported', 'JSON has no word for a number that is none')
  return Object.is(value, -0) ? '-0' : String(value)
}

/** Go escapes what could end a script, too. */
const quoted = (text: string): string =>
  JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  )
