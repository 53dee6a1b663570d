import type { Role } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { referenceOf } from '@gatehouse/kit'
import { sql } from 'kysely'

/** A person who can log in, as decisions know them. */
export interface PersonRow {
  readonly id: string
  readonly username: string
  readonly display_name: string
  readonly must_change_password: boolean
  readonly has_authenticator: boolean
  readonly roles: Role[]
  readonly teams: { readonly id: string; readonly name: string }[]
}

/** A person by id or name; null: there is nobody, or they may not log in, or are locked. */
export async function selectPerson(db: Store, reference: string): Promise<PersonRow | null> {
  const { id, name } = referenceOf(reference)
  const { rows } = await sql<PersonRow>`
    ${personColumns} from users u where (u.id = ${id} or u.username = ${name}) and u.status = 'active'
      and not exists (select from locked_principal l where l.id = u.id)`.execute(db)
  return rows[0] ?? null
}

/** Those of some people who may log in. */
export async function selectPeople(db: Store, ids: readonly string[]): Promise<readonly PersonRow[]> {
  const { rows } = await sql<PersonRow>`
    ${personColumns} from users u where u.id = any(${[...ids]}::uuid[]) and u.status = 'active'`.execute(db)
  return rows
}

const personColumns = sql`
  select u.id, u.username, u.display_name, u.must_change_password,
    exists (select from authenticator a where a.user_id = u.id and a.confirmed_at is not null) as has_authenticator,
    array(select r.role::text from user_role r where r.user_id = u.id order by r.role) as roles,
    coalesce((select json_agg(json_build_object('id', t.id, 'name', t.name) order by t.name) from team_member m
      join team t on t.id = m.team_id where m.user_id = u.id), '[]'::json) as teams`

/** A program's account, with where and by which key each of its tokens can be used. */
export interface ProgramRow {
  readonly id: string
  readonly name: string
  readonly teams: { readonly id: string; readonly name: string }[]
  readonly tokens: { readonly source_addresses: string[]; readonly key_thumbprint: string | null }[]
}

/** A program by id or name; null: there is none, or it is disabled or locked. */
export async function selectProgram(
  db: Store,
  { reference, now }: { reference: string; now: Date },
): Promise<ProgramRow | null> {
  const { id, name } = referenceOf(reference)
  const { rows } = await sql<ProgramRow>`
    ${programColumns(now)} where (a.id = ${id} or a.name = ${name}) and a.status = 'active'
      and not exists (select from locked_principal l where l.id = a.id)`.execute(db)
  return rows[0] ?? null
}

/** Those of some programs that are not disabled. */
export async function selectPrograms(
  db: Store,
  { ids, now }: { readonly ids: readonly string[]; readonly now: Date },
): Promise<readonly ProgramRow[]> {
  const { rows } = await sql<ProgramRow>`
    ${programColumns(now)} where a.id = any(${[...ids]}::uuid[]) and a.status = 'active'`.execute(db)
  return rows
}

const programColumns = (now: Date) => sql`
  select a.id, a.name,
    coalesce((select json_agg(json_build_object('id', t.id, 'name', t.name) order by t.name)
      from service_account_team s join team t on t.id = s.team_id where s.account_id = a.id), '[]'::json) as teams,
    coalesce((select json_agg(json_build_object('source_addresses', k.source_addresses,
        'key_thumbprint', k.key_thumbprint)) from api_token k
      where k.account_id = a.id and k.revoked_at is null and k.expires_at > ${now}), '[]'::json) as tokens
  from service_account a`

/** Ids of people and programs who may call, in one order, after one of them. */
export async function selectCallersAfter(
  db: Store,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<readonly { readonly id: string; readonly type: 'User' | 'Service' }[]> {
  const { rows } = await sql<{ id: string; type: 'User' | 'Service' }>`
    (select id, 'User' as type from users where status = 'active' and (${after}::uuid is null or id > ${after})
      order by id limit ${limit})
    union all
    (select id, 'Service' from service_account where status = 'active' and (${after}::uuid is null or id > ${after})
      order by id limit ${limit})
    order by id limit ${limit}`.execute(db)
  return rows
}
