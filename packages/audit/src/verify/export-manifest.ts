import { sign, verify, type KeyObject } from 'node:crypto'
import { leafHashOf } from './hash.ts'
import { append, emptyRange, rootOf } from './compact-range.ts'
import { keyNamed, readSignatures, type NoteVerifier } from './checkpoint.ts'
import { linesOf } from './lines.ts'

/** What stands in an export of the values that say something of a person. */
export type ExportValues = 'clear' | 'pseudonyms' | 'none'

/** What is signed of an export. */
export interface ExportManifest {
  readonly id: string
  readonly format: string
  readonly rows: number
  readonly bytes: number
  readonly lines: number
  /** The root of the tree (RFC 6962) over its lines, in base64. */
  readonly root: string
  /** The size and root of the audit log that it was made of; null: it had no checkpoint yet. */
  readonly checkpoint: { readonly size: number; readonly root: string } | null
  /** What a manifest of the second version says beside; null: it is one of the first. */
  readonly claims: ExportClaims | null
  /** When it was finished, RFC 3339. */
  readonly at: string
}

/** What an export says that it holds. */
export interface ExportClaims {
  /** The signed checkpoint as it was given out. */
  readonly note: string | null
  /** `all`: every entry up to the checkpoint; `some`: those that its filters and its reader's rights let through. */
  readonly scope: 'all' | 'some'
  /** What was asked for, as JSON; `{}`: everything. */
  readonly filters: string
  readonly values: ExportValues
  /** Whether each row leads to the checkpoint. */
  readonly proofs: boolean
  /** RFC 6962 §2.1.2, from the size of an older checkpoint; null: none was asked for. */
  readonly consistency: { readonly size: number; readonly hashes: readonly string[] } | null
}

/**
 * The first line of every manifest. It is no origin, since an origin has no spaces: what is signed here can never be
 * taken for a checkpoint, nor the other way round.
 */
const title = 'gatehouse audit export v2'
/** Of manifests that say nothing of what they claim to hold. */
const oldTitle = 'gatehouse audit export v1'

/** Manifests are signed in the name of the log's exports, by the log's own key. */
const exporterOf = (verifier: NoteVerifier): NoteVerifier => keyNamed(`${verifier.name}/export`, verifier)

/** The text that is signed, a fact a line. */
export function manifestBody(manifest: ExportManifest): string {
  const { id, format, rows, bytes, lines, root, checkpoint, claims, at } = manifest
  return [
    claims === null ? oldTitle : title,
    `export ${id}`,
    `format ${format}`,
    `rows ${rows}`,
    `bytes ${bytes}`,
    `lines ${lines} ${root}`,
    `checkpoint ${checkpoint === null ? '0 -' : `${checkpoint.size} ${checkpoint.root}`}`,
    ...(claims === null ? [] : claimLines(claims)),
    `at ${at}`,
    '',
  ].join('\n')
}

const claimLines = ({ note, scope, filters, values, proofs, consistency }: ExportClaims): readonly string[] => [
  `note ${note === null ? '-' : Buffer.from(note, 'utf8').toString('base64')}`,
  `scope ${scope}`,
  `filters ${filters}`,
  `values ${values}`,
  `proofs ${proofs ? 'yes' : 'no'}`,
  `since ${consistency === null ? '0 -' : `${consistency.size} ${consistency.hashes.join(' ') || '-'}`}`,
]

/** A C2SP signed note about an export. */
export function signManifest(
  manifest: ExportManifest,
  { privateKey, verifier }: { readonly privateKey: KeyObject; readonly verifier: NoteVerifier },
): string {
  const body = manifestBody(manifest)
  if (body.includes('\n\n')) throw new TypeError('a fact of a manifest has one line')
  const { name, keyId } = exporterOf(verifier)
  const signature = sign(null, Buffer.from(body, 'utf8'), privateKey)
  return `${body}\n— ${name} ${Buffer.concat([keyId, signature]).toString('base64')}\n`
}

const claimsForm =
  'note (\\S+)\nscope (all|some)\nfilters (\\{.*\\})\nvalues (clear|pseudonyms|none)\n' +
  'proofs (yes|no)\nsince (\\d+) (.+)\n'
const form = new RegExp(
  `^(?:${title}|${oldTitle})\nexport (\\S+)\nformat (\\S+)\nrows (\\d+)\nbytes (\\d+)\nlines (\\d+) (\\S+)\n` +
    `checkpoint (\\d+) (\\S+)\n(?:${claimsForm})?at (\\S+)\n$`,
)

/** Reads a manifest that the key of this log signed. Null: it is none, or nobody's. */
export function readManifest(note: string, verifier: NoteVerifier): ExportManifest | null {
  const split = note.indexOf('\n\n')
  const body = note.slice(0, split + 1)
  const match = form.exec(body)
  if (split < 0 || match === null) return null
  const { name, keyId, publicKey } = exporterOf(verifier)
  const signed = (readSignatures(note.slice(split + 2)) ?? []).some(
    (one) =>
      one.name === name &&
      Buffer.compare(one.keyId, keyId) === 0 &&
      verify(null, Buffer.from(body, 'utf8'), publicKey, one.signature),
  )
  if (!signed) return null
  const manifest = factsIn(match)
  return manifestBody(manifest) === body ? manifest : null // one manifest has one spelling
}

function factsIn([, id = '', format = '', rows, bytes, lines, ...more]: readonly (
  | string
  | undefined
)[]): ExportManifest {
  const [root = '', size, checkpointRoot = '', ...rest] = more
  return {
    id,
    format,
    rows: Number(rows),
    bytes: Number(bytes),
    lines: Number(lines),
    root,
    checkpoint: checkpointRoot === '-' ? null : { size: Number(size), root: checkpointRoot },
    claims: claimsIn(rest),
    at: rest.at(-1) ?? '',
  }
}

/** From the groups of `claimsForm`. */
function claimsIn([note, scope, filters, values, proofs, size, hashes]: readonly (string | undefined)[]) {
  if (note === undefined || scope === undefined) return null
  const since = hashes === undefined || hashes === '-' ? [] : hashes.split(' ')
  return {
    note: note === '-' ? null : Buffer.from(note, 'base64').toString('utf8'),
    scope: scope as ExportClaims['scope'], // the form has no other
    filters: filters ?? '{}',
    values: values as ExportValues, // the form has no other
    proofs: proofs === 'yes',
    consistency: size === undefined || size === '0' ? null : { size: Number(size), hashes: since },
  }
}

/** Reads an export and answers its lines and the root over them, without keeping any of it. */
export async function rootOfLines(
  text: AsyncIterable<string | Uint8Array>,
): Promise<{ readonly lines: number; readonly root: string; readonly bytes: number }> {
  let [range, bytes] = [emptyRange, 0]
  // what follows the last line break is a line that was cut off, and counts as one
  for await (const line of linesOf(text)) {
    bytes += line.bytes.length + (line.ended ? 1 : 0)
    range = append(range, leafHashOf(line.bytes))
  }
  return { lines: range.size, root: rootOf(range).toString('base64'), bytes }
}
