import { checkInput, invalidField, kmsItemsMax, operations, Refusal } from '@gatehouse/contract'
import { envelopeBytes, EnvelopeError, envelopeOverheadBytes, readHeader } from '@gatehouse/keys/envelope'
import type { RequestContext } from '../transports/run.ts'

/** A JSON object as it came. */
export type Fields = Readonly<Record<string, unknown>>

/** What `kms.encrypt` takes of one item. */
interface PlainInput {
  readonly plaintext: string
  readonly context: Readonly<Record<string, string>>
  readonly location?: string
}
/** What `kms.decrypt` and `kms.rewrap` take of one item. */
interface CipherInput {
  readonly ciphertext: string
  readonly context: Readonly<Record<string, string>>
}

/** One of many things that are asked together: what it is, or what is wrong with it. */
export type Item<T> = Known &
  ({ readonly input: T; readonly error: null } | { readonly input: null; readonly error: string })
interface Known {
  /** By what the caller knows it again. */
  readonly reference: string | null
}

/** Things that are asked together. */
export interface Batch<T> {
  readonly items: readonly Item<T>[]
  /** Whether they came as a list; else there is one. */
  readonly isList: boolean
  /** The status of an answer in which some came to something and others did not. */
  readonly partialStatus: number
  readonly unread: readonly string[]
}

/** As base64 a secret text of 4 KiB; what is longer is encrypted under a data key, where it lies. */
const plaintextBytesMax = 3072
/** In base64 a value of a context: 1,000 characters. */
const boundBytesMax = 750
const ciphertextLengthMax = 4 * Math.ceil((plaintextBytesMax + envelopeOverheadBytes) / 3)
/** A name of the caller's own for an item goes back as it came. */
const referenceLengthMax = 256

