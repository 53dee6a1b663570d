import { randomBytes } from 'node:crypto'
import type { Secret } from '@gatehouse/contract'
import { isUuid } from '@gatehouse/kit'
import { KekError, type KekFailure } from '../kek-error.ts'
import type { KekTraits, KeyEncryptionKey } from '../kek.ts'
import { dataKeyBytes } from '../wrap.ts'
import { jsonRequest } from './json-request.ts'

/** Where a key of a Cosmian (Eviden) KMS is, and what opens the door. */
export interface CosmianKeyPlace {
  /** Such as `https://kms.example:9998`. */
  readonly address: string
  /** Its unique identifier, a UUID. No tag and no name: whoever may tag could point it at another key. */
  readonly key: string
  /** What it takes as `Authorization: Bearer`. */
  readonly token: Secret<string>
}

/** More than this belongs into an envelope. */
const traits: KekTraits = {
  plaintextBytesMax: 64 * 1024,
  purpose: 'checked-there',
  dataKeys: 'made-here',
  reach: 'remote',
  quantum: 'safe',
}

/** So that wrapped text says by itself whose it is. */
const prefix = 'cosmian:'
const nonceBytes = 12
/** It opens with a shorter tag, too: that would be guessed. */
const tagBytes = 16

/** A key of AES-256 of a Cosmian KMS, by KMIP 2.1 in JSON. Throws `TypeError` for what names none; asks nobody yet. */
export function cosmianKek({ address, key, token }: CosmianKeyPlace): KeyEncryptionKey {
  if (!isUuid(key)) throw new TypeError('a key of a Cosmian KMS is named by its unique identifier, a UUID')
  const { origin } = new URL(address)
  const using = { uri: `cosmian:${origin}/${key}`, at: `${origin}/kmip/2_1`, key, token }
  return {
    uri: using.uri,
    fingerprint: `cosmian:${key}`,
    traits,
    wrap: (dataKey, purpose) => wrap(using, dataKey, purpose),
    unwrap: (wrapped, purpose) => unwrap(using, wrapped, purpose),
    generate: async (purpose) => {
      const dataKey = randomBytes(dataKeyBytes)
      return { dataKey, wrapped: await wrap(using, dataKey, purpose) }
    },
    probe: () => requireUsable(using),
  }
}

interface Using {
  readonly uri: string
  readonly at: string
  readonly key: string
  readonly token: Secret<string>
}

/** A node of KMIP's JSON. */
interface Node {
  readonly tag: string
  readonly type: 'Structure' | 'Enumeration' | 'Integer' | 'TextString' | 'ByteString'
  readonly value: string | number | readonly Node[]
}

const structure = (tag: string, value: readonly Node[]): Node => ({ tag, type: 'Structure', value })
const enumeration = (tag: string, value: string): Node => ({ tag, type: 'Enumeration', value })
const bytes = (tag: string, value: Uint8Array): Node => ({
  tag,
  type: 'ByteString',
  value: Buffer.from(value).toString('hex').toUpperCase(),
})

const identified = ({ key }: Using): Node => ({ tag: 'UniqueIdentifier', type: 'TextString', value: key })
const gcm = structure('CryptographicParameters', [
  enumeration('BlockCipherMode', 'GCM'),
  enumeration('CryptographicAlgorithm', 'AES'),
])
const purposeOf = (purpose: string): Node =>
  bytes('AuthenticatedEncryptionAdditionalData', Buffer.from(purpose, 'utf8'))

/** It takes data that begin with these two for several data at once. */
const severalMark = Buffer.of(0x87, 0x87)
/** So that none of ours does. */
const frame = Buffer.of(1)
/** One ciphertext in 65,536 does by chance; that three do is none. */
const wrapsMax = 3

async function wrap(using: Using, dataKey: Uint8Array, purpose: string): Promise<string> {
  if (dataKey.length > traits.plaintextBytesMax) throw new KekError('too-long', using.uri)
  await requireUsable(using)
  const data = bytes('Data', Buffer.concat([frame, dataKey]))
  for (let tried = 0; tried < wrapsMax; tried += 1) {
    const answer = await call(using, structure('Encrypt', [identified(using), gcm, data, purposeOf(purpose)]))
    const [text, nonce, tag] = ['Data', 'IVCounterNonce', 'AuthenticatedEncryptionTag'].map((name) =>
      bytesIn(answer, name),
    )
    if (text === undefined || nonce?.length !== nonceBytes || tag?.length !== tagBytes) break
    if (!text.subarray(0, severalMark.length).equals(severalMark))
      return `${prefix}${Buffer.concat([nonce, tag, text]).toString('base64')}`
  }
  throw new KekError('rejected', using.uri)
}

