import { sql } from 'kysely'
import {
  entriesInTreeOrder,
  hitsOf,
  placedEntries,
  type FoundEntry,
  type Search,
  type SearchDeps,
} from './search.queries.ts'

/**
 * The channel on which `audit_place` says that entries have got their places, once for a batch of them. Who listens
 * looks for themselves: what is said has no content to forge.
 */
export const leavesChannel = 'gatehouse_audit_leaves'

/** Places of the tree, the last one not included. */
export interface TailRange {
  readonly from: number
  readonly to: number
}

/** What of a piece of the tree is looked for, in its order. The piece bounds the work, whatever is looked for. */
export async function selectTail(
  deps: SearchDeps,
  search: Pick<Search, 'sight' | 'filters'>,
  { from, to }: TailRange,
): Promise<FoundEntry[]> {
  const hits = await hitsOf(deps, search, {
    among: [placedEntries],
    after: [
      sql`audit_entry.id = any(array(
        select entry_id from audit_leaf where seq >= ${from}::bigint and seq < ${to}::bigint))`,
    ],
    inOrder: sql`order by audit_entry.id limit ${to - from}::int`,
  })
  return entriesInTreeOrder(deps, hits)
}
