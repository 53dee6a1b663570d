import { hash } from 'node:crypto'
import { checkEntry, checkPersonal, isAskedAsCommitted } from './check-entry.ts'
import type { LeafWithEntry } from './record-page.queries.ts'
import type { ProblemKind } from './record-problem.ts'
import { openedOnce, type OpenedOnce } from './opened-once.ts'
import type { OpenParts } from './sealed-parts.ts'
import { parseStoredEntry } from './stored-entry.ts'
import { hashBytes, leafHashOf, sameHash } from './verify/hash.ts'

/** What is wrong with a leaf by itself, by its place in its page. */
export interface LeafProblem {
  readonly index: number
  readonly kind: ProblemKind
  readonly message: string
}

/** What the tree needs of a page, and what is wrong in it: all that a thread has to tell, in a few pieces. */
export interface ExaminedPage {
  readonly seqs: readonly number[]
  /** Their hashes, one after the other. */
  readonly hashes: Uint8Array<ArrayBuffer>
  /** When each entry was written, as its column has it. */
  readonly times: readonly (string | null)[]
  /** The ids of entries that are gone, by the places of their leaves in the page. */
  readonly gone: ReadonlyMap<number, string>
  readonly problems: readonly LeafProblem[]
}

/**
 * Looks at each leaf of a page by itself: its entry's text, every search column, every personal value, what was asked.
 */
export function examinePage(leaves: readonly LeafWithEntry[], open: OpenParts): ExaminedPage {
  const hashes = new Uint8Array(leaves.length * hashBytes)
  const gone = new Map<number, string>()
  const problems: LeafProblem[] = []
  const opened = openedOnce(open)
  for (const [index, leaf] of leaves.entries()) {
    hashes.set(inTree(leaf.hash), index * hashBytes)
    if (leaf.entry === null) gone.set(index, leaf.entryId)
    else examine(leaf, leaf.entry, { ...opened, tell: (kind, message) => problems.push({ index, kind, message }) })
  }
  const [seqs, times] = [leaves.map(({ seq }) => seq), leaves.map(({ at }) => at)]
  return { seqs, hashes, times, gone, problems }
}

/** One of another length is none that we wrote; it stands as a hash that no tree of ours has. */
const inTree = (bytes: Buffer): Uint8Array => (bytes.length === hashBytes ? bytes : hash('sha256', bytes, 'buffer'))

interface Examining extends OpenedOnce {
  readonly tell: (kind: ProblemKind, message: string) => void
}

function examine(leaf: LeafWithEntry, entry: string, { open, commitmentOf, tell }: Examining): void {
  const { entryId } = leaf
  if (!sameHash(leafHashOf(entry), leaf.hash))
    tell('entry-altered', `the text of \`${entryId}\` is not what its leaf commits to`)
  const parsed = parseStoredEntry(entry)
  for (const column of checkEntry(entryId, parsed, leaf.columns))
    tell('column-altered', `the column \`${column}\` of \`${entryId}\` says something else than its entry`)
  if (!isAskedAsCommitted(parsed, leaf.askedHash))
    tell('decision-altered', `what was asked in \`${entryId}\` is not what its decision was made of`)
  const personal = open(entryId, leaf.parts)
  if (personal === null) tell('personal-altered', `the personal values of \`${entryId}\` are not as they were sealed`)
  for (const field of checkPersonal(parsed, personal ?? [], commitmentOf))
    tell('personal-altered', `the personal value \`${field}\` of \`${entryId}\` is not what its entry commits to`)
}
