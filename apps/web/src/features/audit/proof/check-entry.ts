import type { Wire } from '@gatehouse/contract'
import { shownText } from '@gatehouse/kit'
import {
  bytesOf,
  isSignedBy,
  leafHashOf,
  parseCheckpoint,
  parseVerifier,
  sameBytes,
  verifyConsistency,
  verifyInclusion,
  type Checkpoint,
} from './tree.ts'

type Entry = Wire<'audit.get'>
type Proof = Wire<'audit.proof'>

/** How one check came out. `open`: it could not be made, and why is said. */
export type CheckState = 'passed' | 'failed' | 'open'

/** One check, in words: what was looked at, and what that proves. */
export interface Check {
  readonly name: 'signature' | 'inclusion' | 'content' | 'consistency'
  readonly state: CheckState
  readonly words: string
}

/** What this browser keeps of the log between visits. Both are public. */
export interface Remembered {
  readonly checkpoint: string | null
  readonly publicKey: string | null
}

/** What the server answered, and what is kept here. */
export interface Evidence {
  /** As the page shows it. */
  readonly entry: Entry
  readonly proof: Proof
  /** Null: not told, or not asked. */
  readonly publicKey: string | null
  readonly remembered: Remembered
  /** From the remembered checkpoint to that of the proof; null: not told, or nothing is remembered. */
  readonly consistency: Wire<'audit.consistency'> | null
}

/** Every check, and what is to be kept from now on; null: keep what is kept. */
export interface Verdict {
  readonly checks: readonly Check[]
  readonly keep: Remembered | null
}

/** Checks an entry's proof with nothing but what was answered and what this browser has kept. */
export async function checkEntry(evidence: Evidence): Promise<Verdict> {
  const checkpoint = parseCheckpoint(evidence.proof.checkpoint)
  if (checkpoint === null)
    return { checks: [failed('signature', 'The server gave no checkpoint that can be read.')], keep: null }
  const checks = [
    await signatureCheck(evidence, checkpoint),
    await inclusionCheck(evidence, checkpoint),
    await contentCheck(evidence),
    await consistencyCheck(evidence, checkpoint),
  ]
  const good = checks.every(({ state }) => state !== 'failed') && checks[0]?.state === 'passed'
  return { checks, keep: good ? kept(evidence, checkpoint) : null }
}

const made = (name: Check['name'], state: CheckState, words: string): Check => ({ name, state, words })
const passed = (name: Check['name'], words: string): Check => made(name, 'passed', words)
const failed = (name: Check['name'], words: string): Check => made(name, 'failed', words)
const open = (name: Check['name'], words: string): Check => made(name, 'open', words)

/** A smaller checkpoint never takes the place of a larger one. */
function kept({ proof, publicKey, remembered }: Evidence, { size }: Checkpoint): Remembered {
  const before = remembered.checkpoint === null ? null : parseCheckpoint(remembered.checkpoint)
  const newer = before === null || size >= before.size
  return { checkpoint: newer ? proof.checkpoint : remembered.checkpoint, publicKey: remembered.publicKey ?? publicKey }
}

async function signatureCheck({ publicKey, remembered }: Evidence, checkpoint: Checkpoint): Promise<Check> {
  if (remembered.publicKey !== null && publicKey !== null && remembered.publicKey !== publicKey)
    return failed('signature', 'The server names another key than the one that this browser saw before.')
  const text = remembered.publicKey ?? publicKey
  if (text === null)
    return open('signature', "You can't see the log's public key, so the signature of the checkpoint was not checked.")
  const verifier = await parseVerifier(text)
  const signed = verifier === null ? false : await isSignedBy(checkpoint, verifier)
  if (signed === null)
    return open('signature', 'This browser cannot check Ed25519 signatures. Use a newer one, or the command line.')
  if (!signed) return failed('signature', "The checkpoint was not signed by the log's key.")
  return passed(
    'signature',
    remembered.publicKey === null
      ? "The checkpoint was signed by the log's key, which this browser sees for the first time."
      : "The checkpoint was signed by the log's key, the same that this browser saw before.",
  )
}

async function inclusionCheck({ proof }: Evidence, { size, root }: Checkpoint): Promise<Check> {
  const [leaf, ...hashes] = [proof.leafHash, ...proof.hashes].map(bytesOf)
  const whole = hashes.every((one) => one !== null) ? hashes : null
  const included =
    leaf !== null &&
    leaf !== undefined &&
    whole !== null &&
    (await verifyInclusion({ index: proof.index, size, leaf, root, proof: whole }))
  return included
    ? passed('inclusion', `The entry is no. ${proof.index} of the ${size} entries that the checkpoint stands for.`)
    : failed('inclusion', 'The proof does not lead from this entry to the signed checkpoint.')
}

