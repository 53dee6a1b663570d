import type { SealedPlace, Sealer } from '@gatehouse/enforcement'
import { invalidField } from '@gatehouse/contract'
import { z } from 'zod'
import { appendAll, emptyRange, packRange, rootOf, unpackRange, type CompactRange } from '../verify.ts'
import { leafHashOf } from '../verify.ts'
import type { ExportPlace } from './export.queries.ts'

/** How far an export has come: all that is needed to go on with it, also in another process. */
export interface ExportProgress {
  /** The last entry that was given out; null: none was. */
  readonly after: ExportPlace | null
  readonly rows: number
  readonly bytes: number
  /** The time of the first entry, by which it is told how far one has come. */
  readonly from: string | null
  /** The place in the audit log of the last entry: the proof of the next one begins where it ended. */
  readonly leaf: number | null
  /** The tree (RFC 6962) over the lines so far, whose root is signed at the end. */
  readonly lines: CompactRange
  /** What follows the last line break: a line that goes on. */
  readonly rest: string
}

export const begun: ExportProgress = Object.freeze({
  after: null,
  rows: 0,
  bytes: 0,
  from: null,
  leaf: null,
  lines: emptyRange,
  rest: '',
})

/** With more text: its whole lines become leaves. */
export function withText(progress: ExportProgress, text: string): ExportProgress {
  const parts = (progress.rest + text).split('\n')
  const rest = parts.pop() ?? ''
  return {
    ...progress,
    bytes: progress.bytes + Buffer.byteLength(text, 'utf8'),
    lines: appendAll(
      progress.lines,
      parts.map((line) => leafHashOf(line)),
    ),
    rest,
  }
}

/** How many lines there are and the root over them. Every format ends with a line break. */
export const linesOf = ({ lines }: ExportProgress): { readonly count: number; readonly root: Buffer } => ({
  count: lines.size,
  root: rootOf(lines),
})

const Kept = z.object({
  after: z.object({ at: z.string(), id: z.uuid() }).nullable(),
  rows: z.int(),
  bytes: z.int(),
  from: z.string().nullable(),
  leaf: z.int().nullable(),
  lines: z.int(),
  range: z.string(),
  rest: z.string(),
})

const placeOf = (id: string): SealedPlace => ({ table: 'audit_export', column: 'cursor', id })

/**
 * Progress as its reader keeps it. Sealed: what the signature at the end says of the lines before it is only worth
 * something if nobody can make it up.
 */
export function sealProgress(sealer: Sealer, id: string, { lines, ...rest }: ExportProgress): string {
  const kept = { ...rest, lines: lines.size, range: packRange(lines).toString('base64') } satisfies z.input<typeof Kept>
  return Buffer.from(sealer.seal(placeOf(id), Buffer.from(JSON.stringify(kept), 'utf8'))).toString('base64url')
}

/** The same back. Refuses what was not sealed for this very export. */
export function unsealProgress(sealer: Sealer, id: string, cursor: string): ExportProgress {
  try {
    const bytes = sealer.unseal(placeOf(id), Buffer.from(cursor, 'base64url'))
    const { lines: size, range, ...rest } = Kept.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
    const lines = unpackRange(size, Buffer.from(range, 'base64'))
    if (lines === null) throw new RangeError('the range does not fit its size')
    return { ...rest, lines }
  } catch {
    throw invalidField('after', 'the cursor of an earlier part of this export')
  }
}
