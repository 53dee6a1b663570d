import type { OperationName, RefusalCode } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { sql } from 'kysely'

/** One hour, as `2026-11-23T08`, and how many calls were refused in it. */
export interface RefusedHour {
  readonly hour: string
  readonly count: number
}

/**
 * How often some operations were refused with one code, by the hour. Only for what stands in the audit log entry by
 * entry: refusals of strangers are counted together (`refusals.aggregated`). The index by action and time finds them.
 */
export async function selectRefusalsByHour(
  db: Store,
  {
    actions,
    code,
    since,
  }: { readonly actions: readonly OperationName[]; readonly code: RefusalCode; readonly since: Date },
): Promise<readonly RefusedHour[]> {
  const { rows } = await sql<RefusedHour>`
    select substr(at, 1, 13) as hour, count(*)::int as count from audit_entry
    where action = any(${[...actions]}::text[]) and at >= ${since.toISOString()} and outcome = 'refused'
      and (entry::json) ->> 'refusal' = ${code}
    group by 1`.execute(db)
  return rows
}
