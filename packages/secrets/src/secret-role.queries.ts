import type { Store, Transaction } from '@gatehouse/database'
import { referenceOf } from '@gatehouse/kit'
import { sql } from 'kysely'
import { grantsOf } from './role-grants.ts'
import type { ProviderKind } from './secret-provider.ts'

/** A role that is there, with what is shown of its backend. */
export interface SecretRoleRow {
  readonly id: string
  readonly name: string
  readonly workspace_id: string
  readonly backend_id: string
  readonly backend_name: string
  readonly kind: ProviderKind
  readonly ttl_seconds_max: number
  readonly leases_max: number | null
  readonly leases_each_max: number | null
  readonly form: unknown
  readonly created_at: Date
  /** Of its row. */
  readonly version: string
}

const shownRole = sql`select r.*, r.xmin::text as version, b.name as backend_name, b.kind
  from secret_role r join secret_backend b on b.id = r.backend_id where r.removed_at is null`

/** A role by id or name; null: there is none. */
export async function readRole(db: Store, reference: string): Promise<SecretRoleRow | null> {
  const { id, name } = referenceOf(reference)
  const { rows } = await sql<SecretRoleRow>`${shownRole} and (r.id = ${id}::uuid or r.name = ${name})`.execute(db)
  return rows[0] ?? null
}

/** Roles of some workspaces, the newest first. */
export async function selectRoles(
  db: Store,
  query: {
    readonly workspaces: readonly string[]
    readonly backendId: string | null
    readonly after: { readonly at: Date; readonly id: string } | null
    readonly limit: number
  },
): Promise<SecretRoleRow[]> {
  const { workspaces, backendId, after, limit } = query
  const { rows } = await sql<SecretRoleRow>`${shownRole}
      and r.workspace_id = any (${sql.val([...workspaces])}::text[])
      and ${backendId === null ? sql`true` : sql`r.backend_id = ${backendId}::uuid`}
      and ${after === null ? sql`true` : sql`(r.created_at, r.id) < (${after.at}, ${after.id}::uuid)`}
    order by r.created_at desc, r.id desc limit ${limit}::int`.execute(db)
  return rows
}

/** What credentials of the roles of a workspace may do, by name; at most so many as somebody reads. */
export async function selectRoleReach(
  db: Store,
  workspaceId: string,
): Promise<{ readonly name: string; readonly backend: string; readonly grants: readonly string[] }[]> {
  const { rows } = await sql<Pick<SecretRoleRow, 'name' | 'backend_name' | 'kind' | 'form'>>`${shownRole}
    and r.workspace_id = ${workspaceId} order by r.name limit ${reachMax}::int`.execute(db)
  return rows.map((row) => ({ name: row.name, backend: row.backend_name, grants: grantsOf(row) }))
}

/** More names than this nobody reads before they say yes. */
const reachMax = 500

export interface RoleTerms {
  readonly ttlSecondsMax: number
  readonly leasesMax: number | null
  readonly leasesEachMax: number | null
  readonly form: unknown
}

/** Adds a role under a backend that is there. False: there is one of its name. */
export async function insertRole(
  tx: Transaction,
  one: RoleTerms & {
    readonly id: string
    readonly name: string
    readonly workspaceId: string
    readonly backendId: string
    readonly now: Date
  },
): Promise<boolean> {
  const { rows } = await sql`
    insert into secret_role (id, name, workspace_id, backend_id, ttl_seconds_max, leases_max, leases_each_max, form,
      created_at)
    values (${one.id}::uuid, ${one.name}, ${one.workspaceId}, ${one.backendId}::uuid, ${one.ttlSecondsMax},
      ${one.leasesMax}, ${one.leasesEachMax}, ${JSON.stringify(one.form)}::jsonb, ${one.now})
    on conflict (name) where removed_at is null do nothing returning id`.execute(tx)
  return rows.length > 0
}

/** Changes a role. False: it is gone. */
export async function changeRole(tx: Transaction, id: string, terms: RoleTerms): Promise<boolean> {
  const { rows } = await sql`update secret_role set ttl_seconds_max = ${terms.ttlSecondsMax},
      leases_max = ${terms.leasesMax}, leases_each_max = ${terms.leasesEachMax},
      form = ${JSON.stringify(terms.form)}::jsonb
    where id = ${id}::uuid and removed_at is null returning id`.execute(tx)
  return rows.length > 0
}

/** Takes a role away. False: it is gone already. */
export async function removeRole(tx: Transaction, id: string, now: Date): Promise<boolean> {
  const { rows } = await sql`update secret_role set removed_at = ${now}
    where id = ${id}::uuid and removed_at is null returning id`.execute(tx)
  return rows.length > 0
}

/** Holds whoever counts leases of this role until the transaction ends, so that two do not take the same place. */
export const holdQuota = async (tx: Transaction, roleId: string): Promise<void> =>
  void (await sql`select pg_advisory_xact_lock(hashtextextended(${`secret-role:${roleId}`}, 0))`.execute(tx))

/** How many leases of a role live, and how many of them are one holder's. */
export async function countLeasesOf(
  db: Store,
  { roleId, holderId }: { readonly roleId: string; readonly holderId: string },
): Promise<{ all: number; own: number }> {
  const { rows } = await sql<{ all: number; own: number }>`select count(*)::int as all,
      (count(*) filter (where l.principal_id = ${holderId}))::int as own
    from secret_credential c join lease l on l.id = c.lease_id
    where c.role_id = ${roleId}::uuid and c.living`.execute(db)
  return rows[0] ?? { all: 0, own: 0 }
}

/** How many roles of a workspace can be asked for. */
export async function countRolesIn(tx: Transaction, workspaceId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from secret_role
    where workspace_id = ${workspaceId} and removed_at is null`.execute(tx)
  return rows[0]?.n ?? 0
}
