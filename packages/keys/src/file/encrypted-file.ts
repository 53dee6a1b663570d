/**
 * The bytes of a file that was encrypted in parts, so that it may be of any length and is never held whole.
 * `docs/encrypted-file.md` is the format in words, with test vectors. The construction is STREAM (Hoang, Reyhanitabar,
 * Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance, 2015), as age has it.
 */
import { createCipheriv, createSecretKey, hkdfSync, randomBytes, type KeyObject } from 'node:crypto'
import { openGcm, tagBytes } from '../gcm.ts'
import { inChunks } from './chunks.ts'
import { FileError } from './file-error.ts'

export { FileError, type FileFailure } from './file-error.ts'

/** `GHF`: which sort of file this is. */
const magic = Buffer.from('GHF', 'latin1')
const formatVersion = 1
const suites = { 'AES-256-GCM': 1 } as const
const saltBytes = 32
const nonceBytes = 12
const nothing = new Uint8Array()

const versionAt = magic.length
const suiteAt = versionAt + 1
const saltAt = suiteAt + 1
const wrappedLengthAt = saltAt + saltBytes
const wrappedAt = wrappedLengthAt + 4

/** A data key has 256 bits. */
export const dataKeyBytes = 32

/** A wrapped data key is an envelope of ours, of a hundred bytes; a foreign service's may have some thousand. */
export const wrappedBytesMax = 16_384

/** Plaintext bytes of each part but the last: setting a cipher up costs little beside as many. */
export const chunkBytes = 256 * 1024

/**
 * What the cipher is given at once. Each answer is memory of its own: larger ones are as much of it after so few
 * objects that the collector looks through all that is old, and not only at what is new.
 */
const pieceBytes = 32 * 1024

/** Parts of one file: 1 PiB, below the 2^32 uses of one key with nonces of a counter. */
const chunksMax = 2 ** 32

/** The key of one file, and that key as it stands in the file. */
export interface FileKey {
  readonly dataKey: Uint8Array
  readonly wrapped: Uint8Array
}

/** Encrypts a stream. Throws `FileError`. */
export async function* encryptFile(
  { dataKey, wrapped }: FileKey,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer> {
  const header = headerOf(wrapped)
  const key = chunkKey(dataKey, header)
  yield header
  let index = 0
  for await (const { bytes, isLast } of inChunks(source, chunkBytes)) {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(index, isLast), { authTagLength: tagBytes })
    // pieces and tag apart: to bring them together is to copy everything
    for (let at = 0; at < bytes.length; at += pieceBytes) yield cipher.update(bytes.subarray(at, at + pieceBytes))
    cipher.final() // in this mode it holds nothing more
    yield cipher.getAuthTag()
    index += 1
  }
}

/**
 * Decrypts a stream, each part checked before it is given out. Only who has read it to its end knows that it is whole:
 * what was given out before a `FileError` is a true beginning, and no more. `openKey` gets the wrapped data key; what
 * it throws is thrown on.
 */
