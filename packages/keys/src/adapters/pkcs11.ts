import { createHash, randomBytes } from 'node:crypto'
import type { Secret } from '@gatehouse/contract'
import { KekError, type KekFailure } from '../kek-error.ts'
import type { KekTraits, KeyEncryptionKey } from '../kek.ts'
import { dataKeyBytes } from '../wrap.ts'
import { openModule, Pkcs11Error, type Handle, type Pkcs11Module } from './pkcs11-module.ts'

/** Which key of which token, by what module, and the PIN of the token's user. */
export interface Pkcs11KeyPlace {
  /** The maker's library, such as `/usr/lib/softhsm/libsofthsm2.so`. It runs in our process. */
  readonly module: string
  /** The token's label. */
  readonly token: string
  /** The key's label: an AES key of 256 bits that encrypts and decrypts. */
  readonly key: string
  readonly pin: Secret<string>
}

/** Tokens take little at once. */
const traits: KekTraits = {
  plaintextBytesMax: 4096,
  purpose: 'checked-there',
  dataKeys: 'made-here',
  reach: 'remote', // a token may be a machine elsewhere; its module does not say
  quantum: 'safe',
}

/** So that wrapped text says by itself whose it is. */
const prefix = 'pkcs11:'
const nonceBytes = 12
const tagBytes = 16

/** A key in a token. Throws `TypeError` for a place that is none; loads nothing yet. */
export function pkcs11Kek(place: Pkcs11KeyPlace): KeyEncryptionKey {
  const { token, key } = place
  if (token === '' || key === '')
    throw new TypeError('a key of PKCS#11 is named by the labels of its token and its own')
  const uri = `pkcs11:token=${encodeURIComponent(token)};object=${encodeURIComponent(key)}`
  const asking = { uri, place, session: createSession(uri, place) }
  return {
    uri,
    // by its place: the tokens of one cluster have serial numbers of their own, and the same key
    fingerprint: `pkcs11:${createHash('sha256')
      .update(JSON.stringify([token, key]))
      .digest('base64url')}`,
    traits,
    wrap: (dataKey, purpose) => wrap(asking, dataKey, purpose),
    unwrap: (wrapped, purpose) => unwrap(asking, wrapped, purpose),
    generate: async (purpose) => {
      const dataKey = randomBytes(dataKeyBytes)
      return { dataKey, wrapped: await wrap(asking, dataKey, purpose) }
    },
    probe: () => asking.session((open) => findKey(uri, place.key, open).then(() => undefined)),
  }
}

interface Asking {
  readonly uri: string
  readonly place: Pkcs11KeyPlace
  readonly session: Session
}

async function wrap({ uri, place, session }: Asking, dataKey: Uint8Array, purpose: string): Promise<string> {
  if (dataKey.length > traits.plaintextBytesMax) throw new KekError('too-long', uri)
  return session(async (open) => {
    const key = await findKey(uri, place.key, open)
    const nonce = randomBytes(nonceBytes)
    const sealed = await open.module.gcm('Encrypt', {
      session: open.handle,
      key,
      nonce,
      associatedData: Buffer.from(purpose, 'utf8'),
      data: Buffer.from(dataKey),
    })
    return `${prefix}${Buffer.concat([nonce, sealed]).toString('base64')}`
  })
}

async function unwrap({ uri, place, session }: Asking, wrapped: string, purpose: string): Promise<Uint8Array> {
  const bytes = Buffer.from(wrapped.slice(prefix.length), 'base64')
  if (!wrapped.startsWith(prefix) || bytes.length < nonceBytes + tagBytes) throw new KekError('unwrap-failed', uri)
  return session(async (open) => {
    const key = await findKey(uri, place.key, open)
    return open.module.gcm('Decrypt', {
      session: open.handle,
      key,
      nonce: bytes.subarray(0, nonceBytes),
      associatedData: Buffer.from(purpose, 'utf8'),
      data: bytes.subarray(nonceBytes),
    })
  })
}

interface OpenSession {
  readonly module: Pkcs11Module
  readonly handle: Handle
}