async function unwrap(using: Using, wrapped: string, purpose: string): Promise<Uint8Array> {
  const text = wrapped.slice(prefix.length)
  const whole = Buffer.from(text, 'base64')
  // of bytes there is one text
  const isWhole = whole.length > nonceBytes + tagBytes && whole.toString('base64') === text
  if (!wrapped.startsWith(prefix) || !isWhole) throw new KekError('unwrap-failed', using.uri)
  const request = structure('Decrypt', [
    identified(using),
    gcm,
    bytes('Data', whole.subarray(nonceBytes + tagBytes)),
    bytes('IVCounterNonce', whole.subarray(0, nonceBytes)),
    purposeOf(purpose),
    bytes('AuthenticatedEncryptionTag', whole.subarray(nonceBytes, nonceBytes + tagBytes)),
  ])
  const answer = await call(using, request).catch((error: unknown) => explained(using, error))
  const data = bytesIn(answer, 'Data')
  if (data === undefined || data[0] !== frame[0]) throw new KekError('unwrap-failed', using.uri)
  return data.subarray(frame.length)
}

/** What does not open is answered like a key that is not there (422): whether it is there is asked apart. */
async function explained(using: Using, error: unknown): Promise<never> {
  if (!(error instanceof KekError) || error.code !== 'rejected') throw error
  await requireUsable(using)
  throw new KekError('unwrap-failed', using.uri, { cause: error })
}

/** KMIP 2.1, 11.19: bits of the usage mask. */
const [mayEncrypt, mayDecrypt] = [0x4, 0x8]

async function requireUsable(using: Using): Promise<void> {
  const request = structure('GetAttributes', [identified(using)])
  const answer = await call(using, request, 'no-such-key')
  const attributes = nodesIn(answer, 'Attributes')
  const valueOf = (tag: string): unknown => attributes.find((node) => node.tag === tag)?.value
  const mask = Number(valueOf('CryptographicUsageMask') ?? 0)
  const usable =
    valueOf('State') === 'Active' &&
    valueOf('CryptographicAlgorithm') === 'AES' &&
    valueOf('CryptographicLength') === 256 &&
    (mask & mayEncrypt) !== 0 &&
    (mask & mayDecrypt) !== 0
  if (!usable) throw new KekError('key-unusable', using.uri)
}

/** `422` says that it does not do what was asked; of what, depends on the call. */
async function call({ uri, at, token }: Using, request: Node, refused: KekFailure = 'rejected'): Promise<unknown> {
  const headers = { authorization: `Bearer ${token.expose()}` }
  const { statusCode, body } = await jsonRequest({ method: 'POST', uri: at, headers, json: request }).catch(
    (cause: unknown) => {
      throw new KekError('unreachable', uri, { cause })
    },
  )
  if (statusCode === 200) return body
  if (statusCode === 401 || statusCode === 403) throw new KekError('denied', uri)
  if (statusCode === 422) throw new KekError(refused, uri)
  if (statusCode === 429) throw new KekError('throttled', uri)
  throw new KekError(statusCode >= 500 ? 'unreachable' : 'rejected', uri)
}

/** The nodes of an answer, or of a structure in it. */
function nodesIn(answer: unknown, tag?: string): readonly Node[] {
  const value = typeof answer === 'object' && answer !== null && 'value' in answer ? answer.value : []
  const nodes = Array.isArray(value) ? value.filter(isNode) : []
  return tag === undefined ? nodes : nodesIn(nodes.find((node) => node.tag === tag))
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'tag' in value && 'value' in value

/** Bytes of an answer by their tag; undefined: there are none. */
function bytesIn(answer: unknown, tag: string): Buffer | undefined {
  const value = nodesIn(answer).find((node) => node.tag === tag)?.value
  return typeof value === 'string' && /^([0-9A-F]{2})*$/i.test(value) ? Buffer.from(value, 'hex') : undefined
}
