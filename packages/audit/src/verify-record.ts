import type { Store } from '@gatehouse/database'
import type { CheckpointKey } from './checkpoint-key.ts'
import type { CheckpointRow } from './checkpoint.queries.ts'
import { examinePage, type ExaminedPage } from './examine-page.ts'
import { leavesPerPage } from './record-page.queries.ts'
import { readRecord, type RecordReader } from './record.queries.ts'
import { problemsMax, type ProblemKind, type RecordProblem } from './record-problem.ts'
import type { SubjectKeys } from './subject-keys.ts'
import { examinedInThreads, type VerifyThreads } from './verify-threads.ts'
import { seenDays } from './retention/seen-days.ts'
import { readRemovals, type Removed } from './retention/removals.ts'
import {
  appendAll,
  emptyRange,
  hashBytes,
  isSignedBy,
  parseCheckpoint,
  rootOf,
  sameHash,
  type CompactRange,
  type ParsedCheckpoint,
} from './verify.ts'

export interface RecordVerdict {
  readonly ok: boolean
  readonly size: number
  readonly root: Buffer
  /** The newest checkpoint with a good signature. */
  readonly checkpoint: string | null
  readonly pending: number
  /** Entries that are gone since their time was over, as entries of the log say. */
  readonly pruned: number
  readonly problems: readonly RecordProblem[]
}

export interface RecordCheck extends RowsCheck {
  readonly db: Store
  readonly subjectKeys: Pick<SubjectKeys, 'open' | 'keyOf'>
  /** Absent: pages are examined in this thread. */
  readonly threads?: VerifyThreads
}

/** What the rows of a record are checked with. */
export interface RowsCheck {
  readonly key: Pick<CheckpointKey, 'verifier'>
  readonly subjectKeys: Pick<SubjectKeys, 'open'>
  /** A checkpoint that the caller kept from earlier, outside of our reach. */
  readonly remembered: string | null
}

/**
 * Recomputes the whole record in one snapshot: every leaf from its entry, every search column, every personal value,
 * the tree at every checkpoint, and the tree at the size that the caller remembers. Reads as a stream; the audit log
 * may be larger than memory.
 */
export const verifyRecord = ({ db, threads, ...check }: RecordCheck): Promise<RecordVerdict> =>
  readRecord(db, async (record) => {
    if (threads === undefined) return verifyRows(record, check)
    const leaves = Math.min(leavesPerPage, threads.leavesMin)
    const ranges = await record.ranges(leaves)
    return ranges.length * leaves <= threads.leavesMin
      ? verifyRows(record, check)
      : verifyPages(record, examinedInThreads({ record, ranges }, { threads, ...check }), check)
  })

/** The same of rows that somebody reads. */
export const verifyRows = (record: RecordReader, check: RowsCheck): Promise<RecordVerdict> =>
  verifyPages(record, examinedHere(record, check), check)

async function* examinedHere(record: RecordReader, { subjectKeys }: RowsCheck): AsyncGenerator<ExaminedPage> {
  for await (const page of record.pages()) yield examinePage(page, subjectKeys.open)
}

/** The tree that examined pages make, in order, against what was signed of it. */
async function verifyPages(
  record: RecordReader,
  pages: AsyncIterable<ExaminedPage>,
  { key, remembered }: RowsCheck,
): Promise<RecordVerdict> {
  const found = collectProblems()
  const memory = remembered === null ? null : readMemory(remembered, key, found)
  const tree = growingTree(found, memory)
  const gone = goneBy((await readRemovals(record.removals())).of, found)
  const signed = followCheckpoints(record.checkpoints(), { key, tree, found })
  await signed.begin()
  for await (const page of pages) await growBy(page, { tree, found, gone, signed })
  await signed.upTo(Infinity)
  const newest = signed.newest()
  tree.finish(newest)
  for (const stray of await record.strays(problemsMax)) found.add(null, stray.kind, stray.message)
  const problems = found.all().toSorted((a, b) => (a.seq ?? Infinity) - (b.seq ?? Infinity))
  return {
    ok: problems.length === 0,
    size: tree.size(),
    root: tree.root(),
    checkpoint: newest?.note ?? null,
    pending: await record.pending(),
    pruned: gone.pruned(),
    problems,
  }
}

