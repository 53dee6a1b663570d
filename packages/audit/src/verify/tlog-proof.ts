import { isSignedBy, parseCheckpoint, type NoteVerifier, type ParsedCheckpoint } from './checkpoint.ts'
import { hashBytes } from './hash.ts'
import { verifyInclusion } from './proof.ts'

const firstLine = 'c2sp.org/tlog-proof@v1'
/** A tree of 2^63 leaves has no longer path. */
const hashesMax = 63

/** Where one entry stands in a signed tree. */
export interface TlogProof {
  readonly index: number
  readonly hashes: readonly Uint8Array[]
  /** The signed checkpoint, as it was given out. */
  readonly checkpoint: string
}

/** C2SP tlog-proof: the proof as a text that stands for itself. */
export const formatTlogProof = ({ index, hashes, checkpoint }: TlogProof): string =>
  [firstLine, `index ${index}`, ...hashes.map((hash) => Buffer.from(hash).toString('base64')), '', checkpoint].join(
    '\n',
  )

/** Reads a proof. Null: it is none. Nothing of it is checked. */
export function parseTlogProof(text: string): TlogProof | null {
  const split = text.indexOf('\n\n')
  const [title, ...lines] = text.slice(0, split).split('\n')
  if (split < 0 || title !== firstLine) return null
  const rest = lines[0]?.startsWith('extra ') === true ? lines.slice(1) : lines
  const index = /^index (0|[1-9]\d{0,15})$/.exec(rest[0] ?? '')?.[1]
  const hashes = rest.slice(1).map((line) => Buffer.from(line, 'base64'))
  const isHash = (hash: Buffer, at: number): boolean =>
    hash.length === hashBytes && hash.toString('base64') === rest[at + 1]
  if (index === undefined || hashes.length > hashesMax || !hashes.every(isHash)) return null
  return { index: Number(index), hashes, checkpoint: text.slice(split + 2) }
}

/** Why a proof proves nothing. */
export type ProofFailure = 'malformed' | 'not-signed' | 'not-included'

/** Checks a proof of a leaf against the log's public key, and answers where it stands in which tree. */
export function checkTlogProof(
  text: string,
  leaf: Uint8Array,
  verifier: NoteVerifier,
): { readonly index: number; readonly checkpoint: ParsedCheckpoint } | ProofFailure {
  const proof = parseTlogProof(text)
  const checkpoint = proof === null ? null : parseCheckpoint(proof.checkpoint)
  if (proof === null || checkpoint === null) return 'malformed'
  if (!isSignedBy(checkpoint, verifier)) return 'not-signed'
  const { index, hashes } = proof
  const { size, root } = checkpoint
  return verifyInclusion({ index, size, leaf, root, proof: hashes }) ? { index, checkpoint } : 'not-included'
}
