import type { Store } from '@gatehouse/database'
import type { ActivePerson, Directory } from '@gatehouse/enforcement'
import { referenceOf } from '@gatehouse/kit'
import { sql } from 'kysely'
import { findLock } from './lock.queries.ts'
import { noPassword } from './no-password.ts'

/** More are not looked at where one of them is looked for. */
const peopleMax = 1_000

/** What others ask of people, programs and workspaces. */
export const directory: Directory<Store> = {
  findWorkspaceId: async (db, reference) => {
    const { id, name } = referenceOf(reference)
    const row = await db
      .selectFrom('workspace')
      .select('id')
      .where(sql<boolean>`(id = ${id} or name = ${name})`)
      .executeTakeFirst()
    return row?.id ?? null
  },
  allWorkspaces: async (db) => {
    const rows = await db.selectFrom('workspace').select('id').execute()
    return rows.map(({ id }) => id)
  },
  findUserId: async (db, reference) => {
    const { id, name } = referenceOf(reference)
    const row = await db
      .selectFrom('users')
      .select('id')
      .where(id === null ? 'username' : 'id', '=', id ?? name.toLowerCase())
      .executeTakeFirst()
    return row?.id ?? null
  },
  activePeople: async (db) => {
    const { rows } = await sql<ActivePerson>`
      select u.id, u.username,
        coalesce((select array_agg(r.role::text order by r.role) from user_role r where r.user_id = u.id), '{}')
          as roles,
        coalesce((select array_agg(m.team_id::text order by m.team_id) from team_member m where m.user_id = u.id), '{}')
          as teams,
        exists (select from authenticator a where a.user_id = u.id and a.confirmed_at is not null)
          as "hasAuthenticator",
        array(select 'password' where u.password_hash <> ${noPassword}
          union all select 'passkey' where exists (select from webauthn_credential c
            join authenticator a on a.id = c.authenticator_id
            where a.user_id = u.id and c.passkey and c.suspect_at is null)) as "logsInBy"
      from users u where u.status = 'active' and not exists (select from locked_principal l where l.id = u.id)
      order by not exists (select from user_role r where r.user_id = u.id and r.role = 'Admin'), u.id
      limit ${peopleMax}`.execute(db)
    return rows
  },
  holdActive: async (tx, { type, id }) => {
    const row = await tx
      .selectFrom(type === 'User' ? 'users' : 'service_account')
      .select('id')
      .where('id', '=', id)
      .where('status', '=', 'active')
      .forShare()
      .executeTakeFirst()
    return row !== undefined
  },
  findLock,
}
