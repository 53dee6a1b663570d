import type { Transaction } from '@gatehouse/database'
import { sql } from 'kysely'

/** Which ends are to be told of now. */
export interface EndsToTell {
  readonly now: Date
  /** What ends before then. */
  readonly before: Date
  /** A lease that lives shorter would be told of as soon as it is there. */
  readonly lifeSecondsMin: number
  /** So many at most, of all that end. */
  readonly limit: number
  /** So many of them by themselves, of all since then. */
  readonly aloneMax: number
  readonly since: Date
}

/**
 * Takes the leases whose end is to be told of and was not, the next to end first, and writes down that it is: one
 * statement, however many there are, and of two at once one takes each. Answers how many they are, and which of them
 * are told of by themselves.
 */
export async function claimEndsToTell(
  tx: Transaction,
  { now, before, lifeSecondsMin, limit, aloneMax, since }: EndsToTell,
): Promise<{ readonly ending: number; readonly alone: readonly string[] }> {
  const { rows } = await sql<{ ending: number; alone: string[] }>`with due as (
      select id, expires_at from lease
      where expires_at > ${now}::timestamptz and expires_at <= ${before}::timestamptz
        and state = 'active' and revoke_requested_at is null
        and expires_at - issued_at >= ${lifeSecondsMin} * interval '1 second'
        and not exists (select from lease_end_notice n where n.lease_id = lease.id)
      order by expires_at, id limit ${limit}::int),
    told as (
      insert into lease_end_notice (lease_id, told_at, alone)
      select id, ${now}::timestamptz, row_number() over (order by expires_at, id) <= ${aloneMax}::int
        - (select count(*) from lease_end_notice where alone and told_at > ${since}::timestamptz)
      from due on conflict do nothing returning lease_id, alone)
    select count(*)::int as ending, coalesce(array_agg(lease_id::text) filter (where alone), '{}') as alone
    from told`.execute(tx)
  return rows[0] ?? { ending: 0, alone: [] }
}
