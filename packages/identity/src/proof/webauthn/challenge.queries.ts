import type { Schema, Store, Transaction } from '@gatehouse/database'
import { sql, type Selectable } from 'kysely'

export type ChallengeRow = Selectable<Schema['webauthn_challenge']>
export type CeremonyPurpose = ChallengeRow['purpose']

/** Expired rows that one new row takes with it: more than one, so a flood's leavings are gone as fast as they came. */
const expiredTakenMax = 20

/**
 * Keeps what somebody is to sign. Of those with the same binding the oldest beyond `openMax` go, and some that have
 * expired.
 */
export async function insertChallenge(
  tx: Transaction,
  row: Omit<ChallengeRow, 'used_at'>,
  openMax: number,
): Promise<void> {
  // skipping what another call is at: two of these must never wait for each other. Rows that stay are not locked, hence
  // the inner select
  await sql`
    delete from webauthn_challenge where id in (
      select id from webauthn_challenge where id in (
        select id from webauthn_challenge where purpose = ${row.purpose} and bound_to = ${row.bound_to}
          order by created_at desc offset ${openMax - 1}) for update skip locked)`.execute(tx)
  await sql`
    delete from webauthn_challenge where id in (
      select id from webauthn_challenge where expires_at < ${row.created_at} order by expires_at
        limit ${expiredTakenMax} for update skip locked)`.execute(tx)
  await tx
    .insertInto('webauthn_challenge')
    .values({ ...row, used_at: null })
    .execute()
}

/** True when as many challenges as `max` wait, whoever asked for them. Counts no further. */
export async function areChallengesFull(db: Store, { now, max }: { now: Date; max: number }): Promise<boolean> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count
      from (select from webauthn_challenge where expires_at > ${now} limit ${max}) waiting`.execute(db)
  return (rows[0]?.count ?? 0) >= max
}

/**
 * Spends a challenge. One statement, so of many answers to it one is looked at. Null: it is of another purpose or
 * binding, was spent, has expired or never was.
 */
export async function claimChallenge(
  db: Store,
  claim: { id: string; purpose: CeremonyPurpose; boundTo: string | null; now: Date },
): Promise<ChallengeRow | null> {
  return (
    (await db
      .updateTable('webauthn_challenge')
      .set({ used_at: claim.now })
      .where('id', '=', claim.id)
      .where('purpose', '=', claim.purpose)
      .where('used_at', 'is', null)
      .where('expires_at', '>', claim.now)
      .$if(claim.boundTo !== null, (query) => query.where('bound_to', '=', claim.boundTo ?? ''))
      .returningAll()
      .executeTakeFirst()) ?? null
  )
}