async function contentCheck({ entry, proof }: Evidence): Promise<Check> {
  if (proof.entry === null)
    return open(
      'content',
      'You are not told all of this entry, so what is shown was not compared with what was hashed.',
    )
  const leaf = bytesOf(proof.leafHash)
  if (leaf === null || !sameBytes(await leafHashOf(proof.entry), leaf))
    return failed('content', 'The text of the entry is not the one that was hashed.')
  const others = differencesOf(entry, proof.entry)
  return others.length === 0
    ? passed('content', 'What is shown here is what was hashed when it was recorded; nothing was changed since.')
    : failed('content', `What is shown here is not what was recorded: ${others.join(', ')}.`)
}

async function consistencyCheck({ remembered, consistency }: Evidence, checkpoint: Checkpoint): Promise<Check> {
  const before = remembered.checkpoint === null ? null : parseCheckpoint(remembered.checkpoint)
  if (before === null)
    return open('consistency', 'This browser has seen no earlier checkpoint. It remembers this one from now on.')
  if (before.size > checkpoint.size)
    return failed(
      'consistency',
      `The log became shorter: this browser saw ${before.size} entries, and now there are ${checkpoint.size}.`,
    )
  if (consistency === null)
    return open('consistency', "You can't see how the log has grown, so it was not compared with what you saw before.")
  const hashes = consistency.hashes.map(bytesOf)
  const proof = hashes.every((one) => one !== null) ? hashes : null
  const grown =
    proof !== null &&
    (await verifyConsistency({
      oldSize: before.size,
      oldRoot: before.root,
      size: checkpoint.size,
      root: checkpoint.root,
      proof,
    }))
  return grown
    ? passed(
        'consistency',
        `The log goes on from the ${before.size} entries that this browser saw before: none of them was changed.`,
      )
    : failed(
        'consistency',
        `The log is not the one that this browser saw before: its first ${before.size} entries are others now.`,
      )
}

type Fields = Readonly<Record<string, unknown>>
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function fieldsIn(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : null
  } catch {
    return null
  }
}

const at = (fields: Fields, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((value, step) => (isFields(value) ? value[step] : undefined), fields)

/** What stands in an entry as it was recorded, and where it is shown. Names and addresses are only committed to. */
const compared: readonly (readonly [name: string, path: readonly string[], shown: (entry: Entry) => unknown])[] = [
  ['ID', ['id'], ({ id }) => id],
  ['time', ['at'], (entry) => entry.at],
  ['action', ['action'], ({ action }) => action],
  ['outcome', ['outcome'], ({ outcome }) => outcome],
  ['actor', ['principal', 'id'], ({ principal }) => principal.id],
  ['kind of actor', ['principal', 'type'], ({ principal }) => principal.type],
  ['kind of resource', ['resource', 'type'], ({ resource }) => resource.type],
  ['workspace', ['workspace'], ({ workspace }) => workspace],
  ['session', ['sessionId'], ({ sessionId }) => sessionId],
  ['request', ['requestId'], ({ requestId }) => requestId],
  ['refusal', ['refusal'], ({ refusal }) => refusal],
  ['decision', ['decision', 'effect'], ({ decision }) => decision?.effect ?? null],
  ['policies', ['decision', 'policies'], ({ decision }) => decision?.policies ?? null],
]

/** As the page shows a text: what could steer its reader is made visible. */
function asShown(value: unknown): string {
  if (Array.isArray(value)) return JSON.stringify(value.map(asShown))
  return JSON.stringify(typeof value === 'string' ? shownText(value) : (value ?? null))
}

/** Fields of an entry that are others than those recorded, by their names. */
export function differencesOf(entry: Entry, text: string): readonly string[] {
  const recorded = fieldsIn(text)
  if (recorded === null) return ['the entry cannot be read']
  const others = compared.filter(([, path, shown]) => asShown(at(recorded, ...path)) !== asShown(shown(entry)))
  const resource = at(recorded, 'resource', 'id')
  // what was asked for by a name that nobody has stands in the input
  const otherResource =
    typeof resource === 'string' && resource !== '' && asShown(resource) !== asShown(entry.resource.id)
  return [...others.map(([name]) => name), ...(otherResource ? ['resource'] : [])]
}
