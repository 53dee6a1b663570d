import { randomUUID } from 'node:crypto'
import { systemRandom, type Principal } from '@gatehouse/enforcement'
import { makeEntry, type MadeEntry } from '../src/entry.ts'
import { exportedEntry } from '../src/export/exported-entry.ts'
import { begun, linesOf, withText } from '../src/export/export-progress.ts'
import { exportFormats } from '../src/export/formats.ts'
import { presentEntry } from '../src/present-entry.ts'
import type { CheckpointKey } from '../src/index.ts'
import { consistencyProof, leafHashOf, rootOfLeaves, siblingsAfter, type ExportClaims } from '../src/verify.ts'
import { newCheckpointKey, person, testClock } from './harness.ts'
import { draftOf } from './record.ts'

/** A log in memory: entries as they are written, their leaves, and the key that signs them. */
export interface MadeLog {
  readonly entries: readonly MadeEntry[]
  readonly leaves: readonly Buffer[]
  readonly key: CheckpointKey
  /** The checkpoint at a size. */
  note(size: number): string
}

export const clock = testClock()

export function makeLog(size: number, key: CheckpointKey = newCheckpointKey()): MadeLog {
  const random = systemRandom(clock)
  const callers: Principal[] = ['lovelace', 'hopper', 'noether'].map((username) => person({ username }))
  const entries = Array.from({ length: size }, (_, n) => {
    clock.shiftSeconds(1)
    const draft = draftOf(callers[n % callers.length], {
      action: n % 4 === 0 ? 'user.create' : 'team.create',
      workspace: 'default',
      input: n % 4 === 0 ? { username: `new-${n}`, email: `n${n}@example.org` } : { name: 'sre' },
      detail: { n },
    })
    return makeEntry({ draft, at: clock.now(), intent: null, random })
  })
  const leaves = entries.map(({ entry }) => leafHashOf(entry))
  return { entries, leaves, key, note: (at) => key.sign({ size: at, root: rootOfLeaves(leaves.slice(0, at)) }) }
}

interface ExportParts {
  readonly format?: 'json' | 'jsonl'
  readonly wanted?: (index: number) => boolean
  readonly claims?: Partial<ExportClaims>
  readonly erased?: boolean
  readonly since?: number
}

/** An export of a log in memory, by the code that makes exports. */
export function makeExport(log: MadeLog, parts: ExportParts = {}): { text: string; manifest: string; rows: string[] } {
  const { format: name = 'jsonl', wanted = () => true, claims = {}, erased = false, since } = parts
  const format = exportFormats[name]
  const indexes = log.entries.flatMap((_, index) => (wanted(index) ? [index] : []))
  const rows = indexes.map((index, n) =>
    format.row(rowOf(log, { index, before: indexes[n - 1] ?? null, erased }), source),
  )
  const text = format.head + rows.join(format.between) + format.tail
  const hashes = since === undefined ? [] : consistencyProof(log.leaves, since).map((hash) => hash.toString('base64'))
  const manifest = signExport(log, text, {
    format: name,
    rows: rows.length,
    claims: {
      scope: rows.length === log.entries.length ? 'all' : 'some',
      values: erased ? 'none' : 'clear',
      consistency: since === undefined ? null : { size: since, hashes },
      ...claims,
    },
  })
  return { text, manifest, rows }
}

/** Signs a text as an export of a log, whatever it is. */
export function signExport(
  log: MadeLog,
  text: string,
  { format, rows, claims }: { readonly format: string; readonly rows: number; readonly claims: Partial<ExportClaims> },
): string {
  const size = log.leaves.length
  const lines = linesOf(withText(begun, text))
  return log.key.signManifest({
    id: randomUUID(),
    format,
    rows,
    bytes: Buffer.byteLength(text),
    lines: lines.count,
    root: lines.root.toString('base64'),
    checkpoint: { size, root: rootOfLeaves(log.leaves).toString('base64') },
    claims: {
      note: log.note(size),
      scope: 'some',
      filters: '{}',
      values: 'clear',
      proofs: true,
      consistency: null,
      ...claims,
    },
    at: clock.now().toISOString(),
  })
}

const source = { version: '1.0.0', host: 'gatehouse.test' }

interface RowPlace {
  readonly index: number
  readonly before: number | null
  readonly erased: boolean
}

function rowOf({ entries, leaves }: MadeLog, { index, before, erased }: RowPlace) {
  const made = entries[index]
  if (made === undefined) throw new RangeError('there is no such entry')
  const personal = erased ? [] : made.personal
  const entry = presentEntry({ id: made.id, seq: String(index), entry: made.entry, personal })
  const size = leaves.length
  const hashes = siblingsAfter(before, index, size).map(({ level, position }) =>
    rootOfLeaves(leaves.slice(position * 2 ** level, Math.min(size, (position + 1) * 2 ** level))).toString('base64'),
  )
  const salts = Object.fromEntries(personal.map(({ field, salt }) => [field, Buffer.from(salt).toString('base64url')]))
  return { ...exportedEntry(entry, leaves[index] ?? null), entry: made.entry, proof: { hashes, salts } }
}
