import type { Role } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { sql, type RawBuilder } from 'kysely'

/** How long a session of who has a role lives since its last use, and since its person was proved. */
export interface SessionLife {
  readonly role: Role
  readonly idleSeconds: number
  readonly absoluteSeconds: number
}

/** How many wrong guesses shut an account, and how long after the last of them it opens again at the earliest. */
export interface GuessLimit {
  readonly limit: number
  readonly windowSeconds: number
}

/** What the figures depend on beyond the tables. */
export interface FigureTerms {
  readonly now: Date
  readonly lives: readonly SessionLife[]
  readonly guesses: GuessLimit
  readonly tokenExpiringDays: number
  readonly tokenUnusedDays: number
  readonly backupCodesLowMax: number
}

/** Identity's counts on the dashboard. */
export interface FigureCounts {
  readonly peopleActive: number
  readonly peopleDisabled: number
  readonly peopleEnrolled: number
  readonly accountsLocked: number
  readonly sessionsActive: number
  readonly sessionsWithoutMfa: number
  readonly apiTokensActive: number
  readonly apiTokensExpiring: number
  readonly apiTokensUnused: number
  readonly approvalsPending: number
  readonly backupCodesLow: number
  readonly serviceAccountsActive: number
}

/**
 * Every count in one round trip. Of a person's several roles the shortest life of a session holds, and of no role the
 * shortest of all.
 * A locked account is one of a person: names that nobody has are throttled as well, and are nobody's trouble.
 */
export async function readFigureCounts(db: Store, terms: FigureTerms): Promise<FigureCounts> {
  const now = sql`${terms.now}::timestamptz`
  const secondsOf = (seconds: RawBuilder<unknown>): RawBuilder<unknown> => sql`${seconds} * interval '1 second'`
  const days = (count: number): RawBuilder<unknown> => sql`${count} * interval '1 day'`
  const { rows } = await sql<FigureCounts>`
    with life as (
      select * from unnest(
        ${terms.lives.map(({ role }) => role)}::text[],
        ${terms.lives.map(({ idleSeconds }) => idleSeconds)}::float8[],
        ${terms.lives.map(({ absoluteSeconds }) => absoluteSeconds)}::float8[]) as l (role, idle, absolute)),
    enrolled as (select distinct user_id from authenticator where confirmed_at is not null),
    live_session as (
      select s.assurance from session s join users u on u.id = s.user_id and u.status = 'active'
      cross join lateral (
        select min(l.idle) as idle, min(l.absolute) as absolute from life l
        where l.role in (select r.role::text from user_role r where r.user_id = s.user_id)
          or not exists (select from user_role r where r.user_id = s.user_id)) own
      where s.revoked_at is null and s.expires_at > ${now}
        and s.last_used_at > ${now} - ${secondsOf(sql`own.idle`)}
        and s.auth_time > ${now} - ${secondsOf(sql`own.absolute`)}),
    live_token as (
      select t.* from api_token t
      left join users u on u.id = t.user_id
      left join service_account a on a.id = t.account_id
      where t.revoked_at is null and t.expires_at > ${now} and coalesce(u.status, a.status) = 'active'),
    codes_left as (
      select s.user_id from backup_code_set s
      join users u on u.id = s.user_id and u.status = 'active'
      left join backup_code c on c.set_id = s.id and c.used_at is null
      where s.confirmed_at is not null
      group by s.user_id having count(c.hash) <= ${terms.backupCodesLowMax}),
    locked as (
      select distinct u.id from guess_throttle g join users u on u.username = g.key
      where g.kind in ('password', 'code') and (g.blocked_until > ${now}
        or (g.failures >= ${terms.guesses.limit}
          and g.window_start > ${now} - ${secondsOf(sql`${terms.guesses.windowSeconds}::float8`)})))
    select
      (select count(*)::int from users where status = 'active') as "peopleActive",
      (select count(*)::int from users where status = 'disabled') as "peopleDisabled",
      (select count(*)::int from users u join enrolled e on e.user_id = u.id where u.status = 'active')
        as "peopleEnrolled",
      (select count(*)::int from locked) as "accountsLocked",
      (select count(*)::int from live_session) as "sessionsActive",
      (select count(*)::int from live_session where assurance = 'pw') as "sessionsWithoutMfa",
      (select count(*)::int from live_token) as "apiTokensActive",
      (select count(*)::int from live_token where expires_at <= ${now} + ${days(terms.tokenExpiringDays)})
        as "apiTokensExpiring",
      (select count(*)::int from live_token
        where coalesce(last_used_at, created_at) <= ${now} - ${days(terms.tokenUnusedDays)}) as "apiTokensUnused",
      (select count(*)::int from approval where state = 'pending' and expires_at > ${now}) as "approvalsPending",
      (select count(*)::int from codes_left) as "backupCodesLow",
      (select count(*)::int from service_account where status = 'active') as "serviceAccountsActive"`.execute(db)
  const counts = rows[0]
  if (counts === undefined) throw new TypeError('the database answered no counts')
  return counts
}

/** Of the active people with a role: how many there are, have a second factor, and have one that cannot be phished. */
export interface RoleCoverage {
  readonly role: Role
  readonly people: number
  readonly enrolled: number
  readonly phishingResistant: number
}

/** Coverage of the roles that somebody has. */
export async function readCoverage(db: Store): Promise<readonly RoleCoverage[]> {
  const { rows } = await sql<RoleCoverage>`
    select r.role::text as role, count(*)::int as people,
      count(*) filter (where a.kinds is not null)::int as enrolled,
      count(*) filter (where 'webauthn' = any(a.kinds))::int as "phishingResistant"
    from user_role r
    join users u on u.id = r.user_id and u.status = 'active'
    left join (
      select user_id, array_agg(distinct kind) as kinds from authenticator
      where confirmed_at is not null group by user_id
    ) a on a.user_id = u.id
    group by r.role`.execute(db)
  return rows
}
