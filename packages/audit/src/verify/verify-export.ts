import { parseStoredEntry, type StoredEntry } from '../stored-entry.ts'
import { isSignedBy, parseCheckpoint, type NoteVerifier, type ParsedCheckpoint } from './checkpoint.ts'
import { append, emptyRange, rootOf } from './compact-range.ts'
import { readManifest, type ExportClaims, type ExportManifest } from './export-manifest.ts'
import { cosignersOf, type WitnessVerifier, type Witnessed } from './cosignature.ts'
import { fieldsAltered, filterMissed, hashedEntry, parseExportRow, type ExportRow } from './export-row.ts'
import { exportWords } from './export-words.ts'
import { leafHashOf, nodeHashOf, sameHash } from './hash.ts'
import { linesOf, LongLineError } from './lines.ts'
import { createPathChecker, type PathChecker } from './path-proof.ts'
import { seenPlaces, type SeenPlaces } from './seen-places.ts'
import { verifyConsistency } from './proof.ts'

/** What can be wrong with an export. */
export type ExportProblemKind =
  | 'manifest-not-signed'
  | 'text-altered'
  | 'row-malformed'
  | 'entry-altered'
  | 'field-altered'
  | 'personal-altered'
  | 'not-included'
  | 'order'
  | 'entry-missing'
  | 'outside-filter'
  | 'checkpoint-invalid'
  | 'shrunk'
  | 'root-mismatch'
  | 'not-proved'
  | 'not-witnessed'

export interface ExportProblem {
  /** Of the file, from 1 on; null: it is none of one line. */
  readonly line: number | null
  /** The place in the audit log, where there is one. */
  readonly seq: number | null
  readonly kind: ExportProblemKind
  readonly message: string
}

export interface ExportVerdict {
  readonly ok: boolean
  readonly manifest: ExportManifest | null
  readonly found: { readonly lines: number; readonly root: string; readonly bytes: number }
  /** Entries whose place in the signed tree was shown; and of those, whose text was hashed, too. */
  readonly placed: number
  readonly hashed: number
  readonly problems: readonly ExportProblem[]
  /** What is proved by this, and what is not, in words. */
  readonly proved: readonly string[]
  readonly notProved: readonly string[]
}

export interface ExportCheck {
  readonly manifest: string
  readonly verifier: NoteVerifier
  /** A checkpoint that was kept elsewhere. */
  readonly remembered: string | null
  /** Who is trusted to have seen a checkpoint, and how many of them have to have. */
  readonly witnesses?: { readonly verifiers: readonly WitnessVerifier[]; readonly required: number }
}

/** Problems listed; whoever needs more has another file and no use for a list. */
export const exportProblemsMax = 100

/** Formats whose rows are read here: an entry a line, in JSON. */
const rowFormats: ReadonlySet<string> = new Set(['json', 'jsonl'])

/**
 * Checks an export by the public key alone: what was signed of it, every row's text, place and fields, and an older
 * checkpoint. It reads a stream and keeps one line of it and one way through the tree.
 */
export async function verifyExport(
  text: AsyncIterable<Uint8Array | string>,
  { manifest: note, verifier, remembered, witnesses }: ExportCheck,
): Promise<ExportVerdict> {
  const found = collectProblems()
  const manifest = readManifest(note, verifier)
  if (manifest === null) found.add({ kind: 'manifest-not-signed', message: 'the manifest is not signed by this key' })
  const old = remembered === null ? null : readRemembered(remembered, verifier, found)
  const checkpoint = manifest === null ? null : checkpointOf(manifest, verifier, found)
  const rows = rowChecker({ manifest, checkpoint, old, found })
  const lines = await readLines(text, rows, found)
  if (manifest !== null) compareText(manifest, { ...lines, rows: rows.count() }, found)
  rows.finish()
  if (old !== null && manifest !== null) compareRemembered({ old, manifest, checkpoint, rows, found })
  const witnessed = witnesses === undefined ? null : witnessedOf([checkpoint, old], witnesses, found)
  const problems = found.all()
  const facts = { manifest, checkpoint, old, problems, witnessed, placed: rows.placed(), hashed: rows.hashed() }
  return {
    ok: problems.length === 0,
    manifest,
    found: lines,
    placed: facts.placed,
    hashed: facts.hashed,
    problems,
    ...exportWords(facts),
  }
}

