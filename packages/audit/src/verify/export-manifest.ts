import { sign, verify, type KeyObject } from 'node:crypto'
import { leafHashOf } from './hash.ts'
import { append, emptyRange, rootOf } from './compact-range.ts'
import { keyNamed, readSignatures, type NoteVerifier } from './checkpoint.ts'

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
  /** When it was finished, RFC 3339. */
  readonly at: string
}

/**
 * The first line of every manifest. It is no origin, since an origin has no spaces: what is signed here can never be
 * taken for a checkpoint, nor the other way round.
 */
const title = 'gatehouse audit export v1'

/** Manifests are signed in the name of the log's exports, by the log's own key. */
const exporterOf = (verifier: NoteVerifier): NoteVerifier => keyNamed(`${verifier.name}/export`, verifier)

/** The text that is signed, a fact a line. */
export const manifestBody = ({ id, format, rows, bytes, lines, root, checkpoint, at }: ExportManifest): string =>
  [
    title,
    `export ${id}`,
    `format ${format}`,
    `rows ${rows}`,
    `bytes ${bytes}`,
    `lines ${lines} ${root}`,
    `checkpoint ${checkpoint === null ? '0 -' : `${checkpoint.size} ${checkpoint.root}`}`,
    `at ${at}`,
    '',
  ].join('\n')

/** A C2SP signed note about an export. */
export function signManifest(
  manifest: ExportManifest,
  { privateKey, verifier }: { readonly privateKey: KeyObject; readonly verifier: NoteVerifier },
): string {
  const body = manifestBody(manifest)
  const { name, keyId } = exporterOf(verifier)
  const signature = sign(null, Buffer.from(body, 'utf8'), privateKey)
  return `${body}\n— ${name} ${Buffer.concat([keyId, signature]).toString('base64')}\n`
}

const form = new RegExp(
  `^${title}\nexport (\\S+)\nformat (\\S+)\nrows (\\d+)\nbytes (\\d+)\nlines (\\d+) (\\S+)\n` +
    'checkpoint (\\d+) (\\S+)\nat (\\S+)\n$',
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
  const [, id = '', format = '', rows, bytes, lines, root = '', size, checkpointRoot = '', at = ''] = match
  return {
    id,
    format,
    rows: Number(rows),
    bytes: Number(bytes),
    lines: Number(lines),
    root,
    checkpoint: checkpointRoot === '-' ? null : { size: Number(size), root: checkpointRoot },
    at,
  }
}

/** Reads an export and answers its lines and the root over them, without keeping any of it. */
export async function rootOfLines(
  text: AsyncIterable<string>,
): Promise<{ readonly lines: number; readonly root: string; readonly bytes: number }> {
  let [range, rest, bytes] = [emptyRange, '', 0]
  for await (const part of text) {
    bytes += Buffer.byteLength(part, 'utf8')
    const found = (rest + part).split('\n')
    rest = found.pop() ?? ''
    for (const line of found) range = append(range, leafHashOf(line))
  }
  // what follows the last line break is a line that was cut off, and counts as one
  if (rest !== '') range = append(range, leafHashOf(rest))
  return { lines: range.size, root: rootOf(range).toString('base64'), bytes }
}
