import { commitmentTo, type PersonalValue } from './commitment.ts'
import { columnNames, type ColumnName } from './entry-columns.ts'
import type { Recordable } from './recordable.ts'
import { storedKind } from './stored-kind.ts'
import { at, commitmentIn, textAt, type StoredEntry } from './stored-entry.ts'

/** Where in the entry each search column comes from. `audit_place` fills them by the same paths. */
const paths = {
  at: ['at'],
  action: ['action'],
  outcome: ['outcome'],
  principal_id: ['principal', 'id'],
  resource_type: ['resource', 'type'],
  resource_id: ['resource', 'id'],
  workspace: ['workspace'],
  session_id: ['sessionId'],
  effect: ['decision', 'effect'],
} as const satisfies Record<Exclude<ColumnName, 'kind'>, readonly string[]>

const saidOf = (parsed: StoredEntry, column: ColumnName): Recordable =>
  column === 'kind' ? storedKind(parsed) : (at(parsed, ...paths[column]) ?? null)

/** An entry, read once for all that is compared with it; null: it is none of ours, and its leaf says so already. */
type Parsed = StoredEntry | null

/**
 * Search columns that say something else than the entry; they come as the JSON of their values. Its id counts as one:
 * an entry answers to no other name.
 */
export function checkEntry(id: string, parsed: Parsed, columns: string): string[] {
  if (parsed === null) return []
  const said = columnNames.map((column) => saidOf(parsed, column))
  return [
    ...(at(parsed, 'id') === id ? [] : ['id']),
    ...(JSON.stringify(said) === columns ? [] : wrongIn(said, columns)),
  ]
}

function wrongIn(said: readonly Recordable[], columns: string): ColumnName[] {
  const kept = JSON.parse(columns) as readonly (string | null)[] // the database's own
  return columnNames.filter((_, index) => said[index] !== kept[index])
}

/**
 * Whether what stands beside an entry as what was asked is what its decision commits to, by its SHA-256. Entries before
 * version 4 commit to nothing.
 */
export function isAskedAsCommitted(parsed: Parsed, askedHash: Uint8Array | null): boolean {
  const version = parsed === null ? null : at(parsed, 'v')
  if (parsed === null || typeof version !== 'number' || version < askedCommittedSince) return true
  return (
    textAt(parsed, 'decision', 'asked') === (askedHash === null ? null : Buffer.from(askedHash).toString('base64url'))
  )
}

/** The version of entries that commits to what was asked. */
const askedCommittedSince = 4

/**
 * Personal values that their entry does not commit to. An erased one is no problem: that is what commitments are for.
 */
export function checkPersonal(
  parsed: Parsed,
  kept: readonly PersonalValue[],
  commitmentOf = (clear: PersonalValue): string => commitmentTo(clear).c,
): string[] {
  if (parsed === null || kept.length === 0) return []
  return kept.filter((clear) => commitmentIn(parsed, clear.field) !== commitmentOf(clear)).map(({ field }) => field)
}