export async function* decryptFile(
  openKey: (wrapped: Buffer) => Promise<Uint8Array>,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer> {
  const pieces = source[Symbol.asyncIterator]()
  try {
    const { header, rest } = await splitHeader(pieces)
    const key = chunkKey(await openKey(header.subarray(wrappedAt)), header)
    let index = 0
    for await (const { bytes, isLast } of inChunks(rest, chunkBytes + tagBytes)) {
      const at = header.length + index * (chunkBytes + tagBytes)
      const plain = openChunk({ key, index, isLast }, bytes)
      if (plain === null) throw new FileError(whatHappened({ key, index, isLast }, bytes), { at })
      yield plain
      index += 1
    }
  } finally {
    await pieces.return?.() // it may hold a file open
  }
}

/** The wrapped data key of an encrypted file, without reading further than it stands. */
export async function wrappedKeyOf(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces = source[Symbol.asyncIterator]()
  try {
    return (await splitHeader(pieces)).header.subarray(wrappedAt)
  } finally {
    await pieces.return?.()
  }
}

interface Position {
  readonly key: KeyObject
  readonly index: number
  readonly isLast: boolean
}

function openChunk({ key, index, isLast }: Position, bytes: Buffer): Buffer | null {
  if (bytes.length < tagBytes) return null
  // an empty part closes an empty file and no other: what is whole has one form
  if (bytes.length === tagBytes && index > 0) return null
  const textEnd = bytes.length - tagBytes
  const [text, tag] = [bytes.subarray(0, textEnd), bytes.subarray(textEnd)]
  return openGcm({ key, nonce: nonceOf(index, isLast), data: nothing, text, tag })
}

/** A part that opens in the other role tells what was done to the file. */
function whatHappened(position: Position, bytes: Buffer): 'truncated' | 'trailing' | 'altered' {
  const { isLast } = position
  if (isLast && bytes.length < tagBytes) return 'truncated'
  if (openChunk({ ...position, isLast: !isLast }, bytes) === null) return 'altered'
  return isLast ? 'truncated' : 'trailing'
}

function headerOf(wrapped: Uint8Array): Buffer {
  if (wrapped.length === 0 || wrapped.length > wrappedBytesMax)
    throw new TypeError('the wrapped data key of a file has 1 to 16,384 bytes')
  const length = Buffer.alloc(4)
  length.writeUInt32BE(wrapped.length)
  const kind = Buffer.concat([magic, Uint8Array.of(formatVersion, suites['AES-256-GCM'])])
  return Buffer.concat([kind, randomBytes(saltBytes), length, wrapped])
}

/** Of the header only the salt is in it: the data key may be wrapped anew without touching the parts. */
function chunkKey(dataKey: Uint8Array, header: Buffer): KeyObject {
  if (dataKey.length !== dataKeyBytes) throw new FileError('wrong-key')
  const salt = header.subarray(saltAt, wrappedLengthAt)
  return createSecretKey(Buffer.from(hkdfSync('sha256', dataKey, salt, 'gatehouse-file/1/AES-256-GCM', 32)))
}

/** Eleven bytes of the part's number, from 0, and one that is 1 for the last part. */
function nonceOf(index: number, isLast: boolean): Buffer {
  if (index >= chunksMax) throw new FileError('too-long')
  const nonce = Buffer.alloc(nonceBytes)
  nonce.writeUInt32BE(index, nonceBytes - 5)
  nonce[nonceBytes - 1] = isLast ? 1 : 0
  return nonce
}

interface Split {
  readonly header: Buffer
  readonly rest: AsyncIterable<Uint8Array>
}

async function splitHeader(pieces: AsyncIterator<Uint8Array>): Promise<Split> {
  let begin = Buffer.alloc(0)
  const fill = async (bytes: number): Promise<void> => {
    while (begin.length < bytes) {
      const { value, done } = await pieces.next()
      if (done === true) throw new FileError(begin.length < wrappedAt ? 'malformed' : 'truncated')
      begin = Buffer.concat([begin, value])
    }
  }
  await fill(wrappedAt)
  if (!begin.subarray(0, versionAt).equals(magic)) throw new FileError('malformed')
  if (begin[versionAt] !== formatVersion) throw new FileError('unknown-version')
  if (begin[suiteAt] !== suites['AES-256-GCM']) throw new FileError('unknown-suite')
  const wrappedBytes = begin.readUInt32BE(wrappedLengthAt)
  if (wrappedBytes === 0 || wrappedBytes > wrappedBytesMax) throw new FileError('malformed')
  const headerEnd = wrappedAt + wrappedBytes
  await fill(headerEnd)
  return { header: begin.subarray(0, headerEnd), rest: following(begin.subarray(headerEnd), pieces) }
}

async function* following(first: Uint8Array, pieces: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first
  yield* { [Symbol.asyncIterator]: () => pieces }
}
