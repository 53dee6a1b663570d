import { Refusal, type Output } from '@gatehouse/contract'
import type { Handler, HandlersOf } from '@gatehouse/enforcement'
import { readCheckpointUpTo, readNewestCheckpoint, type CheckpointRow } from '../checkpoint.queries.ts'
import { findEntry, type SearchDeps } from '../search.queries.ts'
import { readerOf, type ReaderDeps } from '../reader.ts'
import { isToldInPart } from '../search.ts'
import { formatTlogProof, leafHashOf } from '../verify.ts'
import { proveConsistency, proveInclusion } from './prove.ts'
import { OutsideTreeError } from './tree-hashes.ts'

export type ProofDeps = SearchDeps & ReaderDeps

/** What shows an entry to be in the log, and the log of today to go on from an earlier one. */
export const proofHandlers = (deps: ProofDeps): Pick<HandlersOf<'audit'>, 'audit.proof' | 'audit.consistency'> => ({
  'audit.proof': proof(deps),
  'audit.consistency': consistency(deps),
})

const proof =
  (deps: ProofDeps): Handler<'audit.proof'> =>
  async (permit) => {
    const row = permit.slice === null ? null : await findEntry(deps, permit.slice.resource.id)
    if (row === null) throw new Refusal('not-found')
    const newest = await readNewestCheckpoint(deps.db)
    const index = row.seq === null ? null : Number(row.seq)
    if (newest === null || index === null || index >= newest.size)
      throw new Refusal('conflict', { hint: 'the entry waits for its place in a signed checkpoint; ask in a second' })
    const hashes = await inTree(() => proveInclusion(deps.db, index, newest.size))
    return {
      index,
      ...treeOf(newest),
      leafHash: leafHashOf(row.entry).toString('base64'),
      // what its own caller is not told must not be told to them by its text either (threat C2)
      entry: isToldInPart(readerOf(deps, permit), row) ? null : row.entry,
      hashes: hashes.map((hash) => hash.toString('base64')),
      proof: formatTlogProof({ index, hashes, checkpoint: newest.note }),
    }
  }

const consistency =
  ({ db }: ProofDeps): Handler<'audit.consistency'> =>
  async ({ input: { from, to } }) => {
    const newer = to === undefined ? await readNewestCheckpoint(db) : await readCheckpointUpTo(db, to)
    if (newer === null || from > newer.size)
      throw new Refusal('conflict', { hint: `no checkpoint of ${to ?? from} entries or more has been signed` })
    const hashes = await inTree(() => proveConsistency(db, from, newer.size))
    return { oldSize: from, ...treeOf(newer), hashes: hashes.map((hash) => hash.toString('base64')) }
  }

const treeOf = ({ size, root, note }: CheckpointRow): Pick<Output<'audit.proof'>, 'size' | 'root' | 'checkpoint'> => ({
  size,
  root: root.toString('base64'),
  checkpoint: note,
})

/** A log that has lost leaves cannot be proved; `audit.verify` says which. */
async function inTree<T>(prove: () => Promise<T>): Promise<T> {
  try {
    return await prove()
  } catch (error) {
    if (!(error instanceof OutsideTreeError)) throw error
    throw new Refusal('conflict', { hint: 'leaves of the audit log are missing; run `gatehouse audit verify`' })
  }
}