/** The one of these checkpoints that most of the witnesses have seen. */
function witnessedOf(
  checkpoints: readonly (ParsedCheckpoint | null)[],
  { verifiers, required }: NonNullable<ExportCheck['witnesses']>,
  found: Problems,
): Witnessed | null {
  const seen = checkpoints.flatMap((one) => (one === null ? [] : [{ size: one.size, by: cosignersOf(one, verifiers) }]))
  const [most] = seen.toSorted((a, b) => b.by.length - a.by.length)
  const count = most?.by.length ?? 0
  if (count < required)
    found.add({
      kind: 'not-witnessed',
      message: `${count} of the named witnesses co-signed the checkpoint, and ${required} are asked for`,
    })
  return most ?? null
}

interface Problems {
  add(problem: { kind: ExportProblemKind; message: string; line?: number; seq?: number }): void
  all(): readonly ExportProblem[]
}

function collectProblems(): Problems {
  const problems: ExportProblem[] = []
  let more = 0
  return {
    add: ({ kind, message, line = null, seq = null }: Partial<ExportProblem> & { kind: ExportProblemKind }) => {
      if (problems.length < exportProblemsMax) problems.push({ line, seq, kind, message: message ?? '' })
      else more += 1
    },
    all: () =>
      problems.map((problem, index) =>
        more > 0 && index === exportProblemsMax - 1
          ? { ...problem, message: `${problem.message} (and ${more} more problems)` }
          : problem,
      ),
  }
}

function readRemembered(note: string, verifier: NoteVerifier, found: Problems): ParsedCheckpoint | null {
  const parsed = parseCheckpoint(note)
  if (parsed !== null && isSignedBy(parsed, verifier)) return parsed
  found.add({ kind: 'checkpoint-invalid', message: 'the checkpoint that was given is not signed by this key' })
  return null
}

/** The checkpoint that an export leads to; the manifest has its own signature, so this is a second look. */
function checkpointOf({ checkpoint, claims }: ExportManifest, verifier: NoteVerifier, found: Problems) {
  if (checkpoint === null || claims === null) return null
  const parsed = claims.note === null ? null : parseCheckpoint(claims.note)
  const isSame =
    parsed !== null && parsed.size === checkpoint.size && sameHash(parsed.root, Buffer.from(checkpoint.root, 'base64'))
  if (parsed !== null && isSame && isSignedBy(parsed, verifier)) return parsed
  found.add({ kind: 'checkpoint-invalid', message: 'the checkpoint of the export is not as it was signed' })
  return null
}

async function readLines(text: AsyncIterable<Uint8Array | string>, rows: RowChecker, found: Problems) {
  let [range, bytes, line] = [emptyRange, 0, 0]
  try {
    for await (const one of linesOf(text)) {
      line += 1
      bytes += one.bytes.length + (one.ended ? 1 : 0)
      range = append(range, leafHashOf(one.bytes))
      rows.line(one.bytes, line)
    }
  } catch (error) {
    if (!(error instanceof LongLineError)) throw error
    found.add({ kind: 'row-malformed', message: error.message, line: line + 1 })
  }
  return { lines: range.size, root: rootOf(range).toString('base64'), bytes }
}

