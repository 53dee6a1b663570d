import type { Store } from '@gatehouse/database'
import { sql } from 'kysely'

/**
 * Each proof that is noted takes this many old ones away: the table holds what could be shown again, and little more.
 */
const forgottenAtOnce = 2

/** Notes that a proof was shown. False: it was shown before, in another request, on whichever node. */
export async function claimProof(
  db: Store,
  proof: { hash: Buffer; requestId: string; now: Date; expiresAt: Date },
): Promise<boolean> {
  const { rows } = await sql`
    with gone as (delete from dpop_proof
      where hash in (select hash from dpop_proof where expires_at < ${proof.now} limit ${forgottenAtOnce}
        for update skip locked))
    insert into dpop_proof as p (hash, request_id, expires_at)
      values (${proof.hash}, ${proof.requestId}, ${proof.expiresAt})
    on conflict (hash) do update set request_id = excluded.request_id where p.request_id = excluded.request_id
    returning hash`.execute(db)
  return rows.length === 1
}
