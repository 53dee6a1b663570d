import { isUtf8 } from 'node:buffer'
import type { OpenDocument } from './document.ts'
import type { Parsed } from './formats/format.ts'
import { jsonText, readJsonValue } from './formats/json.ts'
import { emitMap } from './formats/yaml/emit.ts'
import { flatText } from './formats/dotenv.ts'
import { bytesOf, decimalText, isInt64, type Scalar } from './scalar.ts'
import { SopsError } from './sops-error.ts'
import { leaf, map, nodeAt, withNodeAt, withoutNodeAt, type MapNode, type Node, type Step } from './tree.ts'

/**
 * A path into a document, as stock SOPS writes it (`["db"]["hosts"][0]`) or as people do (`db.hosts[0]`). Throws
 * `path-not-found` for what is none.
 */
export const parsePath = (text: string): readonly Step[] => {
  const step = text.startsWith('[')
    ? /\["((?:[^"\\]|\\.)*)"\]|\['([^']*)'\]|\[(\d{1,9})\]/y
    : /(?:^|\.)([^.[\]]+)|()\[(\d{1,9})\]/y
  const steps: Step[] = []
  while (step.lastIndex < text.length) {
    const match = step.exec(text)
    if (match === null)
      throw new SopsError('path-not-found', `\`${text}\` is no path; write db.hosts[0], or ["db"]["hosts"][0]`)
    const [, quoted, plain, index] = match
    steps.push(index === undefined ? (quoted ?? plain ?? '') : Number(index))
  }
  if (steps.length === 0) throw new SopsError('path-not-found', 'a path names at least one key')
  return steps
}

/** A value as it is typed: JSON where it is that, else text. */
export const parseValue = (text: string, as: 'json-or-text' | 'text'): Node => {
  if (as === 'text') return leaf({ type: 'str', text })
  try {
    return typedNumbers(readJsonValue(text))
  } catch {
    return leaf({ type: 'str', text })
  }
}

/** A whole number that is typed is meant as one. */
const typedNumbers = (node: Node): Node => {
  if (node.kind !== 'leaf') return node
  const { value } = node
  if (value.type !== 'float' || value.raw === undefined || !/^-?\d+$/.test(value.raw) || !isInt64(BigInt(value.raw)))
    return node
  return leaf({ type: 'int', value: BigInt(value.raw) })
}

/** The document with another value at a path of its first part. */
export const withValue = ({ parsed, format }: OpenDocument, path: readonly Step[], value: Node): Parsed => {
  const [first = map([]), ...others] = parsed.docs
  const old = nodeAt(first, path)
  const given = format.name === 'json' && value.kind === 'leaf' ? leaf(asJson(value.value)) : value
  const placed = given.kind === 'leaf' && old?.kind === 'leaf' ? leaf(given.value, old.at) : given
  return { ...parsed, docs: [withNodeAt(first, path, placed) as MapNode, ...others] } // a map stays one
}

/** JSON has one kind of number, as stock SOPS reads it. */
const asJson = (value: Scalar): Scalar => {
  const isSmall = value.type === 'int' && Number.isSafeInteger(Number(value.value))
  return isSmall ? { type: 'float', value: Number(value.value) } : value
}

/** The document without what stands at a path. Throws `path-not-found` where nothing does. */
export const withoutValue = ({ parsed }: OpenDocument, path: readonly Step[]): Parsed => {
  const [first = map([]), ...others] = parsed.docs
  const rest = withoutNodeAt(first, path)
  if (rest === null) throw new SopsError('path-not-found', 'there is nothing at that path')
  return { ...parsed, docs: [rest as MapNode, ...others] } // as above
}

/** What stands at a path: a text as it is, a map or a list in the document's format. */
export const extractBytes = ({ parsed, format }: OpenDocument, path: readonly Step[]): Uint8Array => {
  const node = parsed.docs.map((doc) => nodeAt(doc, path)).find((found) => found !== null)
  if (node === undefined || node === null) throw new SopsError('path-not-found', 'there is nothing at that path')
  if (node.kind === 'leaf') return node.value.type === 'null' ? Buffer.from('null') : valueBytes(node.value)
  if (node.kind === 'map' && format.name === 'yaml') return Buffer.from(emitMap(node, 0))
  return Buffer.from(`${jsonText(node)}\n`)
}

const valueBytes = (value: Exclude<Scalar, { readonly type: 'null' }>): Uint8Array =>
  value.type === 'float' ? Buffer.from(decimalText(value.value)) : bytesOf(flatText(value))

/** The variables that a document sets: its single values by their keys. A key that holds more is `unsupported`. */
export const environmentOf = ({ parsed }: OpenDocument): Readonly<Record<string, string>> =>
  Object.fromEntries(
    parsed.docs.flatMap(({ entries }) =>
      entries.flatMap((one) => {
        if (one.kind === 'comment') return []
        if (one.value.kind !== 'leaf')
          throw new SopsError('unsupported', `\`${one.key}\` is no single value, and a variable is nothing else`)
        if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(one.key))
          throw new SopsError('unsupported', `\`${one.key}\` is no name of a variable`)
        return [[one.key, variableText(one.key, one.value.value)] as const]
      }),
    ),
  )

/** What a variable cannot hold is refused here: whoever starts the command would repeat the value in an error. */
const variableText = (key: string, value: Scalar): string => {
  const bytes = value.type === 'null' ? new Uint8Array() : valueBytes(value)
  if (!isUtf8(bytes)) throw new SopsError('unsupported', `\`${key}\` is no text; a variable holds nothing else`)
  if (bytes.includes(0)) throw new SopsError('unsupported', `\`${key}\` has a NUL byte in it; a variable ends at one`)
  return Buffer.from(bytes).toString('utf8')
}
