import type { Store } from '@gatehouse/database'
import type { CheckpointKey } from './checkpoint-key.ts'
import { readCheckpointUpTo, readNewestCheckpoint, readRootAt, type CheckpointRow } from './checkpoint.queries.ts'
import { readLeavesFrom, readTail } from './leaf.queries.ts'
import { RecordError } from './record-error.ts'
import {
  appendAll,
  emptyRange,
  isSignedBy,
  parseCheckpoint,
  rootOf,
  sameHash,
  unpackRange,
  type CompactRange,
} from './verify.ts'

/** Leaves read at once when a start catches up; a megabyte. */
const leavesPerRead = 10_000

/** Where the tree stands. */
export interface SequencerState {
  readonly range: CompactRange
  /** Where the leaves end. Less than the range's size only after leaves were taken away from a signed tree. */
  readonly tail: number
  readonly signedSize: number
}

/** What this process has signed itself. It never signs anything that contradicts it. */
export interface Signed {
  readonly size: number
  readonly root: Buffer
}

/**
 * Loads the tree from its newest checkpoint and the leaves since: a start costs as much as a second of work, and what
 * is signed next
 * continues what was signed last by construction. Throws `RecordError` for a record that cannot be continued honestly.
 */
export async function loadState(db: Store, key: CheckpointKey, signed: Signed | null): Promise<SequencerState> {
  if (signed !== null) await requireKept(db, key, signed)
  const newest = await readNewestCheckpoint(db)
  const range = newest === null ? emptyRange : rangeOf(newest, key)
  const tail = await readTail(db)
  // Leaves that a checkpoint covers are gone. They stay visibly gone: the tree goes on behind them, from what was
  // signed.
  if (tail < range.size) return { range, tail, signedSize: range.size }
  return { range: await catchUp(db, range, tail), tail, signedSize: range.size }
}

async function requireKept(db: Store, key: CheckpointKey, signed: Signed): Promise<void> {
  const root = (await readRootAt(db, signed.size)) ?? (await rootOfLeavesUpTo(db, key, signed.size))
  if (root === null || !sameHash(root, signed.root)) {
    throw new RecordError(
      'record-forked',
      `the audit log has lost or changed the checkpoint of size ${signed.size} that this process signed; it signs ` +
        `nothing that contradicts it. Run \`gatehouse audit verify\` and restore the log`,
    )
  }
}

/** Old checkpoints are pruned, their leaves never: the root is computed again, from the checkpoint before it on. */
async function rootOfLeavesUpTo(db: Store, key: CheckpointKey, size: number): Promise<Buffer | null> {
  if ((await readTail(db)) < size) return null
  const before = await readCheckpointUpTo(db, size)
  return rootOf(await catchUp(db, before === null ? emptyRange : rangeOf(before, key), size))
}

/** The tree of a checkpoint, believed only through its signature. */
function rangeOf(row: CheckpointRow, key: CheckpointKey): CompactRange {
  const parsed = parseCheckpoint(row.note)
  const range = unpackRange(row.size, row.frontier)
  const honest =
    parsed !== null &&
    range !== null &&
    isSignedBy(parsed, key.verifier) &&
    parsed.size === row.size &&
    sameHash(parsed.root, rootOf(range))
  if (!honest)
    throw new RecordError(
      'checkpoint-invalid',
      `the checkpoint of size ${row.size} is not one that this key signed, or its tree was changed; ` +
        `nothing is sequenced until it is restored`,
    )
  return range
}

async function catchUp(db: Store, from: CompactRange, tail: number): Promise<CompactRange> {
  let range = from
  while (range.size < tail) {
    const leaves = await readLeavesFrom(db, range.size, Math.min(leavesPerRead, tail - range.size))
    const hole = leaves.findIndex(({ seq }, index) => seq !== range.size + index)
    if (hole >= 0 || leaves.length === 0) {
      throw new RecordError(
        'leaf-missing',
        `leaf ${range.size + Math.max(hole, 0)} of the audit log is missing and no checkpoint covers it yet; ` +
          `nothing is sequenced until it is restored`,
      )
    }
    range = appendAll(
      range,
      leaves.map(({ hash }) => hash),
    )
  }
  return range
}