/** Reads the JSON of a request; without a body it is empty. Vault's clients name no content type, or any. */
export async function readFields({ http }: RequestContext): Promise<Fields> {
  const text = await http.req.text()
  if (text === '') return {}
  const value = parsed(text)
  if (value === null) return {} // Go's clients, where they have nothing to say
  if (!isFields(value)) throw invalidField('body', 'a JSON object')
  return value
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What is wrong with one item; the others do not depend on it. */
class ItemError extends Error {
  override readonly name = 'ItemError'
}

/** The items of a request: those of `batch_input`, or the one that the request is itself. */
export function readBatch<T>(fields: Fields, read: (item: Fields) => T): Batch<T> {
  const list = fields['batch_input']
  if (isUnset(list)) {
    const item = { reference: null, input: wholeItem(fields, read), error: null }
    return { items: [item], isList: false, partialStatus: 400, unread: unreadIn(fields) }
  }
  if (!Array.isArray(list) || !list.every(isFields)) throw invalidField('batch_input', 'a list of objects')
  if (list.length < 1 || list.length > kmsItemsMax) throw invalidField('batch_input', `1 to ${kmsItemsMax} items`)
  const items = list.map((item) => itemOf(item, read))
  return { items, isList: true, partialStatus: partialStatusIn(fields), unread: unreadIn(fields, ...list) }
}

/** What is read of a request or of one of its items. */
const known: ReadonlySet<string> = new Set([
  'plaintext',
  'ciphertext',
  'associated_data',
  'context',
  'location',
  'nonce',
  'key_version',
  'reference',
  'bits',
  'batch_input',
  'partial_failure_response_code',
])

/** Names of fields that nobody reads; an answer repeats none that is more than a name. */
export const unreadIn = (...all: readonly Fields[]): readonly string[] =>
  [...new Set(all.flatMap((fields) => Object.keys(fields)))]
    .filter((name) => !known.has(name) && /^[a-z_]{1,40}$/.test(name))
    .slice(0, unreadMax)

/** Enough to find a mistake by. */
const unreadMax = 10

function itemOf<T>(item: Fields, read: (item: Fields) => T): Item<T> {
  const given = item['reference']
  const reference = typeof given === 'string' && given.length <= referenceLengthMax ? given : null
  try {
    return { reference, input: read(item), error: null }
  } catch (error) {
    if (error instanceof ItemError) return { reference, input: null, error: error.message }
    throw error
  }
}

/** Vault's clients may choose it; a client of HTTP takes no other for an answer. */
function partialStatusIn(fields: Fields): number {
  const given = fields['partial_failure_response_code']
  if (isUnset(given) || given === 0) return 400 // what is not set Go's clients send as zero
  const status = Number(given)
  if (!Number.isInteger(status) || status < 200 || status > 599 || statusesWithoutBody.has(status))
    throw invalidField('partial_failure_response_code', 'a status from 200 to 599 whose answer has a body')
  return status
}

/** What came to something would be lost with the body (RFC 9110 §6.4.1). */
const statusesWithoutBody: ReadonlySet<number> = new Set([204, 205, 304])

/** What is to be encrypted. */
export function plainInput(item: Fields): PlainInput {
  const { plaintext } = item
  if (typeof plaintext !== 'string') throw new ItemError('plaintext: bytes in base64')
  return { plaintext: base64Of('plaintext', plaintext, plaintextBytesMax), ...boundInput(item) }
}

/** What something that is encrypted is bound to, and where it will lie. */
export function boundInput(item: Fields): Omit<PlainInput, 'plaintext'> {
  refuseChoices(item)
  const { location } = item
  return { context: contextOf(item), ...(isUnset(location) ? {} : { location: locationOf(location) }) }
}

/** What is to be decrypted or encrypted anew: the envelope behind Vault's prefix, which says the same version. */
export function cipherInput(item: Fields): CipherInput {
  refuseChoices(item)
  const { ciphertext } = item
  const [, version, envelope] = typeof ciphertext === 'string' ? (cipherForm.exec(ciphertext) ?? []) : []
  if (envelope === undefined || envelope.length > ciphertextLengthMax || versionIn(envelope) !== Number(version))
    throw new ItemError('invalid ciphertext: not one that encrypt gave out here')
  return { ciphertext: envelope, context: contextOf(item) }
}

const cipherForm = /^vault:v([1-9][0-9]{0,9}):([A-Za-z0-9+/=]+)$/

/** The version of the key that an envelope names; null: it is none. */
function versionIn(envelope: string): number | null {
  try {
    return readHeader(envelopeBytes(envelope)).keyVersion
  } catch (error) {
    if (error instanceof EnvelopeError) return null
    throw error
  }
}

/** What a ciphertext is bound to: Vault's two fields by their names, in base64. */
function contextOf(item: Fields): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (['associated_data', 'context'] as const).flatMap((name) => {
      const value = item[name]
      return isUnset(value) ? [] : [[name, base64Of(name, value, boundBytesMax)]]
    }),
  )
}

/** Who chooses a nonce or a version counts on it: taken for not said, it would be done otherwise. */
function refuseChoices({ nonce, key_version: version }: Fields): void {
  if (!isUnset(nonce)) throw new ItemError('nonce: none; it is made here')
  if (!isUnset(version) && Number(version) !== 0)
    throw new ItemError('key_version: none; everything is encrypted under the current version')
}

/** An item that is the whole request: what is wrong with it is wrong with the request. */
export function wholeItem<T>(fields: Fields, read: (item: Fields) => T): T {
  const { input, error } = itemOf(fields, read)
  if (error !== null) throw new Refusal('invalid-input', { hint: error })
  return input
}

/** Bytes in base64, in one spelling; programs break it into lines. */
function base64Of(name: string, value: unknown, bytesMax: number): string {
  const text = typeof value === 'string' ? value.replaceAll(/[\r\n]/g, '') : null
  const bytes = Buffer.from(text ?? '', 'base64')
  if (text === null || bytes.toString('base64') !== text) throw new ItemError(`${name}: bytes in base64, with padding`)
  if (bytes.length > bytesMax) throw new ItemError(`${name}: at most ${bytesMax} bytes`)
  return text
}

const Location = operations['kms.generateDataKey'].input.shape.location.unwrap()

/** As the operation takes it: of several items each is told its own, and none keeps the others from an answer. */
function locationOf(value: unknown): string {
  const checked = checkInput(Location, value)
  if ('data' in checked) return checked.data
  throw new ItemError(`location: ${checked.problems[0]?.message ?? 'one line of text'}`)
}

/** Go's clients send what is not set as null, an empty text or zero. */
export const isUnset = (value: unknown): boolean => value === undefined || value === null || value === ''
