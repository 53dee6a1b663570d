import { setTimeout as sleep } from 'node:timers/promises'
import { invalidField, Refusal, type Output } from '@gatehouse/contract'
import {
  uid,
  type Handler,
  type HandlersOf,
  type Permit,
  type Principal,
  type Random,
  type Sealer,
} from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import type { Change } from '../change.ts'
import type { CheckpointKey } from '../checkpoint-key.ts'
import { readNewestCheckpoint } from '../checkpoint.queries.ts'
import { readerOf, type ReaderDeps } from '../reader.ts'
import { refuseNaming } from '../refuse-naming.ts'
import { filtersOf, type FilterDeps } from '../search-filters.ts'
import { seesOwnAlone, sightFor } from '../sight.ts'
import { pathReader } from '../tree/path-reader.ts'
import { proveConsistency } from '../tree/prove.ts'
import { parseCheckpoint, type ExportClaims } from '../verify.ts'
import type { Witness } from '../witness/ask-witness.ts'
import { withCosignatures } from '../witness/cosigned-checkpoint.ts'
import type { ExportSource } from './export-format.ts'
import { begun, linesOf, sealProgress, unsealProgress, withText, type ExportProgress } from './export-progress.ts'
import { findExport, finishExport, insertExport, readWaiting, type ExportRow } from './export.queries.ts'
import { exportFormats } from './formats.ts'
import { keptFilters, readFilters } from './kept-filters.ts'
import { safeJson } from './safe-json.ts'
import { percentOf, streamExport } from './stream-export.ts'

export interface ExportDeps extends FilterDeps, ReaderDeps {
  readonly random: Random
  readonly change: Change
  readonly sealer: Sealer
  readonly key: CheckpointKey
  readonly source: ExportSource
  readonly witnesses: readonly Witness[]
}

/** An export may be read, and gone on with, for so long: a million entries over a slow line. */
export const exportSeconds = 6 * 3600
/** So long is waited until what was written before has its place in the tree and is signed, which takes a second. */
const settleMilliseconds = 3000
const settleStepMilliseconds = 100

/** Exports: asked for once, with a fresh proof, and read as a stream that can be taken up again. */
export const exportHandlers = (deps: ExportDeps): Pick<HandlersOf<'audit'>, 'audit.export' | 'audit.exportStream'> => ({
  'audit.export': begin(deps),
  'audit.exportStream': (permit) => read(deps, permit),
})

const begin =
  (deps: ExportDeps): Handler<'audit.export'> =>
  async (permit) => {
    const { format, redact, proofs, since, ...filters } = permit.input
    const reader = readerOf(deps, permit)
    if (!seesOwnAlone(permit)) refuseNaming(reader, filters)
    const pseudonyms = reader.pseudonyms !== null
    if (pseudonyms && proofs === true)
      throw invalidField('proofs', 'left out: a row is proved by its very text, with the ids that pseudonyms stand for')
    const withProofs = proofs ?? (provable.has(format) && !pseudonyms)
    if (withProofs && !provable.has(format))
      throw invalidField('proofs', 'left out: of the formats, json and jsonl have a place for proofs')
    const now = deps.clock.now()
    const resolved = await filtersOf(deps, filters)
    const checkpoint = await settledCheckpoint(deps, now)
    if (since !== undefined && since > (checkpoint?.size ?? 0))
      throw new Refusal('conflict', { hint: `no checkpoint of ${since} entries or more has been signed` })
    const row: ExportRow = {
      id: deps.random.id(),
      principal_id: permit.principal.id,
      session_id: sessionOf(permit.principal),
      format,
      filters: keptFilters(resolved),
      redacted: redact,
      pseudonyms,
      proofs: withProofs,
      since: since ?? null,
      size: checkpoint?.size ?? 0,
      checkpoint: checkpoint?.note ?? null,
      created_at: now,
      expires_at: new Date(now.getTime() + exportSeconds * 1000),
    }
    await deps.change(
      permit,
      (tx) => insertExport(tx, row),
      () => ({ detail: { export: row.id, size: row.size } }),
    )
    return presentExport(row)
  }

/** Formats whose rows have a place for proofs. */
const provable: ReadonlySet<string> = new Set(['json', 'jsonl'])

/** The newest checkpoint, once it covers all that was written before a moment; after a while, whatever there is. */
async function settledCheckpoint({ db }: ExportDeps, before: Date) {
  let tail: number | null = null
  for (let waited = 0; waited < settleMilliseconds; waited += settleStepMilliseconds) {
    const state = await readWaiting(db, before)
    if (tail === null && !state.waiting) tail = state.tail
    const newest = await readNewestCheckpoint(db)
    if (tail !== null && (newest?.size ?? 0) >= tail) return newest
    await sleep(settleStepMilliseconds)
  }
  return readNewestCheckpoint(db)
}

