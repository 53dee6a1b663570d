import { createHash } from 'node:crypto'
import type { Role } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { sql } from 'kysely'
import { selectGifts, type GiftRow } from '../directory/gift.queries.ts'
import { mailboxOf } from './mailbox.ts'

/** Gifts older than this are not looked at; the rule of who asks is narrower or the same. */
const giftsSeconds = 8 * 86_400

/** A person as far as votes of several people ask, as their rows say now. */
export interface VoterFacts {
  readonly id: string
  readonly username: string
  readonly active: boolean
  readonly roles: readonly Role[]
  /** Ids of their teams. */
  readonly teams: readonly string[]
  /** By what two accounts are known to be one person's. */
  readonly marks: readonly string[]
  readonly gifts: readonly GiftRow[]
  /** Whether they have a second factor at all, without which nobody votes. */
  readonly hasFactor: boolean
  /** Whether one of them is a key that can sign a vote. */
  readonly hasKey: boolean
}

interface Row {
  readonly id: string
  readonly username: string
  readonly email: string | null
  readonly active: boolean
  readonly roles: Role[]
  readonly teams: string[]
  readonly keys: { readonly id: string; readonly aaguid: string; readonly key: string }[]
  readonly holders: string[]
  readonly hasFactor: boolean
  readonly hasKey: boolean
}

/** Who may call now: an approval of somebody who is locked counts again when the lock ends. */
const active = sql<boolean>`(u.status = 'active' and not exists (select from locked_principal l where l.id = u.id))`

const selected = sql`
  select u.id, u.username, u.email, ${active} as active,
    array(select r.role::text from user_role r where r.user_id = u.id order by r.role) as roles,
    array(select m.team_id::text from team_member m where m.user_id = u.id order by m.team_id) as teams,
    coalesce((select json_agg(json_build_object('id', encode(c.credential_id, 'base64'), 'aaguid', c.aaguid,
      'key', encode(c.public_key, 'base64'))) from webauthn_credential c
      join authenticator a on a.id = c.authenticator_id where a.user_id = u.id), '[]'::json) as keys,
    array(select distinct s.key_thumbprint from session s
      where s.user_id = u.id and s.key_thumbprint is not null) as holders,
    exists (select from authenticator a where a.user_id = u.id and a.confirmed_at is not null) as "hasFactor",
    exists (select from webauthn_credential c join authenticator a on a.id = c.authenticator_id
      where a.user_id = u.id and a.confirmed_at is not null and c.suspect_at is null
        and c.backup_changed_at is null) as "hasKey"
  from users u`

/** These people, whether they may log in or not. */
export async function selectVoters(
  db: Store,
  { ids, now }: { readonly ids: readonly string[]; readonly now: Date },
): Promise<VoterFacts[]> {
  const { rows } = await sql<Row>`${selected} where u.id = any (${sql.val([...ids])}::uuid[])`.execute(db)
  return withGifts(db, rows, now)
}

/** Everybody who may call and has one of these roles; at most `limit`, those with the oldest accounts first. */
export async function selectVotersWithRole(
  db: Store,
  { roles, now, limit }: { readonly roles: readonly Role[]; readonly now: Date; readonly limit: number },
): Promise<VoterFacts[]> {
  const { rows } = await sql<Row>`${selected}
    where ${active} and exists (select from user_role r where r.user_id = u.id
      and r.role::text = any (${sql.val([...roles])}::text[])) order by u.created_at, u.id limit ${limit}`.execute(db)
  return withGifts(db, rows, now)
}

async function withGifts(db: Store, rows: readonly Row[], now: Date): Promise<VoterFacts[]> {
  const since = new Date(now.getTime() - giftsSeconds * 1000)
  const gifts = Map.groupBy(await selectGifts(db, { userIds: rows.map(({ id }) => id), since }), (one) => one.user_id)
  return rows.map((row) => ({ ...row, marks: marksOf(row), gifts: gifts.get(row.id) ?? [] }))
}

/**
 * What two accounts of one person share: a credential, a key in authenticators of one model, a mailbox, a key that
 * their sessions are bound to (threat D3).
 */
const marksOf = ({ email, keys, holders }: Row): string[] => [
  ...keys.flatMap(({ id, aaguid, key }) => [`credential:${id}`, `key:${aaguid}:${sha256(key)}`]),
  ...(email === null ? [] : [`mailbox:${mailboxOf(email)}`]),
  ...holders.map((thumbprint) => `session-key:${thumbprint}`),
]

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')

/** Names of teams, by their ids. */
export async function selectTeamNames(db: Store): Promise<ReadonlyMap<string, string>> {
  const rows = await db.selectFrom('team').select(['id', 'name']).execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}

/** Which of these people may log in. */
export async function selectActiveAmong(db: Store, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`
    select id from users where id = any (${sql.val([...ids])}::uuid[]) and status = 'active'`.execute(db)
  return new Set(rows.map(({ id }) => id))
}
