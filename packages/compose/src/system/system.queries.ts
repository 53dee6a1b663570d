import type { Store } from '@gatehouse/database'
import { sql } from 'kysely'

/** Since how many seconds no worker has said that it lives; null: none ever has. */
export async function readWorkerSilence(db: Store, now: Date): Promise<number | null> {
  const { rows } = await sql<{ silence: number | null }>`
    select extract(epoch from ${now}::timestamptz - max(seen_at))::float8 as silence
    from node where kind = 'worker'`.execute(db)
  return rows[0]?.silence ?? null
}

/** Says that this node lives. */
export async function touchNode(
  db: Store,
  node: { id: string; kind: 'gateway' | 'worker'; startedAt: Date; now: Date },
): Promise<void> {
  await sql`
    insert into node (id, kind, started_at, seen_at, detail)
    values (${node.id}, ${node.kind}, ${node.startedAt}, ${node.now}, '')
    on conflict (id) do update set seen_at = excluded.seen_at`.execute(db)
}

/** Takes a stopped node, and those long unseen, off the list. */
export async function forgetNodes(db: Store, id: string, before: Date): Promise<void> {
  await sql`delete from node where id = ${id} or seen_at < ${before}`.execute(db)
}