async function* read(
  deps: ExportDeps,
  permit: Permit<'audit.exportStream'>,
): AsyncGenerator<Output<'audit.exportStream'>> {
  const { id, after } = permit.input
  const row = await requireExport(deps, permit)
  const format = exportFormats[row.format as keyof typeof exportFormats] // written by the schema's own enum
  const part = (text: string, progress: ExportProgress): Output<'audit.exportStream'> => ({
    text,
    rows: progress.rows,
    bytes: progress.bytes,
    percent: percentOf(progress, row.created_at),
    cursor: sealProgress(deps.sealer, id, progress),
    manifest: null,
  })
  let progress = after === undefined ? withText(begun, format.head) : unsealProgress(deps.sealer, id, after)
  if (after === undefined && format.head !== '') yield part(format.head, progress)
  const now = readerOf(deps, permit)
  // begun with names by somebody who may not see them any more, or the other way round: it stays as it was begun
  if (!row.pseudonyms && now.pseudonyms !== null)
    throw new Refusal('conflict', { hint: 'people are shown to you by pseudonyms now; begin the export again' })
  const reader = row.pseudonyms ? { ...now, pseudonyms: deps.pseudonyms } : now
  const spec = {
    id,
    search: { sight: await sightFor(deps, permit, reader), filters: readFilters(row.filters), size: row.size },
    format,
    source: deps.source,
    reader,
    redacted: row.redacted,
    proofs: row.proofs && row.size > 0 ? pathReader(deps.db, row.size) : null,
  }
  for await (const piece of streamExport(deps, spec, progress)) {
    progress = piece.progress
    yield part(piece.text, progress)
  }
  const finished = withText(progress, format.tail)
  yield { ...part(format.tail, finished), percent: 100, manifest: await finish(deps, row, finished) }
}

/** Says what an export came to, signed, and has it in the audit log: once, however often its end is read. */
async function finish(deps: ExportDeps, row: ExportRow, progress: ExportProgress): Promise<string> {
  const now = deps.clock.now()
  const checkpoint = row.checkpoint === null ? null : parseCheckpoint(row.checkpoint)
  const lines = linesOf(progress)
  const root = lines.root.toString('base64')
  await deps.db.transaction().execute(async (tx) => {
    if (!(await finishExport(tx, row.id, now))) return
    const detail = { export: row.id, format: row.format, rows: progress.rows, bytes: progress.bytes, root }
    await deps.change.event(tx, { name: 'audit.exported', resource: uid('User', row.principal_id), detail })
  })
  return deps.key.signManifest({
    claims: await claimsOf(deps, row, progress),
    id: row.id,
    format: row.format,
    rows: progress.rows,
    bytes: progress.bytes,
    lines: lines.count,
    root,
    checkpoint:
      checkpoint === null ? null : { size: checkpoint.size, root: Buffer.from(checkpoint.root).toString('base64') },
    at: now.toISOString(),
  })
}

/** What it holds. That it is all of the log is said only where every single entry of it came. */
async function claimsOf(
  { db, witnesses }: ExportDeps,
  row: ExportRow,
  { rows }: ExportProgress,
): Promise<ExportClaims> {
  const { since, size } = row
  const hashes = since === null ? [] : await proveConsistency(db, since, size)
  return {
    note: row.checkpoint === null ? null : await withCosignatures(db, witnesses, row.checkpoint),
    scope: row.filters === '{}' && rows === size ? 'all' : 'some',
    filters: safeJson(JSON.parse(row.filters)),
    values: valuesOf(row),
    proofs: row.proofs && size > 0,
    consistency: since === null ? null : { size: since, hashes: hashes.map((hash) => hash.toString('base64')) },
  }
}

const valuesOf = ({ redacted, pseudonyms }: ExportRow): ExportClaims['values'] => {
  if (redacted) return 'none'
  return pseudonyms ? 'pseudonyms' : 'clear'
}

/** One's own of this very log-in: who has read a secret cursor from a log has not proved what its owner proved. */
async function requireExport(deps: ExportDeps, { principal, input }: Permit<'audit.exportStream'>): Promise<ExportRow> {
  const row = isUuid(input.id)
    ? await findExport(deps.db, {
        id: input.id,
        principalId: principal.id,
        sessionId: sessionOf(principal),
        now: deps.clock.now(),
      })
    : null
  if (row === null) throw new Refusal('not-found')
  return row
}

const sessionOf = (principal: Principal): string => (principal.type === 'User' ? principal.session.id : '')

const presentExport = (row: ExportRow): Output<'audit.export'> => ({
  id: row.id,
  format: row.format as Output<'audit.export'>['format'], // of the schema's own enum
  mediaType: exportFormats[row.format as keyof typeof exportFormats].mediaType,
  size: row.size,
  checkpoint: row.checkpoint,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
})
