import { erasedText, type Schema, type Store, type Transaction } from '@gatehouse/database'
import { sql, type Insertable, type Selectable } from 'kysely'
import type { RequestState } from './transitions.ts'

export type RequestRow = Selectable<Schema['break_glass_request']>
export type VoteRow = Selectable<Schema['break_glass_vote']>

/** States in which a clock runs. */
export const openStates = ['pending', 'approved'] as const satisfies RequestState[]

/** Whether a clock of a request runs. */
export const isOpen = ({ state }: Pick<RequestRow, 'state'>): boolean => openStates.some((open) => open === state)

/** Adds a request with its first version. */
export async function insertRequest(
  tx: Transaction,
  row: Insertable<Schema['break_glass_request']>,
): Promise<RequestRow> {
  const added = await tx.insertInto('break_glass_request').values(row).returningAll().executeTakeFirstOrThrow()
  await insertVersion(tx, added)
  return added
}

/** Keeps a version for ever. */
export const insertVersion = async (
  tx: Transaction,
  { id, version, hash, document, seen_at }: Pick<RequestRow, 'id' | 'version' | 'hash' | 'document' | 'seen_at'>,
): Promise<void> =>
  void (await tx
    .insertInto('break_glass_version')
    .values({ request_id: id, version, hash, document, made_at: seen_at })
    .execute())

/** Every version of a request, the first first. */
export const selectVersions = (db: Store, requestId: string) =>
  db
    .selectFrom('break_glass_version')
    .select(['version', 'hash', 'document', 'made_at'])
    .where('request_id', '=', requestId)
    .orderBy('version')
    .execute()

export async function findRequest(db: Store, id: string): Promise<RequestRow | null> {
  return (await db.selectFrom('break_glass_request').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}

/** A request by its own id or its session's, as what can be locked; null: there is none. */
export async function findLockable(
  db: Store,
  id: string,
): Promise<{ readonly id: string; readonly name: string; readonly ownerId: string } | null> {
  const row = await db
    .selectFrom('break_glass_request as r')
    .select(['r.id', 'r.incident as name', 'r.requester_id as ownerId'])
    .where((eb) =>
      eb.or([
        eb('r.id', '=', id),
        eb.exists(eb.selectFrom('emergency_session as s').whereRef('s.request_id', '=', 'r.id').where('s.id', '=', id)),
      ]),
    )
    .executeTakeFirst()
  return row ?? null
}

/** Some requests. */
export const selectRequestsById = (db: Store, ids: readonly string[]): Promise<RequestRow[]> =>
  ids.length === 0
    ? Promise.resolve([])
    : db
        .selectFrom('break_glass_request')
        .selectAll()
        .where('id', 'in', [...ids])
        .execute()

/** Holds the row until the transaction ends; null: no such request. */
export async function holdRequest(tx: Transaction, id: string): Promise<RequestRow | null> {
  return (
    (await tx.selectFrom('break_glass_request').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()) ?? null
  )
}

/** Requests, newest first. */
export const selectRequests = (
  db: Store,
  page: {
    readonly first: number
    readonly after: { readonly at: Date; readonly id: string } | null
    readonly state: RequestState | null
    readonly requesterId: string | null
    readonly drill: boolean
  },
): Promise<RequestRow[]> =>
  db
    .selectFrom('break_glass_request')
    .selectAll()
    .where('drill', '=', page.drill)
    .$if(page.state !== null, (query) => query.where('state', '=', page.state ?? 'pending'))
    .$if(page.requesterId !== null, (query) => query.where('requester_id', '=', page.requesterId ?? ''))
    .$if(page.after !== null, (query) =>
      query.where(sql<boolean>`(created_at, id) < (${page.after?.at}, ${page.after?.id}::uuid)`),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.first + 1)
    .execute()

/** Requests whose clocks run; at most `limit`. */
export const selectOpenRequests = (db: Store, limit: number): Promise<RequestRow[]> =>
  db
    .selectFrom('break_glass_request')
    .selectAll()
    .where('state', 'in', [...openStates])
    .orderBy('created_at')
    .limit(limit)
    .execute()

/** Requests that are not over, the newest first. */
export const selectLivingRequestIds = async (db: Store, limit: number): Promise<string[]> =>
  (
    await db
      .selectFrom('break_glass_request')
      .select('id')
      .where('state', 'in', [...openStates, 'active'])
      .orderBy('created_at', 'desc')
      .limit(limit)
      .execute()
  ).map(({ id }) => id)

/**
 * How many requests, or how many drills, somebody has open. Of many who ask at once each is counted by the next (threat
 * D5).
 */
export async function countOpenOf(
  tx: Transaction,
  { requesterId, drill }: { readonly requesterId: string; readonly drill: boolean },
): Promise<number> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`break-glass:${requesterId}`}, 0))`.execute(tx)
  const row = await tx
    .selectFrom('break_glass_request')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('requester_id', '=', requesterId)
    .where('drill', '=', drill)
    .where('state', 'in', [...openStates])
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

/** What a step changes of a request. */
export type RequestChange = Pick<RequestRow, 'id' | 'state' | 'passed_ms' | 'open_ms' | 'seen_at'> &
  Pick<RequestRow, 'boot_id' | 'steady_ms'> &
  Partial<Pick<RequestRow, 'closed_reason' | 'approved_at' | 'finished_at'>>

/**
 * Moves a request from a state that it is still in. One statement, so of many at once one moves it (threat D1). Null:
 * it is in another state, or another version than was counted; or it is a drill, which nothing makes active.
 */
export async function moveRequest(
  tx: Transaction,
  { id, ...change }: RequestChange,
  from: Pick<RequestRow, 'state' | 'version'>,
): Promise<RequestRow | null> {
  return (
    (await tx
      .updateTable('break_glass_request')
      .set(change)
      .where('id', '=', id)
      .where('state', '=', from.state)
      .where('version', '=', from.version)
      .$if(change.state === 'active', (query) => query.where('drill', '=', false))
      .returningAll()
      .executeTakeFirst()) ?? null
  )
}

/** What a new version says. */
export type NewVersion = Pick<
  RequestRow,
  | 'version'
  | 'hash'
  | 'document'
  | 'incident'
  | 'incident_id'
  | 'severity'
  | 'justification'
  | 'actions'
  | 'duration_seconds'
>

/** Makes a new version of a held request. */
export async function rewriteRequest(
  tx: Transaction,
  { id, ...change }: RequestChange & NewVersion,
): Promise<RequestRow> {
  const row = await tx
    .updateTable('break_glass_request')
    .set({ ...change, approved_at: null })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
  await insertVersion(tx, row)
  return row
}

/** Votes on some requests, in the order in which they were written. */
export const selectVotes = (db: Store, requestIds: readonly string[]): Promise<VoteRow[]> =>
  requestIds.length === 0
    ? Promise.resolve([])
    : db
        .selectFrom('break_glass_vote')
        .selectAll()
        .where('request_id', 'in', [...requestIds])
        .orderBy('place')
        .execute()

/** Who has said yes to a request as it stands, whether or not they were needed, or counted. */
export const selectApprovers = async (db: Store, requestId: string): Promise<string[]> =>
  (
    await db
      .selectFrom('break_glass_vote as v')
      .innerJoin('break_glass_request as r', (join) =>
        join.onRef('r.id', '=', 'v.request_id').onRef('r.hash', '=', 'v.hash'),
      )
      .select('v.voter_id')
      .where('v.request_id', '=', requestId)
      .where('v.says', '=', 'approve')
      .execute()
  ).map(({ voter_id }) => voter_id)

/**
 * How often somebody has taken a request back or changed one since a moment. Each of them was told to everybody who
 * can vote, and to every channel.
 */
export async function countTakenBack(
  tx: Transaction,
  { requesterId, since }: { readonly requesterId: string; readonly since: Date },
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select ((select count(*) from break_glass_request
        where requester_id = ${requesterId}::uuid and state = 'cancelled' and created_at > ${since})
      + (select count(*) from break_glass_version v join break_glass_request r on r.id = v.request_id
        where r.requester_id = ${requesterId}::uuid and r.created_at > ${since} and v.version > 1))::int as count
  `.execute(tx)
  return rows[0]?.count ?? 0
}

