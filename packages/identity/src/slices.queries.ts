import type { Store } from '@gatehouse/database'
import { ref, uid, type CedarEntity, type Slice } from '@gatehouse/enforcement'
import { isUuid, referenceOf } from '@gatehouse/kit'
import { sql } from 'kysely'

interface UserSliceRow {
  id: string
  version: string
  has_authenticator: boolean
  roles: string[]
  teams: string[]
}

/** A person, by id or user name. */
export async function loadUserSlice(db: Store, reference: string): Promise<Slice | null> {
  const { id, name } = referenceOf(reference)
  const { rows } = await sql<UserSliceRow>`
    select u.id, u.xmin::text as version,
      exists (select from authenticator a where a.user_id = u.id and a.confirmed_at is not null) as has_authenticator,
      array(select r.role::text from user_role r where r.user_id = u.id order by r.role) as roles,
      array(select m.team_id::text from team_member m where m.user_id = u.id order by m.team_id) as teams
    from users u where u.id = ${id} or u.username = ${name}`.execute(db)
  const [row] = rows
  if (row === undefined) return null
  const parents = [...row.roles.map((role) => uid('Role', role)), ...row.teams.map((team) => uid('Team', team))]
  const resource = { type: 'User', id: row.id } as const
  return {
    resource,
    workspace: null,
    entities: [{ uid: resource, attrs: { hasAuthenticator: row.has_authenticator }, parents }],
    versions: [{ table: 'users', id: row.id, version: row.version }],
  }
}

/** A team, by id or name. */
export async function loadTeamSlice(db: Store, reference: string): Promise<Slice | null> {
  const { id, name } = referenceOf(reference)
  const row = await db
    .selectFrom('team')
    .select(['id', sql<string>`xmin::text`.as('version')])
    .where(sql<boolean>`(id = ${id} or name = ${name})`)
    .executeTakeFirst()
  if (row === undefined) return null
  const resource = { type: 'Team', id: row.id } as const
  return {
    resource,
    workspace: null,
    entities: [{ uid: resource, attrs: {}, parents: [] }],
    versions: [{ table: 'team', id: row.id, version: row.version }],
  }
}

/** A session, live or ended. */
export const loadSessionSlice = (db: Store, id: string): Promise<Slice | null> =>
  loadOwned(db, { type: 'Session', table: 'session', id })

/** An authenticator, confirmed or not. */
export const loadAuthenticatorSlice = (db: Store, id: string): Promise<Slice | null> =>
  loadOwned(db, { type: 'Authenticator', table: 'authenticator', id })

/** An approval, open or closed. Its people never change, so their rows are not read. */
export async function loadApprovalSlice(db: Store, id: string): Promise<Slice | null> {
  if (!isUuid(id)) return null
  const row = await db
    .selectFrom('approval')
    .select(['id', 'action', 'risk', 'ticket', 'requester_id', 'subject_id', 'approver_id', 'workspace_id'])
    .select(sql<string>`xmin::text`.as('version'))
    .where('id', '=', id)
    .executeTakeFirst()
  if (row === undefined) return null
  const entity = approvalEntity(row)
  return {
    resource: { type: 'Approval', id: row.id },
    workspace: row.workspace_id,
    entities: [entity],
    versions: [{ table: 'approval', id: row.id, version: row.version }],
  }
}

/** What decisions know of an approval. */
export interface ApprovalFacts {
  readonly id: string
  readonly action: string
  readonly risk: string
  readonly ticket: string | null
  readonly requester_id: string
  readonly subject_id: string | null
  readonly approver_id: string | null
  readonly workspace_id: string | null
}

/** An approval as policies see it. */
export const approvalEntity = (row: ApprovalFacts): CedarEntity => ({
  uid: uid('Approval', row.id),
  attrs: {
    action: row.action,
    risk: row.risk,
    requester: ref('User', row.requester_id),
    ...(row.ticket === null ? {} : { ticket: row.ticket }),
    ...(row.subject_id === null ? {} : { subject: ref('User', row.subject_id) }),
    ...(row.approver_id === null ? {} : { approver: ref('User', row.approver_id) }),
    ...(row.workspace_id === null ? {} : { workspace: ref('Workspace', row.workspace_id) }),
  },
  parents: row.workspace_id === null ? [] : [uid('Workspace', row.workspace_id)],
})

/** Something that belongs to a person. Its owner never changes, so the owner's row is not read. */
async function loadOwned(
  db: Store,
  { type, table, id }: { type: 'Session' | 'Authenticator'; table: 'session' | 'authenticator'; id: string },
): Promise<Slice | null> {
  if (!isUuid(id)) return null
  const row = await db
    .selectFrom(table)
    .select(['id', 'user_id', sql<string>`xmin::text`.as('version')])
    .where('id', '=', id)
    .executeTakeFirst()
  if (row === undefined) return null
  const resource = { type, id: row.id }
  return {
    resource,
    workspace: null,
    entities: [{ uid: resource, attrs: { owner: ref('User', row.user_id) }, parents: [] }],
    versions: [{ table, id: row.id, version: row.version }],
  }
}
