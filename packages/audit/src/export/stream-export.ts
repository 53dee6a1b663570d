import type { Output } from '@gatehouse/contract'
import type { Reader } from '../reader.ts'
import { isToldInPart, presentedTo } from '../search.ts'
import { withheldFrom, type Search, type SearchDeps } from '../search.queries.ts'
import { exportedEntry, type ExportedEntry } from './exported-entry.ts'
import type { PathReader } from '../tree/path-reader.ts'
import type { ExportFormat, ExportSource } from './export-format.ts'
import { withText, type ExportProgress } from './export-progress.ts'
import { selectExportPage, type ExportedRow } from './export.queries.ts'

/** Entries read at once: a few milliseconds of the database's time. */
const pageRows = 250
/** Text given out at once: a reader that is slow keeps no more than this of ours in memory. */
const partCharactersMax = 128 * 1024

/** What is exported, for whom. */
export interface ExportSpec {
  readonly id: string
  readonly search: Pick<Search, 'sight' | 'filters'> & { readonly size: number }
  readonly format: ExportFormat
  readonly source: ExportSource
  readonly reader: Reader
  readonly redacted: boolean
  /** Where the proofs of its rows come from; null: they have none. */
  readonly proofs: PathReader | null
}

/** A piece of an export, and how far it has come with it. */
export interface ExportPiece {
  readonly text: string
  readonly progress: ExportProgress
}

/**
 * Writes an export piece by piece from where it was left. Nothing is kept between two pieces but where the next one
 * begins, and nothing is read ahead of its reader.
 */
export async function* streamExport(
  deps: SearchDeps,
  spec: ExportSpec,
  from: ExportProgress,
): AsyncGenerator<ExportPiece, ExportProgress> {
  let progress = from
  for (;;) {
    const page = await selectExportPage(deps, spec.search, { after: progress.after, limit: pageRows })
    for await (const piece of piecesOf(page, spec, progress)) {
      progress = piece.progress
      yield piece
    }
    if (page.length < pageRows) return progress
  }
}

async function* piecesOf(
  page: readonly ExportedRow[],
  spec: ExportSpec,
  from: ExportProgress,
): AsyncGenerator<ExportPiece> {
  let [progress, text] = [from, '']
  for (const [index, row] of page.entries()) {
    const rows = progress.rows + 1
    const entry = await entryOf(row, spec, progress.leaf)
    text += (progress.rows === 0 ? '' : spec.format.between) + spec.format.row(entry, spec.source)
    progress = { ...progress, rows, after: { at: row.at, id: row.id }, from: progress.from ?? row.at, leaf: row.index }
    if (text.length < partCharactersMax && index < page.length - 1) continue
    progress = withText(progress, text)
    yield { text, progress }
    text = ''
  }
}

async function entryOf(row: ExportedRow, spec: ExportSpec, before: number | null): Promise<ExportedEntry> {
  const { reader, redacted, proofs } = spec
  const shown = redacted ? withheldFrom(row) : row
  const entry = exportedEntry(presentedTo(reader, shown), row.leaf_hash)
  if (proofs === null) return entry
  const hashes = (await proofs.siblings(before, row.index)).map((hash) => hash.toString('base64'))
  const salts = Object.fromEntries(
    shown.personal.map(({ field, salt }) => [field, Buffer.from(salt).toString('base64url')]),
  )
  // what its own caller is not told must not be told to them by its text either (threat C2)
  return { ...entry, ...(isToldInPart(reader, row) ? {} : { entry: row.entry }), proof: { hashes, salts } }
}

/** How much of the time that an export is over lies behind its reader, in percent. */
export function percentOf({ after, from }: ExportProgress, end: Date): Output<'audit.exportStream'>['percent'] {
  if (after === null || from === null) return 0
  const [first, at] = [Date.parse(from), Date.parse(after.at)]
  const whole = end.getTime() - first
  // whoever owns the database may have put anything there, also what is no time
  if (!(whole > 0) || Number.isNaN(at)) return 99
  return Math.min(99, Math.max(0, Math.floor(((at - first) / whole) * 100)))
}