function compareText(
  manifest: ExportManifest,
  read: { readonly lines: number; readonly root: string; readonly bytes: number; readonly rows: number | null },
  found: Problems,
): void {
  const isSame = read.root === manifest.root && read.lines === manifest.lines && read.bytes === manifest.bytes
  if (isSame && (read.rows === null || read.rows === manifest.rows)) return
  const [has, had] = [`${read.lines} lines, ${read.bytes} bytes`, `${manifest.lines} lines, ${manifest.bytes} bytes`]
  found.add({
    kind: 'text-altered',
    message: `the export is not as it was signed: it has ${has}, and ${had} were signed`,
  })
}

interface RowChecker {
  line(bytes: Buffer, line: number): void
  finish(): void
  /** Null: the format's rows are not read here. */
  count(): number | null
  placed(): number
  hashed(): number
  /** The root of the tree at the remembered checkpoint's size, where the rows have shown it. */
  earlierRoot(): Uint8Array | null
}

interface RowFacts {
  readonly manifest: ExportManifest | null
  readonly checkpoint: ParsedCheckpoint | null
  readonly old: ParsedCheckpoint | null
  readonly found: Problems
}

const unread: RowChecker = {
  line: () => undefined,
  finish: () => undefined,
  count: () => null,
  placed: () => 0,
  hashed: () => 0,
  earlierRoot: () => null,
}

function rowChecker({ manifest, checkpoint, old, found }: RowFacts): RowChecker {
  const claims = manifest?.claims ?? null
  if (manifest === null || claims === null || !rowFormats.has(manifest.format)) return unread
  const counts = { rows: 0, placed: 0, hashed: 0 }
  const earlierSize = old === null || checkpoint === null || old.size > checkpoint.size ? 0 : old.size
  const path = checkpoint === null || !claims.proofs ? null : createPathChecker({ ...checkpoint, earlierSize })
  const check = oneRow({ claims, path, found, seen: seenPlaces() })
  return {
    line: (bytes, line) => {
      const text = rowText(bytes.toString('utf8'), manifest.format)
      if (text === null) return
      counts.rows += 1
      const good = check.row(text, line)
      counts.placed += good.placed
      counts.hashed += good.hashed
    },
    finish: () => {
      if (path !== null && claims.scope === 'all') check.missing(checkpoint?.size ?? 0)
    },
    count: () => counts.rows,
    placed: () => counts.placed,
    hashed: () => counts.hashed,
    earlierRoot: () => earlierRootOf(path?.earlier() ?? null),
  }
}

/** The row of a line; null: the line is what stands around rows. */
function rowText(line: string, format: string): string | null {
  if (format === 'jsonl') return line
  if (line === '[' || line === ']' || line === '') return null
  return line.endsWith(',') ? line.slice(0, -1) : line
}

const earlierRootOf = (subtrees: readonly Uint8Array[] | null): Uint8Array | null =>
  subtrees === null || subtrees.length === 0 ? null : subtrees.reduceRight((right, left) => nodeHashOf(left, right))

interface RowCheck {
  readonly claims: ExportClaims
  readonly path: PathChecker | null
  readonly seen: SeenPlaces
  readonly found: Problems
}

