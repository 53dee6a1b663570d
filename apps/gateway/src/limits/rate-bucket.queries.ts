import type { Store } from '@gatehouse/database'
import { sql } from 'kysely'

export interface BucketCount {
  readonly current: number
  readonly previous: number
}

/**
 * Claims `amount` in the bucket's window by one upsert; the counter is written before anybody looks at it. A bucket
 * that lies more than a window ahead was written by a clock that was wrong: it begins anew, or its key would be refused
 * until that time has come.
 */
export async function claimFromBucket(
  db: Store,
  claim: { key: string; windowStart: Date; windowSeconds: number; amount: number },
): Promise<BucketCount> {
  const { key, windowStart, windowSeconds, amount } = claim
  const { rows } = await sql<BucketCount>`
    insert into rate_bucket as b (key, window_start, current, previous) values (${key}, ${windowStart}, ${amount}, 0)
    on conflict (key) do update set
      previous = case
        when b.window_start > excluded.window_start + make_interval(secs => ${windowSeconds}) then 0
        when b.window_start >= excluded.window_start then b.previous
        when b.window_start = excluded.window_start - make_interval(secs => ${windowSeconds}) then b.current
        else 0 end,
      current = case
        when b.window_start > excluded.window_start + make_interval(secs => ${windowSeconds}) then excluded.current
        when b.window_start >= excluded.window_start then b.current + excluded.current
        else excluded.current end,
      window_start = case
        when b.window_start > excluded.window_start + make_interval(secs => ${windowSeconds}) then excluded.window_start
        else greatest(b.window_start, excluded.window_start) end
    returning current, previous`.execute(db)
  return rows[0] ?? { current: amount, previous: 0 }
}

/**
 * Buckets that are forgotten in one statement. After a flood from a million addresses one statement for all of them
 * would take longer than any may, and be undone each time.
 */
export const forgottenAtOnce = 20_000

/** Forgets buckets that can no longer count, at most so many; answers how many. Two nodes take different ones. */
export async function deleteOldBuckets(db: Store, before: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from rate_bucket where key in (
      select key from rate_bucket where window_start < ${before} limit ${forgottenAtOnce}::int
      for update skip locked)`.execute(db)
  return Number(numAffectedRows ?? 0)
}
