import { timingSafeEqual } from 'node:crypto'
import type { Secret } from '@gatehouse/contract'
import { newDataKey, openDataKey, wrapDataKey, type KeyNames } from './data-key.ts'
import { metadataKey, type Format, type FormatName, type Parsed } from './formats/format.ts'
import { formats } from './formats/formats.ts'
import { requireAllRead } from './formats/ini/read-ini.ts'
import { isMarked, markedError, utf8Text } from './formats/utf8-text.ts'
import type { KeyService } from './key-service.ts'
import { newMetadata, readMetadata, resealed, withGroups, type KeyGroup, type Metadata } from './metadata.ts'
import { timeText } from './scalar.ts'
import { defaultSelector, type Selector } from './selectors.ts'
import { SopsError } from './sops-error.ts'
import { valueAt, type MapNode, type Node } from './tree.ts'
import { ValueCipher } from './value-cipher.ts'
import { decryptDocs, encryptDocs, type Walked } from './walk.ts'

/**
 * A configuration file is read and changed by people; what is larger is encrypted as a file. Encrypted, each value is a
 * hundred bytes longer: what was written has to be read again.
 */
export const documentBytesMax = 32 * 1024 * 1024

/** The version of stock SOPS whose documents these are. */
const version = '3.11.0'

/** A document in clear. It stays in memory. */
export interface OpenDocument {
  readonly format: Format
  readonly parsed: Parsed
  readonly metadata: Metadata
  readonly dataKey: Secret<Uint8Array>
  /** It remembers what it opened. */
  readonly cipher: ValueCipher
  /** Whether encrypted comments stood as items of lists; then they do again. */
  readonly commentItems: boolean
}

/** Whether a file is a SOPS document. Throws `malformed` for what cannot be read at all. */
export const isEncrypted = (bytes: Uint8Array, format: FormatName): boolean => {
  if (format === 'binary' && !Buffer.from(bytes).includes('"sops"')) return false
  return formats[format].readEncrypted(bounded(bytes)).metadata !== null
}

/** What a document says of itself, without a key. Throws `not-encrypted` for another. */
export const metadataOf = (bytes: Uint8Array, format: FormatName): Metadata => {
  const { metadata } = formats[format].readEncrypted(bounded(bytes))
  if (metadata === null) throw new SopsError('not-encrypted', 'the file is not encrypted')
  return readMetadata(metadata)
}

/** Opens a document, and makes sure that nothing in it was changed, added, moved or taken away. */
export const openDocument = async (
  bytes: Uint8Array,
  { format: name, services }: { readonly format: FormatName; readonly services: readonly KeyService[] },
): Promise<OpenDocument> => {
  const format = formats[name]
  const { parsed, metadata: node } = format.readEncrypted(bounded(bytes))
  if (node === null) throw new SopsError('not-encrypted', 'the file is not encrypted')
  const metadata = readMetadata(node)
  const dataKey = await openDataKey(metadata, services)
  const cipher = new ValueCipher(dataKey)
  try {
    const { docs, mac, commentItems } = decryptDocs(parsed.docs, { cipher, ...metadata })
    requireMac(mac, metadata, cipher)
    return { format, parsed: { ...parsed, docs }, metadata, dataKey, cipher, commentItems }
  } catch (error) {
    throw whyChanged(error, { bytes, format: name })
  }
}

/** A mark before the first name of an ENV file is part of that name: what it names is then not what was encrypted. */
const whyChanged = (error: unknown, { bytes, format }: { bytes: Uint8Array; format: FormatName }): unknown =>
  format === 'dotenv' && error instanceof SopsError && error.code === 'tampered' && isMarked(utf8Text(bytes))
    ? markedError()
    : error

const requireMac = (mac: string, { mac: sealed, lastModified }: Metadata, cipher: ValueCipher): void => {
  const expected = cipher.decrypt(sealed, lastModified)
  const text = expected.type === 'str' ? expected.text : ''
  const [a, b] = [Buffer.from(mac), Buffer.from(text)]
  if (a.length !== b.length || !timingSafeEqual(a, b))
    throw new SopsError('tampered', 'the file was changed after it was encrypted: its values do not fit its `mac`')
}

/** The document as a file in clear. */
export const plainBytes = ({ format, parsed }: OpenDocument): Uint8Array => format.writePlain(parsed)

/** What a file in clear becomes when it is encrypted for the first time. */
export interface NewDocument extends KeyNames {
  readonly format: FormatName
  readonly services: readonly KeyService[]
  readonly selector?: Selector
  readonly macOnlyEncrypted?: boolean
  readonly now: Date
}

/** Encrypts a file. Throws `already-encrypted` for what is, or for a key that is SOPS's own. */
export const encryptNew = async (
  bytes: Uint8Array,
  { format: name, services, groups, threshold, selector: given, macOnlyEncrypted = false, now }: NewDocument,
): Promise<Uint8Array> => {
  // the one value of a binary file is what there is to encrypt, whatever a rule says
  const selector = given === undefined || name === 'binary' ? defaultSelector : given
  const format = formats[name]
  const parsed = readPlainDocument(bytes, name)
  const dataKey = newDataKey()
  const wrapped = await wrapDataKey(dataKey, { groups, threshold, services })
  const cipher = new ValueCipher(dataKey)
  const { docs, mac } = encryptDocs(parsed.docs, { cipher, selector, macOnlyEncrypted })
  const lastModified = timeText(now)
  const metadata = newMetadata({
    groups: wrapped,
    threshold,
    selector,
    macOnlyEncrypted,
    lastModified,
    mac: cipher.encrypt({ type: 'str', text: mac }, lastModified),
    version,
  })
  return bounded(format.writeEncrypted({ ...parsed, docs }, metadata))
}

