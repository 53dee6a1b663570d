import { SopsError } from '../sops-error.ts'
import { entry, leaf, map, type Comment, type Entry, type MapNode } from '../tree.ts'
import { bytesOf, shortestText, text, textOrBytes, type PresentScalar, type Scalar } from '../scalar.ts'
import { flatten, unflatten } from './flatten.ts'
import { metadataKey, type Format } from './format.ts'
import { utf8Text } from './utf8-text.ts'

const prefix = `${metadataKey}_`

/** `NAME=value` lines: nothing is quoted, `\n` stands for a line break, `#` begins a comment. */
export const dotenvFormat: Format<null> = {
  name: 'dotenv',
  readPlain: (bytes) => ({ docs: [readLines(utf8Text(bytes))], layout: null }),
  readEncrypted: (bytes) => {
    const { entries } = readLines(utf8Text(bytes))
    const isMetadata = (one: Comment | Entry): one is Entry => one.kind === 'entry' && one.key.startsWith(prefix)
    const lines = entries
      .filter(isMetadata)
      .map(({ key, value }) => [key.slice(prefix.length), lineText(value)] as const)
    const doc = map(entries.filter((one) => !isMetadata(one)))
    return { parsed: { docs: [doc], layout: null }, metadata: lines.length === 0 ? null : unflatten(lines) }
  },
  writePlain: ({ docs }) => writeLines(docs[0] ?? map([])),
  writeEncrypted: ({ docs }, metadata) => {
    const lines = flatten(metadata).toSorted(([a], [b]) => (a < b ? -1 : 1))
    const stanza = lines.map(([key, value]) => entry(prefix + key, leaf(text(value))))
    return writeLines(map([...(docs[0]?.entries ?? []), ...stanza]))
  },
}

const readLines = (source: string): MapNode =>
  map(
    source.split('\n').flatMap((line, index): (Comment | Entry)[] => {
      if (line === '') return []
      if (line.startsWith('#')) return [{ kind: 'comment', text: line.slice(1) }]
      const equals = line.indexOf('=')
      if (equals === -1) throw new SopsError('malformed', `line ${index + 1} is neither \`NAME=value\` nor a comment`)
      return [entry(line.slice(0, equals), leaf(text(line.slice(equals + 1).replaceAll('\\n', '\n'))))]
    }),
  )

const lineText = (node: Entry['value']): string =>
  node.kind === 'leaf' && node.value.type === 'str' ? node.value.text : ''

const writeLines = (doc: MapNode): Uint8Array => {
  const lines = doc.entries.map((one) => {
    if (one.kind === 'comment') return Buffer.from(`#${one.text.replaceAll('\n', '\\n')}\n`, 'utf8')
    if (one.value.kind !== 'leaf')
      throw new SopsError('unsupported', `\`${one.key}\` is no single value, and ENV files have nothing else`)
    const value = flatText(one.value.value)
    return Buffer.concat([Buffer.from(`${one.key}=`, 'utf8'), escaped(value), Buffer.from('\n')])
  })
  return Buffer.concat(lines)
}

const escaped = (value: PresentScalar): Uint8Array =>
  value.type === 'str' ? Buffer.from(value.text.replaceAll('\n', '\\n'), 'utf8') : bytesOf(value)

/** A value as it stands in a file that has text only: ENV and INI. */
export const flatText = (scalar: Scalar): PresentScalar => {
  if (scalar.type === 'null') return { type: 'str', text: '<nil>' } // as stock SOPS writes it
  if (scalar.type === 'bool') return { type: 'str', text: String(scalar.value) }
  if (scalar.type === 'int') return { type: 'str', text: String(scalar.value) }
  if (scalar.type === 'bytes') return textOrBytes(scalar.bytes)
  if (scalar.type !== 'float') return { type: 'str', text: scalar.text }
  const digits = shortestText(scalar.value).replace('e', 'E')
  return { type: 'str', text: /[.E]/.test(digits) ? digits : `${digits}.0` }
}