/** Writes a vote. False: this person has said the same to this version before. */
export async function insertVote(tx: Transaction, vote: Insertable<Schema['break_glass_vote']>): Promise<boolean> {
  const row = await tx
    .insertInto('break_glass_vote')
    .values(vote)
    .onConflict((on) => on.columns(['request_id', 'hash', 'voter_id', 'says']).doNothing())
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** A request as decisions see it; null: no such request. */
export async function selectRequestVersion(
  db: Store,
  id: string,
): Promise<{ id: string; requester_id: string; workspace_id: string; version: string } | null> {
  return (
    (await db
      .selectFrom('break_glass_request')
      .select(['id', 'requester_id', 'workspace_id', sql<string>`xmin::text`.as('version')])
      .where('id', '=', id)
      .executeTakeFirst()) ?? null
  )
}

/** Figures of the requests since a moment. */
export async function selectRequestStats(db: Store, since: Date) {
  const { rows } = await sql<{
    requests: number
    denied: number
    lapsed: number
    drills: number
    activations: number
    median: number | null
  }>`
    select count(*) filter (where not r.drill)::int as requests,
      count(*) filter (where r.state = 'denied' and not r.drill)::int as denied,
      count(*) filter (where r.state = 'lapsed' and not r.drill)::int as lapsed,
      count(*) filter (where r.drill)::int as drills,
      count(s.id)::int as activations,
      percentile_cont(0.5) within group (order by extract(epoch from s.activated_at - r.created_at))::float8 as median
    from break_glass_request r left join emergency_session s on s.request_id = r.id
    where r.created_at >= ${since}`.execute(db)
  return rows[0] ?? { requests: 0, denied: 0, lapsed: 0, drills: 0, activations: 0, median: null }
}

/** Takes from where somebody asked out of the rows; what they asked for stays (ADR 058). */
export const forgetOrigin = async (tx: Transaction, personId: string): Promise<void> =>
  void (await tx
    .updateTable('break_glass_request')
    .set({ address: erasedText, user_agent: erasedText })
    .where('requester_id', '=', personId)
    .execute())
