import { createCipheriv, randomBytes } from 'node:crypto'
import type { Secret } from '@gatehouse/contract'
import { nonceBytesMax, openGcm, tagBytes } from '@gatehouse/keys/gcm'
import { bytesOf, scalarOf, type PresentScalar } from './scalar.ts'
import { SopsError } from './sops-error.ts'

/** As stock SOPS writes them. */
const nonceBytes = 32
const base64 = '[A-Za-z0-9+/]*={0,2}'
const grammar = new RegExp(`^ENC\\[AES256_GCM,data:(${base64}),iv:(${base64}),tag:(${base64}),type:([a-z]+)\\]`)

/** What is encrypted: a value, or a comment. */
export type Encryptable = PresentScalar | { readonly type: 'comment'; readonly text: string }

/** Whether a text is a value that SOPS encrypted. */
export const isEncryptedText = (text: string): boolean => grammar.test(text)

/**
 * Encrypts values under one data key. It remembers the nonce of each value that it opened: the same value at the same
 * place gets the same ciphertext again, so that an edit changes only what was edited.
 */
export class ValueCipher {
  readonly #key: Secret<Uint8Array>
  readonly #nonces = new Map<string, Uint8Array[]>()

  constructor(key: Secret<Uint8Array>) {
    this.#key = key
  }

  /** The text that stands in the document. What is empty stays empty, as in stock SOPS. */
  encrypt(value: Encryptable, associatedData: string): string {
    const plain = value.type === 'comment' ? Buffer.from(value.text, 'utf8') : bytesOf(value)
    if (plain.length === 0) return ''
    const type = typeOf(value)
    // a list may hold one value several times: each keeps the nonce that it had
    const known = this.#nonces.get(placeOf({ type, associatedData, plain }))
    const nonce = known?.shift() ?? randomBytes(nonceBytes)
    const cipher = createCipheriv('aes-256-gcm', this.#key.expose(), nonce, { authTagLength: tagBytes })
    cipher.setAAD(Buffer.from(associatedData, 'utf8'))
    const data = Buffer.concat([cipher.update(plain), cipher.final()])
    const parts = [data, Buffer.from(nonce), cipher.getAuthTag()].map((part) => part.toString('base64'))
    return `ENC[AES256_GCM,data:${parts[0]},iv:${parts[1]},tag:${parts[2]},type:${type}]`
  }

  /** The value. Throws `malformed` for what is no encrypted value, `tampered` for what does not open here. */
  decrypt(text: string, associatedData: string): Encryptable {
    if (text === '') return { type: 'str', text: '' }
    const { type, ...parts } = partsOf(text)
    const plain = this.#open(parts, associatedData)
    const place = placeOf({ type: type === 'bytes' ? 'str' : type, associatedData, plain })
    const known = this.#nonces.get(place)
    if (known === undefined) this.#nonces.set(place, [parts.nonce])
    else known.push(parts.nonce)
    if (type === 'comment') return { type, text: plain.toString('utf8') }
    return scalarOf(type, plain)
  }

  #open({ text, nonce, tag }: { text: Buffer; nonce: Buffer; tag: Buffer }, associatedData: string): Buffer {
    const data = Buffer.from(associatedData, 'utf8')
    const plain = openGcm({ key: this.#key.expose(), nonce, data, text, tag })
    if (plain === null)
      throw new SopsError('tampered', 'an encrypted value was changed, moved, or encrypted under another key')
    return plain
  }
}

const typeOf = (value: Encryptable): string => (value.type === 'bytes' ? 'str' : value.type)

/** Lengths stand first, so that no two places have one name. */
const placeOf = ({
  type,
  associatedData,
  plain,
}: {
  type: string
  associatedData: string
  plain: Uint8Array
}): string => `${type}:${associatedData.length}:${associatedData}:${Buffer.from(plain).toString('latin1')}`

type Parts = [Buffer, Buffer, Buffer]

const partsOf = (value: string): { text: Buffer; nonce: Buffer; tag: Buffer; type: string } => {
  const match = grammar.exec(value)
  if (match === null) throw new SopsError('malformed', 'a value that has to be encrypted is not')
  // as many as the grammar has
  const [text, nonce, tag] = match.slice(1, 4).map((part) => Buffer.from(part, 'base64')) as Parts
  if (nonce.length === 0 || nonce.length > nonceBytesMax || tag.length !== tagBytes)
    throw new SopsError('malformed', 'an encrypted value has a nonce or a tag of a wrong length')
  return { text, nonce, tag, type: match[4] ?? '' }
}
