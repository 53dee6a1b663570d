import type { Input, Output } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'

type EnvironmentId = Input<'environment.update'>['id']

export interface EnvironmentRow {
  readonly id: EnvironmentId
  readonly tier: 'development' | 'staging' | 'production'
  readonly requires_mfa: boolean
  readonly requires_approval: boolean
  readonly time_zone: string
  readonly networks: string[]
  readonly workspaces: number
  readonly updated_at: Date | null
  readonly updated_by: string | null
}

/** The environments, the nearest to production last. `only`: that one. */
export async function selectEnvironments(db: Store, only: string | null): Promise<EnvironmentRow[]> {
  const { rows } = await sql<EnvironmentRow>`
    select e.id, e.tier, e.requires_mfa, e.requires_approval, e.time_zone, e.networks, e.updated_at,
      u.username as updated_by,
      (select count(*)::int from workspace w where w.environment = e.id and w.archived_at is null) as workspaces
    from environment e left join users u on u.id = e.updated_by
    where ${only}::text is null or e.id = ${only}
    order by array_position(array['development', 'staging', 'production'], e.id)`.execute(db)
  return rows
}

/** What is changed of an environment; what is `undefined` stays. */
export interface EnvironmentChange {
  readonly tier: EnvironmentRow['tier'] | undefined
  readonly requiresMfa: boolean | undefined
  readonly requiresApproval: boolean | undefined
  readonly timeZone: string | undefined
  readonly networks: string[] | undefined
}

/**
 * Changes an environment, and touches its workspaces: what is decided on one of them at this moment is decided again.
 */
export async function updateEnvironment(
  tx: Transaction,
  { id, change, now, userId }: { id: string; change: EnvironmentChange; now: Date; userId: string },
): Promise<void> {
  const { tier, requiresMfa, requiresApproval, timeZone, networks } = change
  await tx
    .updateTable('environment')
    .set({
      ...(tier === undefined ? {} : { tier }),
      ...(requiresMfa === undefined ? {} : { requires_mfa: requiresMfa }),
      ...(requiresApproval === undefined ? {} : { requires_approval: requiresApproval }),
      ...(timeZone === undefined ? {} : { time_zone: timeZone }),
      ...(networks === undefined ? {} : { networks }),
      updated_at: now,
      updated_by: userId,
    })
    .where('id', '=', id)
    .execute()
  await sql`update workspace set environment = environment where environment = ${id}`.execute(tx)
}

/** An environment as it leaves. */
export const describeEnvironment = (row: EnvironmentRow): Output<'environment.update'> => ({
  id: row.id,
  tier: row.tier,
  requiresMfa: row.requires_mfa,
  requiresApproval: row.requires_approval,
  timeZone: row.time_zone,
  networks: row.networks,
  workspaces: row.workspaces,
  updatedAt: row.updated_at,
  updatedBy: row.updated_by,
})
