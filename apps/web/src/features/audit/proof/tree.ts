/** Hashes and signatures as the browser makes them. Nothing of a proof is believed that was not computed here. */
type Bytes = Uint8Array<ArrayBuffer>

const hashBytes = 32

const sha256 = async (...parts: readonly Bytes[]): Promise<Bytes> => {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', whole))
}

const utf8 = (text: string): Bytes => new TextEncoder().encode(text)

/** RFC 6962 §2.1: a leaf and a node can never have one hash. */
const leafPrefix = Uint8Array.of(0)
const nodePrefix = Uint8Array.of(1)

/** The hash of one entry: SHA-256(0x00 ‖ entry). */
export const leafHashOf = (entry: string): Promise<Bytes> => sha256(leafPrefix, utf8(entry))

/** The hash of two subtrees: SHA-256(0x01 ‖ left ‖ right). */
export const nodeHashOf = (left: Bytes, right: Bytes): Promise<Bytes> => sha256(nodePrefix, left, right)

/** Hashes are public: a plain comparison tells nobody anything. */
export const sameBytes = (one: Bytes, two: Bytes): boolean =>
  one.length === two.length && one.every((byte, index) => byte === two[index])

/** Base64 in its one canonical spelling; null for anything else. */
export function bytesOf(text: string): Bytes | null {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
    return bytes.length > 0 && btoa(String.fromCharCode(...bytes)) === text ? bytes : null
  } catch {
    return null
  }
}

// Sizes go beyond 32 bits, where JavaScript's bit operations stop.
const half = (n: number): number => Math.floor(n / 2)
const isOdd = (n: number): boolean => n % 2 === 1
const isSize = (n: number): boolean => Number.isSafeInteger(n) && n >= 0
const isPowerOfTwo = (n: number): boolean => n > 0 && Number.isInteger(Math.log2(n))

/** Climbs while the node has no sibling on its right: nothing was hashed there. */
function pastMissingSiblings(position: number, last: number): [number, number] {
  let [at, end] = [position, last]
  while (!isOdd(at) && at !== 0) [at, end] = [half(at), half(end)]
  return [at, end]
}

/** What an inclusion proof claims. */
export interface InclusionClaim {
  readonly index: number
  readonly size: number
  readonly leaf: Bytes
  readonly root: Bytes
  readonly proof: readonly Bytes[]
}

/** RFC 9162 §2.1.3.2: true when the proof leads from the leaf to the root. */
export async function verifyInclusion({ index, size, leaf, root, proof }: InclusionClaim): Promise<boolean> {
  if (!isSize(index) || !isSize(size) || index >= size) return false
  let [position, last] = [index, size - 1]
  let node = leaf
  for (const sibling of proof) {
    if (last === 0) return false
    if (isOdd(position) || position === last) {
      node = await nodeHashOf(sibling, node)
      ;[position, last] = pastMissingSiblings(position, last)
    } else {
      node = await nodeHashOf(node, sibling)
    }
    ;[position, last] = [half(position), half(last)]
  }
  return last === 0 && sameBytes(node, root)
}

/** What a consistency proof claims. */
export interface ConsistencyClaim {
  readonly oldSize: number
  readonly oldRoot: Bytes
  readonly size: number
  readonly root: Bytes
  readonly proof: readonly Bytes[]
}

/** RFC 9162 §2.1.4.2: true when the proof shows the old tree to be the beginning of the new one. */
export async function verifyConsistency(claim: ConsistencyClaim): Promise<boolean> {
  const { oldSize, oldRoot, size, root, proof } = claim
  if (!isSize(oldSize) || !isSize(size) || oldSize > size) return false
  if (oldSize === size) return proof.length === 0 && sameBytes(oldRoot, root)
  if (oldSize === 0) return proof.length === 0
  // a full old tree is a node of the new one: its root opens the proof
  const [first, ...rest] = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof
  if (first === undefined) return false
  let [position, last] = [oldSize - 1, size - 1]
  while (isOdd(position)) [position, last] = [half(position), half(last)]
  let [oldNode, node] = [first, first]
  for (const sibling of rest) {
    if (last === 0) return false
    if (isOdd(position) || position === last) {
      oldNode = await nodeHashOf(sibling, oldNode)
      node = await nodeHashOf(sibling, node)
      ;[position, last] = pastMissingSiblings(position, last)
    } else {
      node = await nodeHashOf(node, sibling)
    }
    ;[position, last] = [half(position), half(last)]
  }
  return last === 0 && sameBytes(oldNode, oldRoot) && sameBytes(node, root)
}

