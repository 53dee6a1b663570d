import { createPrivateKey, createPublicKey, randomBytes, sign, type KeyObject } from 'node:crypto'
import type { Store } from '@gatehouse/database'
import { countCheckpoints } from './checkpoint.queries.ts'
import { RecordError } from './record-error.ts'
import {
  formatVerifier,
  isTextSignedBy,
  noteVerifier,
  signCheckpoint,
  signedMessage,
  signManifest,
  type CheckpointFacts,
  type ExportManifest,
  type NoteVerifier,
  type SignedText,
} from './verify.ts'

const seedBytes = 32
/** RFC 8410 §7: what stands before the seed of an Ed25519 private key in its DER form. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
const spkiPrefixBytes = 12

/**
 * Where the seed is kept: sealed, and outside of the database, so that who owns the database cannot sign.
 * `@gatehouse/keys` has one.
 */
export interface SeedFile {
  readonly path: string
  /** Null: there is none. */
  read(): Promise<Uint8Array | null>
  /** False: there is one already, and it is untouched. */
  create(seed: Uint8Array): Promise<boolean>
}

/** Signs checkpoints of one origin. */
export interface CheckpointKey {
  readonly origin: string
  readonly verifier: NoteVerifier
  /** The C2SP verifier key, to be published. */
  readonly publicKey: string
  sign(facts: Omit<CheckpointFacts, 'origin'>): string
  /** Signs what an export came to. */
  signManifest(manifest: ExportManifest): string
  /** Signs what is kept, or handed out, outside of the database. */
  signText(text: SignedText): string
  /** Whether `signText` of this key made that of it. */
  hasSigned(text: SignedText, signature: unknown): boolean
}

/**
 * Opens the key that signs checkpoints, making it when there is none and nothing was ever signed. Throws
 * `RecordError('checkpoint-key-missing')`
 * when there are checkpoints: a new key would make a rewritten record look like an honest one.
 */
export async function openCheckpointKey({
  db,
  file,
  origin,
}: {
  db: Store
  file: SeedFile
  origin: string
}): Promise<CheckpointKey> {
  const seed = (await file.read()) ?? (await createSeed(db, file))
  if (seed.length !== seedBytes)
    throw new RecordError('checkpoint-key-malformed', `\`${file.path}\` does not hold a checkpoint key`)
  return checkpointKeyFrom(
    createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' }),
    origin,
  )
}

/** A signer around an Ed25519 private key. */
export function checkpointKeyFrom(privateKey: KeyObject, origin: string): CheckpointKey {
  const publicBytes = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(spkiPrefixBytes)
  const verifier = noteVerifier(origin, publicBytes)
  return {
    origin,
    verifier,
    publicKey: formatVerifier(verifier),
    sign: (facts) => signCheckpoint({ origin, ...facts }, { privateKey, verifier }),
    signManifest: (manifest) => signManifest(manifest, { privateKey, verifier }),
    signText: (text) => sign(null, signedMessage(origin, text), privateKey).toString('base64'),
    hasSigned: (text, signature) => isTextSignedBy(verifier, text, signature),
  }
}

async function createSeed(db: Store, file: SeedFile): Promise<Uint8Array> {
  const checkpoints = await countCheckpoints(db)
  if (checkpoints > 0) {
    const made = await file.read() // another process of this home may have made it, and signed, since we looked
    if (made !== null) return made
    throw new RecordError(
      'checkpoint-key-missing',
      `the key that signs the audit log is not at \`${file.path}\`, and the log has ${checkpoints} signed ` +
        `checkpoints; bring the key back from its copy`,
    )
  }
  const seed = randomBytes(seedBytes)
  if (await file.create(seed)) return seed
  const winner = await file.read() // another process of this home was faster
  if (winner === null) throw new RecordError('checkpoint-key-missing', `\`${file.path}\` was there and is gone`)
  return winner
}
