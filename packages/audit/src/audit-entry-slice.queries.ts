import type { Store } from '@gatehouse/database'
import { sql } from 'kysely'
import { toldNothingPattern } from './to-caller.queries.ts'

export interface EntrySliceRow {
  readonly id: string
  readonly principal_type: string
  readonly principal_id: string
  /** The entry's workspace; null for none. */
  readonly workspace: string | null
  /** Whether its caller was told that there is no such thing. */
  readonly told_nothing: boolean
}

/** An entry's owner and workspace. */
export async function readEntrySlice(db: Store, id: string): Promise<EntrySliceRow | null> {
  const { rows } = await sql<EntrySliceRow>`
    select id, entry::json #>> '{principal,type}' as principal_type, principal_id, workspace,
      entry like ${toldNothingPattern} as told_nothing
    from audit_entry where id = ${id}::uuid`.execute(db)
  return rows[0] ?? null
}
