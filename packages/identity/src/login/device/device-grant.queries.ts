import type { Schema, Store, Transaction } from '@gatehouse/database'
import { sql, type Insertable, type Selectable } from 'kysely'

export type DeviceGrantRow = Selectable<Schema['device_grant']>

/** Keeps a grant. False: its user code is another's already. */
export async function insertDeviceGrant(tx: Transaction, row: Insertable<Schema['device_grant']>): Promise<boolean> {
  const added = await tx
    .insertInto('device_grant')
    .values(row)
    .onConflict((on) => on.column('user_code').doNothing())
    .returning('id')
    .executeTakeFirst()
  return added !== undefined
}

/** Who asks about a grant: only the session that looked first may go on. */
export interface GrantClaim {
  readonly userCode: string
  readonly userId: string
  readonly sessionId: string
  readonly now: Date
}

/**
 * Looks at a grant, and by that claims it for this session, if nobody has. Null: there is none that waits, or another
 * session was first.
 */
export async function claimGrant(tx: Transaction, claim: GrantClaim): Promise<DeviceGrantRow | null> {
  return (
    (await tx
      .updateTable('device_grant')
      .set({ claimed_by: claim.sessionId, user_id: claim.userId })
      .where('user_code', '=', claim.userCode)
      .where('state', '=', 'waiting')
      .where('expires_at', '>', claim.now)
      .where((eb) => eb.or([eb('claimed_by', 'is', null), eb('claimed_by', '=', claim.sessionId)]))
      // to raise a session is its own person's
      .where((eb) => eb.or([eb('raises', 'is', null), eb('user_id', '=', claim.userId)]))
      .returningAll()
      .executeTakeFirst()) ?? null
  )
}

/** Decides a grant that this session has claimed. Null: it has not, or the grant no longer waits. */
export async function decideGrant(
  tx: Transaction,
  claim: GrantClaim,
  state: 'approved' | 'denied',
): Promise<DeviceGrantRow | null> {
  return (
    (await tx
      .updateTable('device_grant')
      .set({ state, decided_at: claim.now })
      .where('user_code', '=', claim.userCode)
      .where('state', '=', 'waiting')
      .where('expires_at', '>', claim.now)
      .where('claimed_by', '=', claim.sessionId)
      .returningAll()
      .executeTakeFirst()) ?? null
  )
}

/** A grant as it stands for the session that claimed it, or for anybody whose business it is while nobody has. */
export async function selectVisibleGrant(
  db: Store,
  { userCode, sessionId, userId }: GrantClaim,
): Promise<DeviceGrantRow | null> {
  return (
    (await db
      .selectFrom('device_grant')
      .selectAll()
      .where('user_code', '=', userCode)
      .where((eb) => eb.or([eb('claimed_by', 'is', null), eb('claimed_by', '=', sessionId)]))
      .where((eb) => eb.or([eb('raises', 'is', null), eb('user_id', '=', userId)]))
      .executeTakeFirst()) ?? null
  )
}

/** A poll as it was counted: how long it should have waited, and whether it did. */
export interface NotedPoll {
  readonly grant: DeviceGrantRow
  readonly tooSoon: boolean
}

/**
 * Counts a poll before anything is answered to it, in a statement of its own: a refusal does not undo it.
 * Who comes sooner than they were told waits longer from then on (RFC 8628 §3.5), up to a bound. Null: there is no such
 * grant.
 */
export async function notePoll(
  db: Store,
  poll: { hash: Buffer; now: Date; slackMilliseconds: number; slowerBySeconds: number; intervalSecondsMax: number },
): Promise<NotedPoll | null> {
  const { hash, now, slackMilliseconds, slowerBySeconds, intervalSecondsMax } = poll
  const { rows } = await sql<DeviceGrantRow & { too_soon: boolean }>`
    with before as (
      select id, coalesce(polled_at + make_interval(secs => interval_seconds) -
        make_interval(secs => ${slackMilliseconds}::float8 / 1000) > ${now}, false) as too_soon
      from device_grant where device_code_hash = ${hash} for update)
    update device_grant g
      set polled_at = ${now},
        interval_seconds = case when b.too_soon
          then least(g.interval_seconds + ${slowerBySeconds}, ${intervalSecondsMax}) else g.interval_seconds end
    from before b where g.id = b.id returning g.*, b.too_soon`.execute(db)
  const [row] = rows
  if (row === undefined) return null
  const { too_soon, ...grant } = row
  return { grant, tooSoon: too_soon }
}

/** Spends an approved grant. False: it was spent, or is none. */
export async function spendGrant(tx: Transaction, { id, now }: { id: string; now: Date }): Promise<boolean> {
  const row = await tx
    .updateTable('device_grant')
    .set({ state: 'used' })
    .where('id', '=', id)
    .where('state', '=', 'approved')
    .where('expires_at', '>', now)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Notes which session a spent grant gave. */
export async function noteGrantSession(
  tx: Transaction,
  { id, sessionId }: { id: string; sessionId: string },
): Promise<void> {
  await tx.updateTable('device_grant').set({ session_id: sessionId }).where('id', '=', id).execute()
}

/** An approval that is worth nothing any more: whoever gave it is shut out. False: it was none. */
export async function voidGrant(tx: Transaction, id: string): Promise<boolean> {
  const row = await tx
    .updateTable('device_grant')
    .set({ state: 'denied' })
    .where('id', '=', id)
    .where('state', '=', 'approved')
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/**
 * The session that approved, held, if it still lives, its person is active, and nothing was done to them since that
 * ends what went before.
 */
export async function holdApprover(
  tx: Transaction,
  grant: Pick<DeviceGrantRow, 'claimed_by' | 'decided_at'>,
  now: Date,
): Promise<Selectable<Schema['session']> | null> {
  return (
    (await tx
      .selectFrom('session as s')
      .innerJoin('users as u', 'u.id', 's.user_id')
      .selectAll('s')
      .where('s.id', '=', grant.claimed_by)
      .where('s.revoked_at', 'is', null)
      .where('s.expires_at', '>', now)
      .where('u.status', '=', 'active')
      .where((eb) => eb.or([eb('u.cut_off', 'is', null), eb('u.cut_off', '<=', grant.decided_at)]))
      .forUpdate()
      .executeTakeFirst()) ?? null
  )
}