interface Problems {
  add(seq: number | null, kind: ProblemKind, message: string): void
  all(): readonly RecordProblem[]
}

function collectProblems(): Problems {
  const problems: RecordProblem[] = []
  let more = 0
  return {
    add: (seq, kind, message) => {
      if (problems.length < problemsMax) problems.push({ seq, kind, message })
      else more += 1
    },
    all: () =>
      more === 0
        ? problems
        : problems.map((problem, index) =>
            index === problemsMax - 1
              ? { ...problem, message: `${problem.message} (and ${more} more problems)` }
              : problem,
          ),
  }
}

/** A remembered checkpoint counts only when this record's key signed it: anybody can write down a size and a root. */
function readMemory(note: string, key: RowsCheck['key'], found: Problems): ParsedCheckpoint | null {
  const parsed = parseCheckpoint(note)
  if (parsed !== null && isSignedBy(parsed, key.verifier)) return parsed
  found.add(null, 'checkpoint-invalid', "the remembered checkpoint is not one that this audit log's key signed")
  return null
}

/** Entries that are gone: removed when their time was over, or by somebody. */
interface GoneEntries {
  /** An entry that is there: what stands behind it is hardly older. */
  pass(at: string | null): void
  missing(leaf: { readonly seq: number; readonly entryId: string }): void
  pruned(): number
}

/**
 * An entry is believed to have been removed by the rules where an entry of the log says so, and where it was as old as
 * that entry says: what is left before it in the tree shows how old it can have been at most.
 */
function goneBy(removedAt: (seq: number) => Removed | null, found: Problems): GoneEntries {
  const days = seenDays()
  let pruned = 0
  return {
    pass: (at) => days.see(at),
    missing: ({ seq, entryId }) => {
      const removed = removedAt(seq)
      if (removed !== null && !days.hasBetween(removed.before, removed.at)) {
        pruned += 1
        return
      }
      const why = removed === null ? '' : `; the removal in entry ${removed.by} was of older ones`
      found.add(seq, 'entry-missing', `the entry \`${entryId}\` of this leaf is gone${why}`)
    },
    pruned: () => pruned,
  }
}

interface Growing {
  readonly tree: GrowingTree
  readonly found: Problems
  readonly gone: GoneEntries
  readonly signed: SignedSizes
}

async function growBy(page: ExaminedPage, { tree, found, gone, signed }: Growing): Promise<void> {
  const problems = Map.groupBy(page.problems, ({ index }) => index)
  for (const [index, seq] of page.seqs.entries()) {
    tree.append(seq, Buffer.from(page.hashes.buffer, page.hashes.byteOffset + index * hashBytes, hashBytes))
    const entryId = page.gone.get(index)
    if (entryId === undefined) gone.pass(page.times[index] ?? null)
    else gone.missing({ seq, entryId })
    for (const { kind, message } of problems.get(index) ?? []) found.add(seq, kind, message)
    if (signed.next() <= seq + 1) await signed.upTo(seq + 1)
  }
}

/** Checkpoints, each compared when the tree has come to its size. */
interface SignedSizes {
  begin(): Promise<void>
  /** The size of the next one. */
  next(): number
  upTo(size: number): Promise<void>
  /** The newest with a good signature. */
  newest(): CheckpointRow | null
}

