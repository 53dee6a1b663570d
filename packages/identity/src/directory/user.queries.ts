import { Refusal, type Output, type Position, type Role } from '@gatehouse/contract'
import { byName, byTime, goesOn, holdsText, inOrder, type Store, type Transaction } from '@gatehouse/database'
import { isUuid, referenceOf } from '@gatehouse/kit'
import { sql } from 'kysely'
import { noPassword } from './no-password.ts'

/** A person as lists and gets show them; teams by name. */
export interface UserRow {
  readonly id: string
  readonly username: string
  readonly display_name: string
  readonly email: string | null
  readonly status: 'active' | 'disabled'
  readonly locked: boolean
  readonly created_at: Date
  readonly last_login_at: Date | null
  readonly roles: Role[]
  readonly teams: string[]
  readonly has_authenticator: boolean
  /** Null: the person has a password. */
  readonly invitation: Output<'user.get'>['invitation']
  readonly invitation_expires_at: Date | null
}

const userColumns = sql`
  u.id, u.username, u.display_name, u.email, u.status, u.created_at, u.last_login_at,
  exists (select from locked_principal l where l.id = u.id) as locked,
  array(select r.role::text from user_role r where r.user_id = u.id order by r.role) as roles,
  array(select t.name from team_member m join team t on t.id = m.team_id where m.user_id = u.id
    order by t.name) as teams,
  exists (select from authenticator a where a.user_id = u.id and a.confirmed_at is not null) as has_authenticator,
  case when u.password_hash = ${noPassword} then coalesce((
    select case when i.token is null then case when i.mailed_at is null then 'shown' else 'mailed' end
      when i.mail_due_at > i.expires_at then 'refused' when i.mail_attempts > 0 then 'delayed' else 'waiting' end
    from invitation i where i.user_id = u.id and i.accepted_at is null), 'none') end as invitation,
  (select i.expires_at from invitation i where i.user_id = u.id and i.accepted_at is null
    and u.password_hash = ${noPassword}) as invitation_expires_at`

export async function selectUser(db: Store, id: string): Promise<UserRow | null> {
  const { rows } = await sql<UserRow>`select ${userColumns} from users u where u.id = ${id}`.execute(db)
  return rows[0] ?? null
}

/** A person who must be there: their row is held, or has just been made. */
export async function requireUser(db: Store, id: string): Promise<UserRow> {
  const row = await selectUser(db, id)
  if (row === null) throw new Refusal('not-found')
  return row
}

const userOrders = {
  newest: byTime('u.created_at', 'desc'),
  oldest: byTime('u.created_at', 'asc'),
  name: byName('u.username'),
} as const

/** People, in order; `team` is an id or a name. */
export async function selectUsers(
  db: Store,
  page: {
    first: number
    after: Position | null
    sort: keyof typeof userOrders
    search: string | undefined
    role: Role | null
    status: 'active' | 'disabled' | null
    team: string | null
  },
): Promise<UserRow[]> {
  const team = referenceOf(page.team ?? '')
  const keyset = { order: userOrders[page.sort], id: 'u.id', after: page.after }
  const { rows } = await sql<UserRow>`
    select ${userColumns} from users u
    where (${page.status}::text is null or u.status = ${page.status})
      and (${page.role}::role_name is null
        or exists (select from user_role r where r.user_id = u.id and r.role = ${page.role}::role_name))
      and (${page.team}::text is null
        or exists (select from team_member m join team t on t.id = m.team_id where m.user_id = u.id
          and (t.id = ${team.id} or t.name = ${team.name})))
      and ${holdsText(['u.username', 'u.display_name', 'u.email'], page.search)}
      and ${goesOn(keyset)}
    order by ${inOrder(keyset)} limit ${page.first + 1}`.execute(db)
  return rows
}

export async function selectUsername(db: Store, id: string): Promise<string> {
  const row = await db.selectFrom('users').select('username').where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw new Refusal('not-found')
  return row.username
}

