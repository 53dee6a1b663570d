import type { Store } from '@gatehouse/database'
import { ref, uid, type CedarEntity, type Slice } from '@gatehouse/enforcement'
import { isUuid, referenceOf } from '@gatehouse/kit'
import { sql } from 'kysely'

/** A program's account, by id or name; its teams are its parents. */
export async function loadServiceAccountSlice(db: Store, reference: string): Promise<Slice | null> {
  const { id, name } = referenceOf(reference)
  const { rows } = await sql<{ id: string; version: string; teams: string[] }>`
    select a.id, a.xmin::text as version,
      array(select m.team_id::text from service_account_team m where m.account_id = a.id order by m.team_id) as teams
    from service_account a where a.id = ${id} or a.name = ${name}`.execute(db)
  const [row] = rows
  if (row === undefined) return null
  const resource = { type: 'ServiceAccount', id: row.id } as const
  return {
    resource,
    workspace: null,
    entities: [{ uid: resource, attrs: {}, parents: row.teams.map((team) => uid('Team', team)) }],
    versions: [{ table: 'service_account', id: row.id, version: row.version }],
  }
}

/** An API token, good or not. Its owner never changes, so the owner's row is not read. */
export async function loadApiTokenSlice(db: Store, id: string): Promise<Slice | null> {
  if (!isUuid(id)) return null
  const row = await db
    .selectFrom('api_token')
    .select(['id', 'user_id', 'account_id', sql<string>`xmin::text`.as('version')])
    .where('id', '=', id)
    .executeTakeFirst()
  if (row === undefined) return null
  const resource = { type: 'ApiToken', id: row.id } as const
  const owner: CedarEntity['attrs'] =
    row.user_id === null
      ? { ownerService: ref('ServiceAccount', row.account_id ?? '') }
      : { owner: ref('User', row.user_id) }
  return {
    resource,
    workspace: null,
    entities: [{ uid: resource, attrs: owner, parents: [] }],
    versions: [{ table: 'api_token', id: row.id, version: row.version }],
  }
}
