import { sql } from 'kysely'
import { entriesHit, hitsOf, type Search, type SearchDeps } from './search.queries.ts'
import { toldNothing } from './to-caller.queries.ts'

/**
 * Entries that are counted, newest first: what is beyond them says little of today, and a count of a whole log would
 * keep the database busy for seconds.
 */
export const countedMax = 50_000

/** Entries with the same value in one of the columns; which column, says the one that is there. */
export interface CountedGroup {
  readonly kind: string | null
  readonly action: string | null
  readonly outcome: string | null
  readonly effect: string | null
  readonly workspace: string | null
  readonly principal_id: string | null
  readonly day: string | null
  /** Which of the grouping sets: 1 kind, 2 action and outcome, 3 decision, 4 workspace, 5 actor, 6 day, 7 all. */
  readonly set: number
  readonly count: number
  /** The time of the oldest of them, and the id of the newest. */
  readonly since: string
  readonly newest: string
}

/**
 * Counts the newest entries that a search finds, by all that they are counted by, in one walk; what an entry hides from
 * its own caller is counted as if it had none (threat C2).
 */
export async function countEntries(
  deps: SearchDeps,
  search: Pick<Search, 'sight' | 'filters'>,
): Promise<CountedGroup[]> {
  const inOrder = sql`order by audit_entry.at desc, audit_entry.id desc limit ${countedMax + 1}::int`
  const { principalId, everything } = search.sight
  const isShown = everything ? sql`true` : sql`not ${toldNothing(principalId)}`
  const { rows } = await sql<CountedGroup>`
    with hit as materialized (${await hitsOf(deps, search, { after: [], inOrder })}),
    counted as (
      select audit_entry.id, kind, action, outcome, case when ${isShown} then effect end as effect,
        case when ${isShown} then workspace end as workspace, principal_id, substr(at, 1, 10) as day, at
      from ${entriesHit} order by at desc, audit_entry.id desc limit ${countedMax}::int)
    select kind, action, outcome, effect, workspace, principal_id, day,
      case grouping(kind, action, effect, workspace, principal_id, day)
        when 31 then 1 when 47 then 2 when 55 then 3 when 59 then 4 when 61 then 5 when 62 then 6 else 7 end as set,
      count(*)::int as count, min(at) as since, max(id::text collate "C") as newest
    from counted
    group by grouping sets ((kind), (action, outcome), (effect), (workspace), (principal_id), (day), ())`.execute(
    deps.db,
  )
  return rows
}

/** Whether a search finds entries that are older than those that were counted. */
export async function findsMore(
  deps: SearchDeps,
  search: Pick<Search, 'sight' | 'filters'>,
  since: string,
): Promise<boolean> {
  const older = { after: [sql`audit_entry.at < ${since}`], inOrder: sql`limit 1` }
  const { rows } = await sql<{ more: boolean }>`
    select exists (${await hitsOf(deps, search, older)}) as more`.execute(deps.db)
  return rows[0]?.more === true
}