/** Reads a file that is to be encrypted. */
export const readPlainDocument = (bytes: Uint8Array, name: FormatName): Parsed => {
  const parsed = formats[name].readPlain(bounded(bytes))
  const isTaken =
    name === 'dotenv'
      ? parsed.docs.some(hasMetadataLines)
      : parsed.docs.some((doc) => valueAt(doc, metadataKey) !== null)
  if (isTaken) throw new SopsError('already-encrypted', 'the file has a key `sops`: it is encrypted already')
  if (parsed.docs.length === 0) throw new SopsError('malformed', 'the file holds no value')
  return parsed
}

/**
 * Refuses a file in clear of which its own format, as stock SOPS reads it, would lose something before it is encrypted:
 * in its place nobody would miss that. In YAML and JSON such a file is refused by its own reader.
 */
export const requireNothingLost = (bytes: Uint8Array, name: FormatName): void => {
  if (name === 'ini') requireAllRead(utf8Text(bounded(bytes)))
}

const hasMetadataLines = ({ entries }: MapNode): boolean =>
  entries.some((one) => one.kind === 'entry' && one.key.startsWith(`${metadataKey}_`))

/**
 * Encrypts another content under the same keys: values that are the same keep their ciphertexts. Throws `unsupported`
 * for a content that the format cannot hold: nobody would ever open what came of it.
 */
export const encryptAgain = (document: OpenDocument, parsed: Parsed, now: Date): Uint8Array => {
  const { format, metadata, cipher, commentItems } = document
  const { docs, mac } = encryptDocs(parsed.docs, { cipher, ...metadata, commentItems })
  const lastModified = timeText(now)
  const seal = { lastModified, mac: cipher.encrypt({ type: 'str', text: mac }, lastModified) }
  const bytes = bounded(format.writeEncrypted({ ...parsed, docs }, resealed(metadata, seal)))
  if (!readsAs(document, bytes, { docs: parsed.docs, mac }))
    throw new SopsError(
      'unsupported',
      `a file in ${format.name} cannot hold this: a key or a value would read as something else; nothing was changed`,
    )
  return bytes
}

/** Whether written bytes are the document that was meant: its keys in their order, and its values by their hash. */
const readsAs = (
  { format, metadata, cipher }: OpenDocument,
  bytes: Uint8Array,
  meant: Pick<Walked, 'docs' | 'mac'>,
): boolean => {
  try {
    const { parsed, metadata: node } = format.readEncrypted(bytes)
    const { docs, mac } = decryptDocs(parsed.docs, { cipher, ...metadata })
    return node !== null && mac === meant.mac && JSON.stringify(keysIn(docs)) === JSON.stringify(keysIn(meant.docs))
  } catch (error) {
    if (error instanceof SopsError) return false
    throw error
  }
}

/** The keys of maps, each with those below it. */
const keysIn = (nodes: readonly Node[]): unknown =>
  nodes.flatMap((node): unknown[] => {
    if (node.kind === 'leaf') return []
    const below = node.kind === 'list' ? node.items : node.entries
    return below.flatMap((one): unknown[] => {
      if (one.kind === 'comment') return []
      return one.kind === 'entry' ? [one.key, keysIn([one.value])] : [keysIn([one])]
    })
  })

/** What a document becomes when its keys change. */
export interface NewKeys {
  readonly keys: KeyNames
  readonly services: readonly KeyService[]
  readonly now: Date
}

/** Encrypts everything under a new data key: what opened the old one opens nothing that comes after. */
export const encryptUnderNewKey = async (
  document: OpenDocument,
  { keys, services, now }: NewKeys,
): Promise<Uint8Array> => {
  const dataKey = newDataKey()
  const groups = await wrapDataKey(dataKey, { ...keys, services })
  return written({ ...document, dataKey, cipher: new ValueCipher(dataKey) }, { groups, threshold: keys.threshold }, now)
}

/**
 * Keeps the data key, and wraps it for other keys too; what is wrapped already stays, also for keys that cannot be used
 * here. Whoever could open the document before still can.
 */
export const wrapForKeys = async (
  document: OpenDocument,
  { keys, services }: Omit<NewKeys, 'now'>,
): Promise<Uint8Array> => {
  const { format, parsed, metadata, cipher, commentItems, dataKey } = document
  const [known = []] = keys.groups.length === 1 && metadata.groups.length === 1 ? metadata.groups : []
  const groups = await wrapDataKey(dataKey, { ...keys, services, known })
  const { docs } = encryptDocs(parsed.docs, { cipher, ...metadata, commentItems })
  return bounded(
    format.writeEncrypted({ ...parsed, docs }, withGroups(metadata.node, { groups, threshold: keys.threshold })),
  )
}

const written = (
  { format, parsed, metadata, cipher, commentItems }: OpenDocument,
  keys: { groups: readonly KeyGroup[]; threshold: number },
  now: Date,
): Uint8Array => {
  const { docs, mac } = encryptDocs(parsed.docs, { cipher, ...metadata, commentItems })
  const lastModified = timeText(now)
  const seal = { lastModified, mac: cipher.encrypt({ type: 'str', text: mac }, lastModified) }
  return bounded(
    format.writeEncrypted({ ...parsed, docs }, resealed({ ...metadata, node: withGroups(metadata.node, keys) }, seal)),
  )
}

const bounded = (bytes: Uint8Array): Uint8Array => {
  if (bytes.length > documentBytesMax)
    throw new SopsError('too-large', `the file has more than ${documentBytesMax / 1024 / 1024} MiB`)
  return bytes
}
