import { createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto'
import { parseCheckpoint, readSignatures, type ParsedCheckpoint } from './checkpoint.ts'

/** C2SP tlog-cosignature: signature type of Ed25519 with a time. */
const cosignatureType = 0x04
const keyIdBytes = 4
const timeBytes = 8
const publicKeyBytes = 32
const signatureBytes = 64
/** RFC 8410 §4: what stands before the 32 bytes of an Ed25519 public key in its DER form. */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

/** Who co-signs checkpoints: C2SP tlog-witness. */
export interface WitnessVerifier {
  readonly name: string
  readonly keyId: Uint8Array
  readonly publicKey: KeyObject
}

/** That a witness saw a checkpoint, and when. */
export interface Cosignature {
  readonly witness: string
  /** Seconds since 1970. */
  readonly time: number
  /** Its line of the note, with the line break. */
  readonly line: string
}

/** A checkpoint and those who co-signed it. */
export interface Witnessed {
  readonly size: number
  readonly by: readonly Cosignature[]
}

const keyIdOf = (name: string, publicKey: Uint8Array): Buffer =>
  hash(
    'sha256',
    Buffer.concat([Buffer.from(`${name}\n`, 'utf8'), Uint8Array.of(cosignatureType), publicKey]),
    'buffer',
  ).subarray(0, keyIdBytes)

/** A verifier from an Ed25519 public key's 32 bytes. */
export function witnessVerifier(name: string, publicKey: Uint8Array): WitnessVerifier {
  if (publicKey.length !== publicKeyBytes) throw new RangeError('an Ed25519 public key has 32 bytes')
  return {
    name,
    keyId: keyIdOf(name, publicKey),
    publicKey: createPublicKey({ key: Buffer.concat([spkiPrefix, publicKey]), format: 'der', type: 'spki' }),
  }
}

/** C2SP verifier key of a witness: `<name>+<hex of key id>+<base64 of type and key>`. */
export function formatWitnessKey({ name, keyId, publicKey }: WitnessVerifier): string {
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(spkiPrefix.length)
  const key = Buffer.concat([Uint8Array.of(cosignatureType), raw]).toString('base64')
  return `${name}+${Buffer.from(keyId).toString('hex')}+${key}`
}

/** Reads a witness's verifier key. Null: it is none, or one of a log, or its key id is not the key's. */
export function parseWitnessKey(text: string): WitnessVerifier | null {
  const [name, keyId, ...rest] = text.split('+')
  const encoded = rest.join('+') // base64 has plus signs of its own
  const key = Buffer.from(encoded, 'base64')
  if (name === undefined || !/^[^\s+\p{Cc}]{1,256}$/u.test(name) || key.toString('base64') !== encoded) return null
  if (key.length !== 1 + publicKeyBytes || key[0] !== cosignatureType) return null
  const verifier = witnessVerifier(name, key.subarray(1))
  return Buffer.from(verifier.keyId).toString('hex') === keyId ? verifier : null
}

/** The message that a witness signs: when it saw the checkpoint, and the checkpoint. */
const messageOf = (body: string, time: number | bigint): Buffer =>
  Buffer.from(`cosignature/v1\ntime ${time}\n${body}`, 'utf8')

/** Co-signs a checkpoint's body, as a witness does. */
export function cosign(
  body: string,
  { privateKey, verifier }: { readonly privateKey: KeyObject; readonly verifier: WitnessVerifier },
  time: number,
): string {
  const stamp = Buffer.alloc(timeBytes)
  stamp.writeBigUInt64BE(BigInt(time))
  const signature = sign(null, messageOf(body, time), privateKey)
  return `— ${verifier.name} ${Buffer.concat([verifier.keyId, stamp, signature]).toString('base64')}\n`
}

/** A good co-signature of this witness among those of a checkpoint. Null: there is none. */
export function cosignatureBy(checkpoint: ParsedCheckpoint, verifier: WitnessVerifier): Cosignature | null {
  for (const { name, keyId, signature } of checkpoint.signatures) {
    if (name !== verifier.name || Buffer.compare(keyId, verifier.keyId) !== 0) continue
    if (signature.length !== timeBytes + signatureBytes) continue
    const stamp = Buffer.from(signature).readBigUInt64BE(0)
    if (stamp > BigInt(Number.MAX_SAFE_INTEGER)) continue
    const signed = signature.subarray(timeBytes)
    if (!verify(null, messageOf(checkpoint.body, stamp), verifier.publicKey, signed)) continue
    const bytes = Buffer.concat([keyId, signature])
    return { witness: name, time: Number(stamp), line: `— ${name} ${bytes.toString('base64')}\n` }
  }
  return null
}

/** The co-signature in a witness's answer for a checkpoint. Null: it holds none that is good. */
export function cosignatureIn(answer: string, note: string, verifier: WitnessVerifier): Cosignature | null {
  const checkpoint = parseCheckpoint(note)
  const signatures = readSignatures(answer)
  return checkpoint === null || signatures === null ? null : cosignatureBy({ ...checkpoint, signatures }, verifier)
}

/** The witnesses that co-signed a checkpoint, each once however often it signed, by its key. */
export function cosignersOf(
  checkpoint: ParsedCheckpoint,
  witnesses: readonly WitnessVerifier[],
): readonly Cosignature[] {
  const keys = new Map(witnesses.map((one) => [formatWitnessKey(one).split('+').slice(2).join('+'), one]))
  return [...keys.values()].map((one) => cosignatureBy(checkpoint, one)).filter((one) => one !== null)
}
