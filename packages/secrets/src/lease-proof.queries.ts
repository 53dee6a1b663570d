import type { LeaseProofTable, LeaseTable, Store, Transaction } from '@gatehouse/database'
import { sql, type Selectable } from 'kysely'
import type { BackendName } from './secret-backend.ts'

/** A row of `lease_proof`. */
export type LeaseProofRow = Selectable<LeaseProofTable>

/** One that is to be asked about now, with what its lease says. */
export type ClaimedProof = LeaseProofRow & Pick<Selectable<LeaseTable>, 'backend' | 'expires_at' | 'workspace_id'>

/** Has leases asked about that have just been revoked; one that is asked about already stays as it is. */
export const insertProofs = async (
  tx: Transaction,
  { rows, now }: { readonly rows: readonly { readonly id: string; readonly revokedAt: Date }[]; readonly now: Date },
): Promise<void> => {
  if (rows.length === 0) return
  await tx
    .insertInto('lease_proof')
    .values(rows.map(({ id, revokedAt }) => ({ lease_id: id, state: 'waiting', revoked_at: revokedAt, due_at: now })))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Takes what is due and nobody else asks about; it is theirs until the claim is over. */
export async function claimProofs(
  tx: Transaction,
  { now, until, limit }: { readonly now: Date; readonly until: Date; readonly limit: number },
): Promise<ClaimedProof[]> {
  const { rows } = await sql<ClaimedProof>`
    with due as (select lease_id from lease_proof where due_at <= ${now} order by due_at limit ${limit}::int
        for update skip locked),
      claimed as (update lease_proof p set due_at = ${until}, attempts = p.attempts + 1, asked_at = ${now}
        from due where p.lease_id = due.lease_id returning p.*)
    select claimed.*, lease.backend, lease.expires_at, lease.workspace_id
      from claimed join lease on lease.id = claimed.lease_id`.execute(tx)
  return rows
}

/** What an answer makes of a proof; what a refusal alone has is null else. */
export type ProofChange = Pick<
  LeaseProofRow,
  'lease_id' | 'state' | 'due_at' | 'provider' | 'last_answer' | 'refused_at' | 'statement' | 'signature' | 'signed_by'
>

/**
 * Writes answers down, each unless somebody else's answer has settled it meanwhile. Answers which were written. They
 * are held in the order of their leases, so that two who write do not wait for each other.
 */
export async function settleProofs(tx: Transaction, changes: readonly ProofChange[]): Promise<Set<string>> {
  if (changes.length === 0) return new Set()
  const { rows } = await sql<{ id: string }>`
    with c as (select * from jsonb_to_recordset(${JSON.stringify(changes)}::jsonb) as c (lease_id uuid, state text,
        due_at timestamptz, provider text, last_answer text, refused_at timestamptz, statement text, signature text,
        signed_by text)),
      held as (select lease_id from lease_proof where lease_id in (select lease_id from c) and state = 'waiting'
        order by lease_id for update)
    update lease_proof p set state = c.state, due_at = c.due_at, provider = c.provider, last_answer = c.last_answer,
      refused_at = c.refused_at, statement = c.statement, signature = c.signature, signed_by = c.signed_by
    from c, held where p.lease_id = held.lease_id and c.lease_id = held.lease_id
    returning p.lease_id as id`.execute(tx)
  return new Set(rows.map(({ id }) => id))
}

/** When the next question is due; null: none. */
export const nextProofAt = async (db: Store): Promise<Date | null> =>
  (
    await db
      .selectFrom('lease_proof')
      .select('due_at')
      .where('due_at', 'is not', null)
      .orderBy('due_at')
      .limit(1)
      .executeTakeFirst()
  )?.due_at ?? null

/** What is known of one lease; null: it is asked about by nobody. */
export const readProof = async (db: Store, leaseId: string): Promise<LeaseProofRow | null> =>
  (await db.selectFrom('lease_proof').selectAll().where('lease_id', '=', leaseId).executeTakeFirst()) ?? null

/** For how long the oldest that is not known to be dead has been revoked, by backend. */
export const oldestUnproved = (db: Store): Promise<{ backend: BackendName; revoked_at: Date }[]> =>
  db
    .selectFrom('lease_proof')
    .innerJoin('lease', 'lease.id', 'lease_proof.lease_id')
    .select((eb) => ['lease.backend', eb.fn.min('lease_proof.revoked_at').as('revoked_at')])
    .where('lease_proof.due_at', 'is not', null)
    .groupBy('lease.backend')
    .execute()
