import type { Store } from '@gatehouse/database'
import type { CheckpointKey } from './checkpoint-key.ts'
import type { CheckpointRow } from './checkpoint.queries.ts'
import { checkEntry, checkPersonal, isAskedAsCommitted } from './check-entry.ts'
import { readRecord, type LeafWithEntry, type RecordReader } from './record.queries.ts'
import { parseStoredEntry } from './stored-entry.ts'
import type { SubjectKeys } from './subject-keys.ts'
import { seenDays } from './retention/seen-days.ts'
import { readRemovals, type Removed } from './retention/removals.ts'
import {
  appendAll,
  emptyRange,
  isSignedBy,
  leafHashOf,
  parseCheckpoint,
  rootOf,
  sameHash,
  type CompactRange,
  type ParsedCheckpoint,
} from './verify.ts'

/** What can be wrong with the audit log. */
export type ProblemKind =
  | 'entry-altered'
  | 'column-altered'
  | 'leaf-missing'
  | 'entry-missing'
  | 'personal-altered'
  | 'decision-altered'
  | 'root-mismatch'
  | 'checkpoint-invalid'
  | 'shrunk'
  | 'order'

export interface RecordProblem {
  /** Where in the tree; null for what has no place there. */
  readonly seq: number | null
  readonly kind: ProblemKind
  readonly message: string
}

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
}

/** What the rows of a record are checked with. */
export interface RowsCheck {
  readonly key: Pick<CheckpointKey, 'verifier'>
  readonly subjectKeys: Pick<SubjectKeys, 'open'>
  /** A checkpoint that the caller kept from earlier, outside of our reach. */
  readonly remembered: string | null
}

/** Problems listed; whoever needs more has a rewritten record and no use for a list. */
export const problemsMax = 100

/**
 * Recomputes the whole record in one snapshot: every leaf from its entry, every search column, every personal value,
 * the tree at every
 * checkpoint, and the tree at the size that the caller remembers. Reads as a stream; the audit log may be larger than
 * memory.
 */
export const verifyRecord = ({ db, ...check }: RecordCheck): Promise<RecordVerdict> =>
  readRecord(db, (record) => verifyRows(record, check))

/** The same of rows that somebody reads. */
export async function verifyRows(
  record: RecordReader,
  { key, subjectKeys, remembered }: RowsCheck,
): Promise<RecordVerdict> {
  const found = collectProblems()
  const memory = remembered === null ? null : readMemory(remembered, key, found)
  const tree = growingTree(found, memory)
  let newest: CheckpointRow | null = null
  const gone = goneBy(readRemovals(await record.removals()), found)
  for await (const step of record.steps()) {
    if ('leaf' in step) checkLeaf(step.leaf, { tree, found, subjectKeys, gone })
    else if (checkCheckpoint(step.checkpoint, { key, tree, found })) newest = step.checkpoint
  }
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

interface LeafCheck {
  readonly gone: GoneEntries
  readonly tree: GrowingTree
  readonly found: Problems
  readonly subjectKeys: Pick<SubjectKeys, 'open'>
}

/** Entries that are gone: removed when their time was over, or by somebody. */
interface GoneEntries {
  /** An entry that is there: what stands behind it is hardly older. */
  pass(at: string | null): void
  missing(leaf: LeafWithEntry): void
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

function checkLeaf(leaf: LeafWithEntry, { tree, found, subjectKeys, gone }: LeafCheck): void {
  tree.append(leaf)
  if (leaf.entry === null) {
    gone.missing(leaf)
    return
  }
  gone.pass(leaf.columns.at)
  if (!sameHash(leafHashOf(leaf.entry), leaf.hash))
    found.add(leaf.seq, 'entry-altered', `the text of \`${leaf.entryId}\` is not what its leaf commits to`)
  const parsed = parseStoredEntry(leaf.entry)
  for (const column of checkEntry(leaf.entryId, parsed, leaf.columns))
    found.add(
      leaf.seq,
      'column-altered',
      `the column \`${column}\` of \`${leaf.entryId}\` says something else than its entry`,
    )
  if (!isAskedAsCommitted(parsed, leaf.askedHash))
    found.add(
      leaf.seq,
      'decision-altered',
      `what was asked in \`${leaf.entryId}\` is not what its decision was made of`,
    )
  const personal = subjectKeys.open(leaf.entryId, leaf.parts)
  if (personal === null)
    found.add(leaf.seq, 'personal-altered', `the personal values of \`${leaf.entryId}\` are not as they were sealed`)
  for (const field of checkPersonal(parsed, personal ?? []))
    found.add(
      leaf.seq,
      'personal-altered',
      `the personal value \`${field}\` of \`${leaf.entryId}\` is not what its entry commits to`,
    )
}

/** False: it was not signed like this, and says nothing. */
function checkCheckpoint(
  row: CheckpointRow,
  { key, tree, found }: { key: RowsCheck['key']; tree: GrowingTree; found: Problems },
): boolean {
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
  append(leaf: LeafWithEntry): void
  /** Compares with a checkpoint of today's size; one beyond the leaves is a record that has shrunk. */
  compare(checkpoint: ParsedCheckpoint, what: string): void
  finish(newest: CheckpointRow | null): void
  size(): number
  root(): Buffer
}

function growingTree(found: Problems, memory: ParsedCheckpoint | null): GrowingTree {
  let range: CompactRange = emptyRange
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
  const compare = (checkpoint: ParsedCheckpoint, what: string): void => {
    if (checkpoint.size > next) return // said once, at the end
    if (range.size !== checkpoint.size || !sameHash(rootOf(range), checkpoint.root)) mismatch(what, checkpoint.size)
    else goodSize = Math.max(goodSize, checkpoint.size)
  }
  const compareMemory = (): void => {
    if (memory !== null && memory.size === next) compare(memory, 'the remembered checkpoint')
  }
  compareMemory()

  return {
    append: ({ seq, hash }) => {
      if (seq < next) found.add(seq, 'order', `leaf ${seq} stands outside of the order`)
      for (let missing = next; missing < Math.min(seq, next + problemsMax); missing += 1)
        found.add(missing, 'leaf-missing', `leaf ${missing} is gone`)
      // a tree with a hole has no root to compare: the hole is the finding
      if (seq !== next) broken = true
      next = Math.max(next, seq + 1)
      range = appendAll(range, [hash])
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
    root: () => rootOf(range),
  }
}
