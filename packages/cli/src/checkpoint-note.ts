import { createHash, createPublicKey, verify } from 'node:crypto'

/** A checkpoint of the record as C2SP writes it: origin, size and root, signed. */
export interface CheckpointNote {
  readonly origin: string
  readonly size: number
  readonly root: string
}

/** Ed25519's signature type in a C2SP key id. */
const ED25519_TYPE = 0x01

/** Reads a signed checkpoint (C2SP tlog-checkpoint); null when it is none. */
export const parseCheckpoint = (note: string): CheckpointNote | null => {
  const [, origin, size, root] = /^([^\n]+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*\n— /.exec(note) ?? []
  return origin === undefined || size === undefined || root === undefined ? null : { origin, size: Number(size), root }
}

/** Whether one of the note's signatures is by this key and right (C2SP signed-note). Malformed keys and notes are not. */
export const isSignedBy = (note: string, publicKey: string): boolean => {
  const key = rawKeyOf(publicKey)
  const end = note.lastIndexOf('\n\n')
  if (key === null || end === -1) return false
  const text = Buffer.from(note.slice(0, end + 1), 'utf8')
  const object = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: key.toString('base64url') } })
  return signaturesOf(note.slice(end + 2)).some(({ name, id, signature }) => id.equals(keyId(name, key)) && verify(null, text, object, signature))
}

interface NoteSignature {
  readonly name: string
  readonly id: Buffer
  readonly signature: Buffer
}

const signaturesOf = (block: string): readonly NoteSignature[] =>
  block.split('\n').flatMap((line) => {
    const [, name, base64] = /^— (\S+) ([A-Za-z0-9+/=]+)$/.exec(line) ?? []
    const bytes = Buffer.from(base64 ?? '', 'base64')
    return name === undefined || bytes.length !== 68 ? [] : [{ name, id: bytes.subarray(0, 4), signature: bytes.subarray(4) }]
  })

const keyId = (name: string, key: Buffer): Buffer =>
  createHash('sha256').update(`${name}\n`).update(Buffer.of(ED25519_TYPE)).update(key).digest().subarray(0, 4)

/** The 32 bytes of a C2SP verifier key (`name+id+base64`), or of plain base64. */
const rawKeyOf = (publicKey: string): Buffer | null => {
  const bytes = Buffer.from(publicKey.trim().split('+').slice(2).join('+') || publicKey, 'base64')
  if (bytes.length === 33 && bytes[0] === ED25519_TYPE) return bytes.subarray(1)
  return bytes.length === 32 ? bytes : null
}