function followCheckpoints(rows: AsyncIterator<CheckpointRow, undefined>, check: CheckpointCheck): SignedSizes {
  let next: CheckpointRow | undefined
  let newest: CheckpointRow | null = null
  const step = async (): Promise<void> => {
    next = (await rows.next()).value
  }
  return {
    begin: step,
    next: () => next?.size ?? Infinity,
    upTo: async (size) => {
      for (; next !== undefined && next.size <= size; await step()) if (checkCheckpoint(next, check)) newest = next
    },
    newest: () => newest,
  }
}

interface CheckpointCheck {
  readonly key: RowsCheck['key']
  readonly tree: GrowingTree
  readonly found: Problems
}

/** False: it was not signed like this, and says nothing. */
function checkCheckpoint(row: CheckpointRow, { key, tree, found }: CheckpointCheck): boolean {
  const parsed = parseCheckpoint(row.note)
  if (
    parsed === null ||
    !isSignedBy(parsed, key.verifier) ||
    parsed.size !== row.size ||
    !sameHash(parsed.root, row.root)
  ) {
    found.add(null, 'checkpoint-invalid', `the checkpoint of size ${row.size} is not as it was signed`)
    return false
  }
  tree.compare(parsed, 'the signed checkpoint')
  return true
}

/** The tree as the leaves build it, compared with what was signed of it as it grows. */
interface GrowingTree {
  append(seq: number, hash: Buffer): void
  /** Compares with a checkpoint of today's size; one beyond the leaves is a record that has shrunk. */
  compare(checkpoint: ParsedCheckpoint, what: string): void
  finish(newest: CheckpointRow | null): void
  size(): number
  root(): Buffer
}

/** Hashes kept until they are put into the tree. */
const waitingMax = 1024

function growingTree(found: Problems, memory: ParsedCheckpoint | null): GrowingTree {
  let grown: CompactRange = emptyRange
  /** Leaves that are not in it yet: many at once cost less than one after the other. */
  let waiting: Buffer[] = []
  let next = 0
  let goodSize = 0
  let broken = false

  const mismatch = (what: string, size: number): void => {
    // one wrong leaf makes every later root wrong: only the first says where
    if (!broken)
      found.add(
        goodSize,
        'root-mismatch',
        `${what} of size ${size} was signed over other leaves; ` +
          `the first of them lies between ${goodSize} and ${size - 1}`,
      )
    broken = true
  }
  const rangeNow = (): CompactRange => {
    if (waiting.length > 0) grown = appendAll(grown, waiting)
    waiting = []
    return grown
  }
  const compare = (checkpoint: ParsedCheckpoint, what: string): void => {
    if (checkpoint.size > next) return // said once, at the end
    const range = rangeNow()
    if (range.size !== checkpoint.size || !sameHash(rootOf(range), checkpoint.root)) mismatch(what, checkpoint.size)
    else goodSize = Math.max(goodSize, checkpoint.size)
  }
  const compareMemory = (): void => {
    if (memory !== null && memory.size === next) compare(memory, 'the remembered checkpoint')
  }
  compareMemory()

  return {
    append: (seq, hash) => {
      if (seq < next) found.add(seq, 'order', `leaf ${seq} stands outside of the order`)
      for (let missing = next; missing < Math.min(seq, next + problemsMax); missing += 1)
        found.add(missing, 'leaf-missing', `leaf ${missing} is gone`)
      // a tree with a hole has no root to compare: the hole is the finding
      if (seq !== next) broken = true
      next = Math.max(next, seq + 1)
      waiting.push(hash)
      if (waiting.length === waitingMax) rangeNow()
      compareMemory()
    },
    compare,
    finish: (newest) => {
      if (newest !== null && newest.size > next) {
        found.add(next, 'shrunk', `the audit log ends at ${next}, but a checkpoint of size ${newest.size} was signed`)
      }
      if (memory !== null && memory.size > next)
        found.add(
          next,
          'shrunk',
          `the audit log ends at ${next}, but the remembered checkpoint has size ${memory.size}`,
        )
    },
    size: () => next,
    root: () => rootOf(rangeNow()),
  }
}
