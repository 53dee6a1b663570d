import type { Role } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'
import { findLock } from '../directory/lock.queries.ts'

/**
 * How long before a request its two people must have had a role and a second factor of their own. An Admin can make
 * another account an Admin, give it a password and enrol it, all by themselves; a day is what colleagues have to see
 * that in their notices and in the audit log before such an account counts as a second person (threats D2, D3).
 */
export const standingSeconds = 24 * 3600

/** What somebody is at a moment, and what they were a day before a request. */
export interface Standing {
  readonly id: string
  /** Active and not locked, with one of the roles. */
  readonly hasRole: boolean
  /** The same, and since long enough before the request, with a second factor that is as old. */
  readonly stands: boolean
}

/**
 * Holds the rows of people, so that none of them ceases to be what they are before the transaction ends, and says what
 * they are. `askedAt`: when the request was made.
 */
export async function holdStanding(
  tx: Transaction,
  { ids, roles, askedAt }: { ids: readonly string[]; roles: readonly Role[]; askedAt: Date },
): Promise<ReadonlyMap<string, Standing>> {
  await holdPeople(tx, ids)
  return new Map((await selectStanding(tx, { ids, roles, askedAt })).map((one) => [one.id, one]))
}

/**
 * Holds the rows of people and their places in teams: who is shut out, locked or leaves a team now, does before it or
 * after it. Roles are changed with the person's row held; a team is left with the team's.
 */
export async function holdPeople(tx: Transaction, ids: readonly string[]): Promise<void> {
  const people = sql`any (${sql.val([...ids])}::uuid[])`
  await sql`select id from users where id = ${people} order by id for share`.execute(tx)
  await sql`select from team_member where user_id = ${people} order by user_id, team_id for share`.execute(tx)
  // whether they are locked is told by their rows, which are read after this; here nobody is locked any more
  await findLock(
    tx,
    ids.map((id) => ({ kind: 'principal', target: id })),
  )
}

/** What people are, without holding them. */
export async function selectStanding(
  db: Store,
  { ids, roles, askedAt }: { ids: readonly string[]; roles: readonly Role[]; askedAt: Date },
): Promise<Standing[]> {
  const since = new Date(askedAt.getTime() - standingSeconds * 1000)
  const active = sql`u.status = 'active' and not exists (select from locked_principal l where l.id = u.id)`
  const role = sql`exists (select from user_role r where r.user_id = u.id
    and r.role::text = any (${sql.val([...roles])}::text[])`
  const { rows } = await sql<Standing>`
    select u.id, (${active} and ${role})) as "hasRole",
      (${active} and ${role} and r.granted_at <= ${since})
        and exists (select from authenticator a where a.user_id = u.id and a.confirmed_at <= ${since})) as stands
    from users u where u.id = any (${sql.val([...ids])}::uuid[])`.execute(db)
  return rows
}