/** A checkpoint as it was read. Its signature has not been checked. */
export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Bytes
  /** The signed text, the last line break included. */
  readonly body: string
  readonly signatures: readonly { readonly name: string; readonly keyId: Bytes; readonly signature: Bytes }[]
}

const keyIdBytes = 4
const publicKeyBytes = 32
/** C2SP signed-note: signature type of plain Ed25519. */
const ed25519Type = 0x01

/** Decimal without leading zeros: one size has one spelling. */
const sizeOf = (text: string): number | null => {
  const size = Number(text)
  return /^(0|[1-9]\d{0,15})$/.test(text) && Number.isSafeInteger(size) ? size : null
}

const isOrigin = (text: string): boolean => /^[^\s+\p{Cc}]{1,256}$/u.test(text)

/** Reads a C2SP tlog-checkpoint. Null: it is none. */
export function parseCheckpoint(note: string): Checkpoint | null {
  const split = note.indexOf('\n\n')
  const body = note.slice(0, split + 1)
  const [origin = '', sizeText = '', rootText = '', end, ...more] = body.split('\n')
  const [size, root] = [sizeOf(sizeText), bytesOf(rootText)]
  const signatures = signaturesIn(note.slice(split + 2))
  if (split < 0 || end !== '' || more.length > 0 || !isOrigin(origin)) return null
  if (size === null || root?.length !== hashBytes || signatures === null) return null
  return { origin, size, root, body, signatures }
}

function signaturesIn(text: string): Checkpoint['signatures'] | null {
  if (!text.endsWith('\n')) return null
  const found = text
    .slice(0, -1)
    .split('\n')
    .map((line) => {
      const [, name = '', encoded = ''] = /^— (\S+) (\S+)$/.exec(line) ?? []
      const bytes = bytesOf(encoded)
      if (!isOrigin(name) || bytes === null || bytes.length <= keyIdBytes) return null
      return { name, keyId: bytes.slice(0, keyIdBytes), signature: bytes.slice(keyIdBytes) }
    })
  return found.every((signature) => signature !== null) ? found : null
}

/** A log's public key, with the name that it signs in. */
export interface Verifier {
  readonly name: string
  readonly keyId: Bytes
  readonly publicKey: Bytes
}

/** Reads a C2SP verifier key. Null: it is not one of an Ed25519 key, or its key id is not the key's. */
export async function parseVerifier(text: string): Promise<Verifier | null> {
  const [name = '', keyId, ...rest] = text.split('+')
  const key = bytesOf(rest.join('+')) // base64 has plus signs of its own
  if (!isOrigin(name) || key?.length !== 1 + publicKeyBytes || key[0] !== ed25519Type) return null
  const id = (await sha256(utf8(`${name}\n`), key)).slice(0, keyIdBytes)
  const hex = [...id].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex === keyId ? { name, keyId: id, publicKey: key.slice(1) } : null
}

/** Whether a checkpoint bears a good signature of this key; null: this browser cannot check Ed25519. */
export async function isSignedBy(checkpoint: Checkpoint, verifier: Verifier): Promise<boolean | null> {
  const key = await crypto.subtle
    .importKey('raw', verifier.publicKey, 'Ed25519', false, ['verify'])
    .catch((error: unknown) => (error instanceof DOMException && error.name === 'NotSupportedError' ? null : undefined))
  if (key === null) return null
  if (key === undefined || checkpoint.origin !== verifier.name) return false
  const mine = checkpoint.signatures.filter(
    ({ name, keyId }) => name === verifier.name && sameBytes(keyId, verifier.keyId),
  )
  for (const { signature } of mine)
    if (await crypto.subtle.verify('Ed25519', key, signature, utf8(checkpoint.body))) return true
  return false
}
