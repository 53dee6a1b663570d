import type { Store } from '@gatehouse/database'
import { sql } from 'kysely'

/** Counts one more failure of an account, in the window that its first one opened. Answers how many there are in it. */
export async function countFailure(
  db: Store,
  { key, now, windowSeconds }: { key: string; now: Date; windowSeconds: number },
): Promise<number> {
  const since = new Date(now.getTime() - windowSeconds * 1000)
  const { rows } = await sql<{ failures: number }>`
    insert into auth_failure as t (key, window_start, failures) values (${key}, ${now}, 1)
    on conflict (key) do update set
      failures = case when t.window_start <= ${since} then 1 else t.failures + 1 end,
      window_start = case when t.window_start <= ${since} then excluded.window_start else t.window_start end
    returning failures`.execute(db)
  return rows[0]?.failures ?? 0
}
