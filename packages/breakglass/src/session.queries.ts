import type { Schema, Store, Transaction } from '@gatehouse/database'
import { sql, type Insertable, type Selectable } from 'kysely'

export type SessionRow = Selectable<Schema['emergency_session']>

/** Adds a session; of one request there is only ever one, and of one person one alive, by the database itself. */
export async function insertSession(
  tx: Transaction,
  row: Insertable<Schema['emergency_session']>,
): Promise<SessionRow | null> {
  return (
    (await tx
      .insertInto('emergency_session')
      .values(row)
      .onConflict((on) => on.doNothing())
      .returningAll()
      .executeTakeFirst()) ?? null
  )
}

export async function findSession(db: Store, id: string): Promise<SessionRow | null> {
  return (await db.selectFrom('emergency_session').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}

/** Sessions of some requests. */
export const selectSessionsOf = (db: Store, requestIds: readonly string[]): Promise<SessionRow[]> =>
  requestIds.length === 0
    ? Promise.resolve([])
    : db
        .selectFrom('emergency_session')
        .selectAll()
        .where('request_id', 'in', [...requestIds])
        .execute()

/** Holds the row until the transaction ends; null: no such session. */
export async function holdSession(tx: Transaction, id: string): Promise<SessionRow | null> {
  return (
    (await tx.selectFrom('emergency_session').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()) ?? null
  )
}

/** Holds the session of a person that has not ended; null: none. */
export async function holdAliveOf(tx: Transaction, userId: string): Promise<SessionRow | null> {
  return (
    (await tx
      .selectFrom('emergency_session')
      .selectAll()
      .where('user_id', '=', userId)
      .where('ended_by', 'is', null)
      .forUpdate()
      .executeTakeFirst()) ?? null
  )
}

/**
 * Holds a session shared, so that it does not end before the transaction does, and answers its request. Null: it has
 * ended.
 */
export async function holdAlive(tx: Transaction, id: string): Promise<string | null> {
  const row = await tx
    .selectFrom('emergency_session')
    .select('request_id')
    .where('id', '=', id)
    .where('ended_by', 'is', null)
    .forShare()
    .executeTakeFirst()
  return row?.request_id ?? null
}

/** Sessions that have not ended; at most `limit`. */
export const selectAlive = (db: Store, limit: number): Promise<SessionRow[]> =>
  db
    .selectFrom('emergency_session')
    .selectAll()
    .where('ended_by', 'is', null)
    .orderBy('activated_at')
    .limit(limit)
    .execute()

/** Sessions, newest first. */
export const selectSessions = (
  db: Store,
  page: {
    readonly first: number
    readonly after: { readonly at: Date; readonly id: string } | null
    readonly state: 'active' | 'ended' | null
    readonly unreviewed: boolean
  },
): Promise<SessionRow[]> =>
  db
    .selectFrom('emergency_session')
    .selectAll()
    .$if(page.state === 'active', (query) => query.where('ended_by', 'is', null))
    .$if(page.state === 'ended' || page.unreviewed, (query) => query.where('ended_by', 'is not', null))
    .$if(page.unreviewed, (query) => query.where('reviewed_at', 'is', null))
    .$if(page.after !== null, (query) =>
      query.where(sql<boolean>`(activated_at, id) < (${page.after?.at}, ${page.after?.id}::uuid)`),
    )
    .orderBy('activated_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.first + 1)
    .execute()

/** What a look or a use changes of a session that has not ended. */
export type SessionLook = Pick<
  SessionRow,
  'id' | 'passed_ms' | 'idle_ms' | 'seen_at' | 'boot_id' | 'steady_ms' | 'warned'
>

/**
 * Writes what a look has found, unless another has looked since: time counts once. Nothing is lost where it has: its
 * look counted the same time.
 */
export async function noteLook(db: Store, { id, ...look }: SessionLook, seenBefore: Date): Promise<void> {
  await db
    .updateTable('emergency_session')
    .set(look)
    .where('id', '=', id)
    .where('ended_by', 'is', null)
    .where('seen_at', '=', seenBefore)
    .execute()
}

/** How a session ended. */
export type SessionEnding = SessionLook & Pick<SessionRow, 'ended_by' | 'ended_at' | 'ender_id' | 'end_reason'>

/** Ends a session. One statement, so of many at once one ends it. Null: it has ended. */
export async function endSession(tx: Transaction, { id, ...ending }: SessionEnding): Promise<SessionRow | null> {
  return (
    (await tx
      .updateTable('emergency_session')
      .set(ending)
      .where('id', '=', id)
      .where('ended_by', 'is', null)
      .returningAll()
      .executeTakeFirst()) ?? null
  )
}

/** Writes what a review says, once. Null: it was reviewed, or lives. */
export async function reviewSession(
  tx: Transaction,
  { id, ...review }: Pick<SessionRow, 'id' | 'reviewed_at' | 'reviewer_id' | 'review'>,
): Promise<SessionRow | null> {
  return (
    (await tx
      .updateTable('emergency_session')
      .set(review)
      .where('id', '=', id)
      .where('ended_by', 'is not', null)
      .where('reviewed_at', 'is', null)
      .returningAll()
      .executeTakeFirst()) ?? null
  )
}

/**
 * Sessions that ended before a moment and that nobody has reviewed; of one person, or one alone, or all. `toldBefore`:
 * those of which nobody was told since, so that the first of many take no turn from the rest.
 */
export const selectUnreviewed = (
  db: Store,
  {
    endedBefore,
    toldBefore,
    userId,
    sessionId,
  }: {
    readonly endedBefore: Date
    readonly toldBefore: Date | null
    readonly userId: string | null
    readonly sessionId: string | null
  },
): Promise<SessionRow[]> =>
  db
    .selectFrom('emergency_session')
    .selectAll()
    .where('ended_at', '<=', endedBefore)
    .where('reviewed_at', 'is', null)
    .$if(toldBefore !== null, (query) =>
      query.where((eb) => eb.or([eb('overdue_told_at', 'is', null), eb('overdue_told_at', '<=', toldBefore)])),
    )
    .$if(userId !== null, (query) => query.where('user_id', '=', userId ?? ''))
    .$if(sessionId !== null, (query) => query.where('id', '=', sessionId ?? ''))
    .orderBy('ended_at')
    .limit(unreviewedMax)
    .execute()

/** Notes that people are told now that nobody has reviewed a session, once in a day. False: they were, or it is. */
export async function noteOverdue(
  tx: Transaction,
  { id, now, toldBefore }: { readonly id: string; readonly now: Date; readonly toldBefore: Date },
): Promise<boolean> {
  const row = await tx
    .updateTable('emergency_session')
    .set({ overdue_told_at: now })
    .where('id', '=', id)
    .where('reviewed_at', 'is', null)
    .where((eb) => eb.or([eb('overdue_told_at', 'is', null), eb('overdue_told_at', '<=', toldBefore)]))
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Sessions that live, or have not been reviewed; the newest first. */
export const selectLivingSessionIds = async (db: Store, limit: number): Promise<string[]> =>
  (
    await db
      .selectFrom('emergency_session')
      .select('id')
      .where('reviewed_at', 'is', null)
      .orderBy('activated_at', 'desc')
      .limit(limit)
      .execute()
  ).map(({ id }) => id)

/** More than this are for the next look. */
const unreviewedMax = 50

/** How many sessions somebody has begun since a moment. */
export async function countSince(
  tx: Transaction,
  { userId, since }: { readonly userId: string; readonly since: Date },
): Promise<number> {
  const row = await tx
    .selectFrom('emergency_session')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('user_id', '=', userId)
    .where('activated_at', '>', since)
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

/** How many sessions live, and how many wait for a review; what has been reviewed lives no more. */
export async function countSessions(db: Store): Promise<{ readonly active: number; readonly unreviewed: number }> {
  const { rows } = await sql<{ active: number; unreviewed: number }>`
    select count(*) filter (where ended_by is null)::int as active,
      count(*) filter (where ended_by is not null)::int as unreviewed
    from emergency_session where reviewed_at is null`.execute(db)
  return rows[0] ?? { active: 0, unreviewed: 0 }
}

/** A session as decisions see it; null: no such session. */
export async function selectSessionVersion(
  db: Store,
  id: string,
): Promise<
  (Pick<SessionRow, 'id' | 'request_id' | 'user_id' | 'workspace_id' | 'approver_ids'> & { version: string }) | null
> {
  return (
    (await db
      .selectFrom('emergency_session')
      .select(['id', 'request_id', 'user_id', 'workspace_id', 'approver_ids', sql<string>`xmin::text`.as('version')])
      .where('id', '=', id)
      .executeTakeFirst()) ?? null
  )
}