const attribute = { class: 0x0, label: 0x3, keyType: 0x100, encrypt: 0x104, decrypt: 0x105 } as const
const [secretKey, aes] = [4, 0x1f]

/** A key of the kind that we use. Looked for each time: a handle of a key that was taken away may be another's. */
async function findKey(uri: string, label: string, { module, handle }: OpenSession): Promise<Handle> {
  const named = { type: attribute.label, value: Buffer.from(label, 'utf8') }
  const found = await module.find(handle, [
    named,
    { type: attribute.class, value: ulong(secretKey) },
    { type: attribute.keyType, value: ulong(aes) },
    { type: attribute.encrypt, value: Buffer.of(1) },
    { type: attribute.decrypt, value: Buffer.of(1) },
  ])
  const [key] = found
  if (key !== undefined && found.length === 1) return key
  const any = found.length > 0 ? found : await module.find(handle, [named])
  throw new KekError(any.length === 0 ? 'no-such-key' : 'key-unusable', uri)
}

/** CK_ULONG as it lies in memory here. */
function ulong(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32LE(value)
  return bytes
}

/** Uses the one session of this key, in turn: a session does one thing at a time. */
type Session = <T>(work: (open: OpenSession) => Promise<T>) => Promise<T>

function createSession(uri: string, place: Pkcs11KeyPlace): Session {
  let open: OpenSession | null = null
  let last: Promise<unknown> = Promise.resolve()
  let refused: KekError | null = null
  const use = async <T>(work: (open: OpenSession) => Promise<T>): Promise<T> => {
    if (refused !== null) throw refused
    try {
      open ??= await openSession(uri, place)
      return await work(open)
    } catch (error) {
      const failure = failureOf(error, uri)
      // a token locks itself after a few wrong PINs: this one is not tried again before the next start
      if (failure.code === 'denied') refused = failure
      if (failure.code === 'unreachable') open = null // a token that was pulled out knows no session of before
      throw failure
    }
  }
  return (work) => {
    const mine = last.then(() => use(work))
    last = mine.catch(() => undefined)
    return mine
  }
}

async function openSession(uri: string, { module: path, token, pin }: Pkcs11KeyPlace): Promise<OpenSession> {
  const module = await openModule(path)
  for (const slot of await module.slots()) {
    if ((await module.tokenLabel(slot)) !== token) continue
    const handle = await module.openSession(slot)
    await module.login(handle, Buffer.from(pin.expose(), 'utf8'))
    return { module, handle }
  }
  throw new KekError('unreachable', uri, { cause: new Error('no token of this label is there') })
}

const failureByCode: Readonly<Record<number, KekFailure>> = {
  0x30: 'unreachable', // CKR_DEVICE_ERROR
  0x32: 'unreachable', // CKR_DEVICE_REMOVED
  0x63: 'key-unusable', // CKR_KEY_TYPE_INCONSISTENT
  0x68: 'key-unusable', // CKR_KEY_FUNCTION_NOT_PERMITTED
  0x70: 'key-unusable', // CKR_MECHANISM_INVALID
  0xa0: 'denied', // CKR_PIN_INCORRECT
  0xa1: 'denied', // CKR_PIN_INVALID
  0xa2: 'denied', // CKR_PIN_LEN_RANGE
  0xa3: 'denied', // CKR_PIN_EXPIRED
  0xa4: 'denied', // CKR_PIN_LOCKED
  0xb0: 'unreachable', // CKR_SESSION_CLOSED
  0xb3: 'unreachable', // CKR_SESSION_HANDLE_INVALID
  0xe0: 'unreachable', // CKR_TOKEN_NOT_PRESENT
  0x101: 'unreachable', // CKR_USER_NOT_LOGGED_IN: the token was away meanwhile
}

function failureOf(error: unknown, uri: string): KekError {
  if (error instanceof KekError) return error
  // what is no answer: the module itself is not there, or no module
  if (!(error instanceof Pkcs11Error)) return new KekError('unreachable', uri, { cause: error })
  // modules have a code each for a tag that is wrong
  const otherwise = error.call === 'C_Decrypt' ? 'unwrap-failed' : 'rejected'
  return new KekError(failureByCode[error.code] ?? otherwise, uri, { cause: error })
}