/** What a person is called; null: they are gone. */
export async function selectUsernameOf(db: Store, id: string): Promise<string | null> {
  const row = await db.selectFrom('users').select('username').where('id', '=', id).executeTakeFirst()
  return row?.username ?? null
}

/** What people are called, by their ids; who is gone is not among them. */
export async function selectUsernames(db: Store, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const asked = ids.filter(isUuid)
  if (asked.length === 0) return new Map()
  const rows = await db.selectFrom('users').select(['id', 'username']).where('id', 'in', asked).execute()
  return new Map(rows.map(({ id, username }) => [id, username]))
}

/** The id of a person by id or name; null: there is none. */
export async function selectUserId(db: Store, reference: string): Promise<string | null> {
  const { id, name } = referenceOf(reference)
  const row = await db
    .selectFrom('users')
    .select('id')
    .where((eb) => eb.or([eb('id', '=', id), eb('username', '=', name ?? '')]))
    .executeTakeFirst()
  return row?.id ?? null
}

export interface NewUser {
  readonly id: string
  readonly username: string
  readonly displayName: string
  readonly email: string | null
  readonly passwordHash: string
  readonly mustChangePassword: boolean
  readonly role: Role
  readonly teamIds: readonly string[]
  readonly now: Date
}

/** Adds a person. False: the name is taken. */
export async function insertUser(tx: Transaction, user: NewUser): Promise<boolean> {
  const row = await tx
    .insertInto('users')
    .values({
      id: user.id,
      username: user.username,
      display_name: user.displayName,
      email: user.email,
      status: 'active',
      password_hash: user.passwordHash,
      must_change_password: user.mustChangePassword,
      password_changed_at: user.now,
      cut_off: null,
      last_login_at: null,
      created_at: user.now,
    })
    .onConflict((on) => on.column('username').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (row === undefined) return false
  await tx.insertInto('user_role').values({ user_id: user.id, role: user.role, granted_at: user.now }).execute()
  for (const teamId of user.teamIds)
    await tx.insertInto('team_member').values({ team_id: teamId, user_id: user.id }).execute()
  return true
}

/** Replaces the password that has this very hash. False: it has another by now. */
export async function setPassword(
  tx: Transaction,
  change: { userId: string; old: string; fresh: string; mustChange: boolean; now: Date },
): Promise<boolean> {
  const row = await tx
    .updateTable('users')
    .set({ password_hash: change.fresh, must_change_password: change.mustChange, password_changed_at: change.now })
    .where('id', '=', change.userId)
    .where('password_hash', '=', change.old)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Kills every access token that was issued to a person before `now`, on every node. */
export async function moveCutOff(tx: Transaction, { userId, now }: { userId: string; now: Date }): Promise<void> {
  await tx.updateTable('users').set({ cut_off: now }).where('id', '=', userId).execute()
}

/**
 * Has a person choose another password before anything else: the one they have was long enough beside a factor, and
 * stands alone from now on.
 */
export async function demandNewPassword(tx: Transaction, userId: string): Promise<void> {
  await tx.updateTable('users').set({ must_change_password: true }).where('id', '=', userId).execute()
}

/** Holds a person's row until the transaction ends. */
export async function lockUser(tx: Transaction, userId: string): Promise<void> {
  await tx.selectFrom('users').select('id').where('id', '=', userId).forUpdate().execute()
}

/** A person as they leave. */
export const describeUserRow = (row: UserRow): Output<'user.get'> => ({
  id: row.id,
  username: row.username,
  displayName: row.display_name,
  email: row.email,
  status: row.status,
  locked: row.locked,
  roles: row.roles,
  teams: row.teams,
  hasAuthenticator: row.has_authenticator,
  invitation: row.invitation,
  invitationExpiresAt: row.invitation_expires_at,
  createdAt: row.created_at,
  lastLoginAt: row.last_login_at,
})
