import { createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto'
import { hashBytes } from './hash.ts'

/** C2SP signed-note: signature type of plain Ed25519. */
const ed25519Type = 0x01
const keyIdBytes = 4
const publicKeyBytes = 32
const signatureBytes = 64
/** RFC 8410 §4: what stands before the 32 bytes of an Ed25519 public key in its DER form. */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

/** C2SP tlog-checkpoint: what the audit log had come to when it was signed. */
export interface CheckpointFacts {
  /** Names the log, as a URL without its scheme. */
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
}

export interface NoteSignature {
  readonly name: string
  readonly keyId: Uint8Array
  readonly signature: Uint8Array
}

/** A checkpoint as it was read. Its signatures have not been checked. */
export interface ParsedCheckpoint extends CheckpointFacts {
  /** The signed bytes, the last line break included. */
  readonly body: string
  readonly signatures: readonly NoteSignature[]
}

/** Who may sign checkpoints of one origin. */
export interface NoteVerifier {
  readonly name: string
  readonly keyId: Uint8Array
  readonly publicKey: KeyObject
}

/** The text that is signed: origin, size and root, a line each. */
export function checkpointBody({ origin, size, root }: CheckpointFacts): string {
  if (!isOrigin(origin)) throw new TypeError('an origin is one line without spaces or plus signs')
  return `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`
}

/** A body with its signature lines: `— <name> <base64 of key id and signature>`. */
export function signCheckpoint(
  facts: CheckpointFacts,
  signer: { readonly privateKey: KeyObject; readonly verifier: NoteVerifier },
): string {
  const body = checkpointBody(facts)
  const signature = sign(null, Buffer.from(body, 'utf8'), signer.privateKey)
  return `${body}\n— ${signer.verifier.name} ${Buffer.concat([signer.verifier.keyId, signature]).toString('base64')}\n`
}

/**
 * Reads a checkpoint. Null: it is not one. Extension lines are refused; C2SP recommends against them and we write none.
 */
export function parseCheckpoint(note: string): ParsedCheckpoint | null {
  const split = note.indexOf('\n\n')
  if (split < 0) return null
  const body = note.slice(0, split + 1)
  const [origin, sizeText, rootText, end, ...more] = body.split('\n')
  if (
    origin === undefined ||
    sizeText === undefined ||
    rootText === undefined ||
    end !== '' ||
    more.length > 0 ||
    !isOrigin(origin)
  )
    return null
  const size = sizeOf(sizeText)
  const root = bytesOf(rootText)
  const signatures = readSignatures(note.slice(split + 2))
  if (size === null || root?.length !== hashBytes || signatures === null) return null
  return { origin, size, root, body, signatures }
}

/**
 * True when the checkpoint bears a good signature of this verifier. Signatures of others are ignored: a key can be
 * rotated that way.
 */
export function isSignedBy(checkpoint: ParsedCheckpoint, verifier: NoteVerifier): boolean {
  return (
    checkpoint.origin === verifier.name &&
    checkpoint.signatures.some(
      ({ name, keyId, signature }) =>
        name === verifier.name &&
        Buffer.compare(keyId, verifier.keyId) === 0 &&
        signature.length === signatureBytes &&
        verify(null, Buffer.from(checkpoint.body, 'utf8'), verifier.publicKey, signature),
    )
  )
}

/** A verifier from an Ed25519 public key's 32 bytes. */
export function noteVerifier(name: string, publicKey: Uint8Array): NoteVerifier {
  if (publicKey.length !== publicKeyBytes) throw new RangeError('an Ed25519 public key has 32 bytes')
  return {
    name,
    keyId: keyIdOf(name, publicKey),
    publicKey: createPublicKey({ key: Buffer.concat([spkiPrefix, publicKey]), format: 'der', type: 'spki' }),
  }
}

/** C2SP verifier key, for publishing: `<name>+<hex of key id>+<base64 of type and key>`. */
export function formatVerifier(verifier: NoteVerifier): string {
  const keyId = Buffer.from(verifier.keyId).toString('hex')
  const key = Buffer.concat([Uint8Array.of(ed25519Type), rawPublicKey(verifier)]).toString('base64')
  return `${verifier.name}+${keyId}+${key}`
}

/** Reads a verifier key. Null: it is not one of an Ed25519 key, or its key id is not the key's. */
export function parseVerifier(text: string): NoteVerifier | null {
  const [name, keyId, ...rest] = text.split('+')
  const key = bytesOf(rest.join('+')) // base64 has plus signs of its own
  if (name === undefined || !isOrigin(name) || key?.length !== 1 + publicKeyBytes || key[0] !== ed25519Type) return null
  const verifier = noteVerifier(name, key.subarray(1))
  return Buffer.from(verifier.keyId).toString('hex') === keyId ? verifier : null
}

/** The same key under another name: what it signs there is never taken for what it signs here. */
export const keyNamed = (name: string, verifier: NoteVerifier): NoteVerifier =>
  noteVerifier(name, rawPublicKey(verifier))

const rawPublicKey = ({ publicKey }: NoteVerifier): Buffer =>
  publicKey.export({ format: 'der', type: 'spki' }).subarray(spkiPrefix.length)

/** C2SP signed-note: SHA-256(name ‖ 0x0A ‖ type ‖ key), its first four bytes. */
const keyIdOf = (name: string, publicKey: Uint8Array): Buffer =>
  hash(
    'sha256',
    Buffer.concat([Buffer.from(`${name}\n`, 'utf8'), Uint8Array.of(ed25519Type), publicKey]),
    'buffer',
  ).subarray(0, keyIdBytes)

/** The signature lines of a note. Null: one of them is none. */
export function readSignatures(text: string): NoteSignature[] | null {
  if (!text.endsWith('\n')) return null
  const signatures = text.slice(0, -1).split('\n').map(signatureIn)
  return signatures.every((signature) => signature !== null) ? signatures : null
}

function signatureIn(line: string): NoteSignature | null {
  const [dash, name, encoded, ...rest] = line.split(' ')
  const bytes = bytesOf(encoded ?? '')
  if (
    dash !== '—' ||
    name === undefined ||
    !isOrigin(name) ||
    rest.length > 0 ||
    bytes === null ||
    bytes.length <= keyIdBytes
  )
    return null
  return { name, keyId: bytes.subarray(0, keyIdBytes), signature: bytes.subarray(keyIdBytes) }
}

const isOrigin = (text: string): boolean => /^[^\s+\p{Cc}]{1,256}$/u.test(text)

/** Decimal without leading zeros: one size has one spelling. */
function sizeOf(text: string): number | null {
  const size = Number(text)
  return /^(0|[1-9]\d{0,15})$/.test(text) && Number.isSafeInteger(size) ? size : null
}

/** Base64 in its one canonical spelling. */
function bytesOf(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : null
}
