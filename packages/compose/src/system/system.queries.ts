import type { Store } from '@gatehouse/database'
import { sql } from 'kysely'

export interface SystemFigures {
  readonly leasesActive: number
  readonly leasesOverdue: number
  readonly leasesIrrevocable: number
  readonly auditPending: number
  readonly oldestPendingSeconds: number
  readonly hostsUnreachable: number
  readonly workerSeenSecondsAgo: number | null
}

/** The figures of the status page in one round trip. Overdue: its moment passed more than 10 s ago. */
export async function readSystemFigures(db: Store, now: Date): Promise<SystemFigures> {
  const { rows } = await sql<SystemFigures>`
    select
      (select count(*)::int from lease where state = 'active') as "leasesActive",
      (select count(*)::int from lease where state in ('pending', 'active') and due_at < ${now}::timestamptz - interval '10 seconds') as "leasesOverdue",
      (select count(*)::int from lease where state = 'irrevocable') as "leasesIrrevocable",
      (select count(*)::int from audit_pending) as "auditPending",
      (select coalesce(extract(epoch from ${now}::timestamptz - min(enqueued_at)), 0)::float8 from audit_pending) as "oldestPendingSeconds",
      (select count(*)::int from ssh_host where reachable = false and removed_at is null) as "hostsUnreachable",
      (select extract(epoch from ${now}::timestamptz - max(seen_at))::float8 from node where kind = 'worker') as "workerSeenSecondsAgo"`.execute(
    db,
  )
  const figures = rows[0]
  if (figures === undefined) throw new TypeError('the database answered no figures')
  return figures
}

/** Says that this node lives. */
export async function touchNode(
  db: Store,
  node: { id: string; kind: 'gateway' | 'worker'; startedAt: Date; now: Date },
): Promise<void> {
  await sql`
    insert into node (id, kind, started_at, seen_at, detail) values (${node.id}, ${node.kind}, ${node.startedAt}, ${node.now}, '')
    on conflict (id) do update set seen_at = excluded.seen_at`.execute(db)
}

/** Takes a stopped node, and those long unseen, off the list. */
export async function forgetNodes(db: Store, id: string, before: Date): Promise<void> {
  await sql`delete from node where id = ${id} or seen_at < ${before}`.execute(db)
}
