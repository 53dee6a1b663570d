import type { Store } from '@gatehouse/database'
import { sql } from 'kysely'
import { toldNothingPattern } from './to-caller.queries.ts'

export interface EntrySliceRow {
  readonly id: string
  readonly principal_type: string
  readonly principal_id: string
  /** The entry's workspace; null for none. */
  readonly workspace: string | null
  /** Of the workspace's row; null when the workspace is gone. */
  readonly version: string | null
  readonly tier: string | null
  readonly teams: readonly string[]
  /** Whether its caller was told that there is no such thing. */
  readonly told_nothing: boolean
}

/** An entry's owner and workspace. */
export async function readEntrySlice(db: Store, id: string): Promise<EntrySliceRow | null> {
  const { rows } = await sql<EntrySliceRow>`
    select audit_entry.id, entry::json #>> '{principal,type}' as principal_type, principal_id, audit_entry.workspace, workspace.xmin::text as version, tier,
      array(select team_id::text from workspace_team where workspace_id = audit_entry.workspace order by 1) as teams,
      audit_entry.entry like ${toldNothingPattern} as told_nothing
    from audit_entry left join workspace on workspace.id = audit_entry.workspace where audit_entry.id = ${id}::uuid`.execute(
    db,
  )
  return rows[0] ?? null
}