/** Checks row after row; each answers what was shown of it. */
function oneRow({ claims, path, seen, found }: RowCheck) {
  const filters = parseStoredEntry(claims.filters) ?? {}
  let last = { at: '', id: '' }
  const follow = (row: ExportRow, line: number): void => {
    if (row.at < last.at || (row.at === last.at && row.id <= last.id))
      found.add({ kind: 'order', message: 'the row does not follow the one before', line, seq: row.index })
    last = row
    const missed = filterMissed(filters, row)
    if (missed !== null)
      found.add({ kind: 'outside-filter', message: `the row does not meet \`${missed}\``, line, seq: row.index })
    if (claims.scope === 'all' && !seen.add(row.index))
      found.add({ kind: 'order', message: `the place ${row.index} came before, or too far off`, line, seq: row.index })
  }
  const row = (text: string, line: number): { placed: number; hashed: number } => {
    const read = claims.proofs ? parseExportRow(text) : null
    if (read === null) {
      const isWell = claims.proofs ? false : parseStoredEntry(text) !== null
      if (!isWell) found.add({ kind: 'row-malformed', message: 'the line is no row of an export', line })
      return { placed: 0, hashed: 0 }
    }
    follow(read, line)
    const { index, leaf, hashes } = read
    const isPlaced = path?.check({ index, leaf, hashes }) === true
    if (path !== null && !isPlaced)
      found.add({ kind: 'not-included', message: 'the row does not lead to the checkpoint', line, seq: index })
    const isHashed = checkText(read, line, found)
    return { placed: isPlaced ? 1 : 0, hashed: isPlaced && isHashed ? 1 : 0 }
  }
  const missing = (size: number): void => {
    for (const gap of seen.missing(size, exportProblemsMax)) {
      const places =
        gap.from === gap.to - 1 ? `the entry ${gap.from} is` : `the entries ${gap.from} to ${gap.to - 1} are`
      found.add({ kind: 'entry-missing', message: `${places} not in the export`, seq: gap.from })
    }
  }
  return { row, missing }
}

/** True when the row's text is what its leaf is the hash of, and the row says nothing else than it. */
function checkText(row: ExportRow, line: number, found: Problems): boolean {
  if (row.text === null) return false
  const entry: StoredEntry | null = hashedEntry(row)
  const tell = (kind: ExportProblemKind, message: string): void => found.add({ kind, message, line, seq: row.index })
  if (entry === null || !sameHash(leafHashOf(row.text), row.leaf)) {
    tell('entry-altered', 'the text of the entry is not what its leaf commits to')
    return false
  }
  const { altered, uncommitted } = fieldsAltered(row, entry)
  for (const field of altered) tell('field-altered', `\`${field}\` says something else than the entry that was hashed`)
  for (const field of uncommitted) tell('personal-altered', `\`${field}\` is not what the entry commits to`)
  return altered.length + uncommitted.length === 0
}

interface Comparison {
  readonly old: ParsedCheckpoint
  readonly manifest: ExportManifest
  readonly checkpoint: ParsedCheckpoint | null
  readonly rows: RowChecker
  readonly found: Problems
}

/** Whether the log of an export goes on from a checkpoint that somebody kept. */
function compareRemembered({ old, manifest, checkpoint, rows, found }: Comparison): void {
  const size = checkpoint?.size ?? manifest.checkpoint?.size ?? 0
  if (old.size > size)
    return found.add({
      kind: 'shrunk',
      message: `the export is of a log of ${size} entries; the checkpoint that was given has ${old.size}`,
    })
  const shown = checkpoint === null ? null : goesOn({ old, manifest, checkpoint, rows })
  if (shown === false)
    found.add({
      kind: 'root-mismatch',
      message: `the export is of another log than the checkpoint of size ${old.size} that was given`,
    })
  if (shown === null)
    found.add({
      kind: 'not-proved',
      message:
        `the export does not show whether its log goes on from the checkpoint of size ${old.size}; ` +
        `one that was made with \`--since ${old.size}\` does`,
    })
}

/** Null: the export does not say. */
function goesOn({
  old,
  manifest,
  checkpoint,
  rows,
}: Omit<Comparison, 'found' | 'checkpoint'> & { readonly checkpoint: ParsedCheckpoint }): boolean | null {
  if (old.size === checkpoint.size) return sameHash(old.root, checkpoint.root)
  if (old.size === 0) return true
  const root = rows.earlierRoot()
  if (root !== null) return sameHash(root, old.root)
  const given = manifest.claims?.consistency ?? null
  if (given?.size !== old.size) return null
  const proof = given.hashes.map((hash) => Buffer.from(hash, 'base64'))
  return verifyConsistency({
    oldSize: old.size,
    oldRoot: old.root,
    size: checkpoint.size,
    root: checkpoint.root,
    proof,
  })
}
