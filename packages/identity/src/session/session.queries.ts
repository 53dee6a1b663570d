import type { Role } from '@gatehouse/contract'
import type { Schema, Store, Transaction } from '@gatehouse/database'
import { sql, type Insertable, type Selectable } from 'kysely'

export type SessionRow = Selectable<Schema['session']>

export async function insertSession(tx: Transaction, row: Insertable<Schema['session']>): Promise<void> {
  await tx.insertInto('session').values(row).execute()
}

/**
 * From where and with what a person has logged in lately, live sessions and ended ones; and since when there is this
 * person.
 */
export async function selectPlaces(
  db: Store,
  { userId, first }: { userId: string; first: number },
): Promise<{ places: { address: string; user_agent: string }[]; since: Date | null }> {
  const places = await db
    .selectFrom('session')
    .select(['address', 'user_agent'])
    .where('user_id', '=', userId)
    .orderBy('created_at', 'desc')
    .limit(first)
    .execute()
  const person = await db.selectFrom('users').select('created_at').where('id', '=', userId).executeTakeFirst()
  return { places, since: person?.created_at ?? null }
}

/** Adds the family's next refresh token. */
export async function insertRefreshToken(
  tx: Transaction,
  row: { id: string; sessionId: string; hash: Buffer; issuedAt: Date; expiresAt: Date },
): Promise<void> {
  await tx
    .insertInto('refresh_token')
    .values({
      id: row.id,
      session_id: row.sessionId,
      hash: row.hash,
      issued_at: row.issuedAt,
      expires_at: row.expiresAt,
      used_at: null,
      seq: sql<number>`(select coalesce(max(f.seq), 0) + 1 from refresh_token f where f.session_id = ${row.sessionId})`,
    })
    .execute()
}

/** `workspace`: the default one, where a team of the person's sees it. */
export interface Grants {
  readonly roles: Role[]
  readonly teams: string[]
  readonly workspace: string | null
}

/** What a user is, as far as their tokens say. */
export async function selectGrants(db: Store, userId: string): Promise<Grants> {
  const { rows } = await sql<Grants>`
    select array(select r.role::text from user_role r where r.user_id = ${userId}) as roles,
      array(select m.team_id::text from team_member m where m.user_id = ${userId}) as teams,
      (select w.id from workspace w where w.id = 'default' and w.archived_at is null
        and exists (select from workspace_team t join team_member m on m.team_id = t.team_id
          where t.workspace_id = w.id and m.user_id = ${userId})) as workspace`.execute(db)
  return rows[0] ?? { roles: [], teams: [], workspace: null }
}

export interface RefreshRow {
  readonly id: string
  readonly issued_at: Date
  readonly used_at: Date | null
  readonly session: Pick<
    SessionRow,
    'id' | 'user_id' | 'assurance' | 'methods' | 'auth_time' | 'last_used_at' | 'expires_at' | 'key_thumbprint'
  >
  readonly roles: Role[]
}

/**
 * A refresh token whose family could still be alive; null: unknown, expired, or of a session that was ended. Limits of
 * roles are for the caller to look at. Plain read, no lock.
 */
export async function selectRefresh(db: Store, { hash, now }: { hash: Buffer; now: Date }): Promise<RefreshRow | null> {
  const row = await db
    .selectFrom('refresh_token as r')
    .innerJoin('session as s', 's.id', 'r.session_id')
    .innerJoin('users as u', 'u.id', 's.user_id')
    .select([
      'r.id as refresh_id',
      'r.issued_at',
      'r.used_at',
      's.id',
      's.user_id',
      's.assurance',
      's.methods',
      's.auth_time',
      's.last_used_at',
      's.expires_at',
      's.key_thumbprint',
      rolesOf,
    ])
    .where('r.hash', '=', hash)
    .where('r.expires_at', '>', now)
    .where('s.revoked_at', 'is', null)
    .where('s.expires_at', '>', now)
    .where('u.status', '=', 'active')
    .where(sql<boolean>`not exists (select from locked_principal l where l.id = u.id)`)
    .where((eb) => eb.or([eb('u.cut_off', 'is', null), eb('r.issued_at', '>=', eb.ref('u.cut_off'))]))
    .executeTakeFirst()
  if (row === undefined) return null
  const { refresh_id, issued_at, used_at, roles, ...session } = row
  return { id: refresh_id, issued_at, used_at, session, roles }
}

const rolesOf = sql<Role[]>`array(select o.role::text from user_role o where o.user_id = s.user_id)`.as('roles')

/** Spends a refresh token. False: somebody has. */
export async function claimRefresh(tx: Transaction, { id, now }: { id: string; now: Date }): Promise<boolean> {
  const row = await tx
    .updateTable('refresh_token')
    .set({ used_at: now })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** What a spent token was exchanged for. */
export interface Successor {
  readonly refreshId: string
  readonly accessId: string
}

/** Notes what a token was exchanged for by the key that it is bound to: it may be asked for once more. */
export async function noteSuccessor(
  tx: Transaction,
  { id, refreshId, accessId, requestId }: Successor & { id: string; requestId: string },
): Promise<void> {
  await tx
    .updateTable('refresh_token')
    .set({ successor_id: refreshId, successor_access_id: accessId, exchanged_in: requestId })
    .where('id', '=', id)
    .execute()
}

/**
 * Claims the one repetition of an exchange that was made after `usedAfter`, and kills what it had given: null when
 * there is none to claim, or when its refresh token has been used.
 */
export async function claimRepetition(
  tx: Transaction,
  { id, now, usedAfter, requestId }: { id: string; now: Date; usedAfter: Date; requestId: string },
): Promise<Successor | null> {
  const spent = await tx
    .updateTable('refresh_token')
    .set({ repeated_at: now })
    .where('id', '=', id)
    .where('used_at', '>', usedAfter)
    .where('repeated_at', 'is', null)
    .where('successor_id', 'is not', null)
    // the calls of one batch share one proof, and the second try needs a new one
    .where('exchanged_in', '!=', requestId)
    .returning(['successor_id', 'successor_access_id'])
    .executeTakeFirst()
  const [refreshId, accessId] = [spent?.successor_id ?? null, spent?.successor_access_id ?? null]
  if (refreshId === null || accessId === null) return null
  return (await claimRefresh(tx, { id: refreshId, now })) ? { refreshId, accessId } : null
}

/** Holds a live session's row: a revocation comes wholly before or wholly after. False: it has ended. */
export async function holdLiveSession(tx: Transaction, { id, now }: { id: string; now: Date }): Promise<boolean> {
  const row = await tx
    .selectFrom('session')
    .select('id')
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .forUpdate()
    .executeTakeFirst()
  return row !== undefined
}

/** Notes that somebody is at work in a session. */
export async function noteUse(tx: Transaction, { id, now }: { id: string; now: Date }): Promise<void> {
  await tx.updateTable('session').set({ last_used_at: now }).where('id', '=', id).execute()
}

/** The key that a session's tokens are bound to; null: to none. */
export async function selectKeyThumbprint(tx: Transaction, id: string): Promise<string | null> {
  return (
    (await tx.selectFrom('session').select('key_thumbprint').where('id', '=', id).executeTakeFirst())?.key_thumbprint ??
    null
  )
}

/** Binds a session that is bound to no key. False: it is. */
export async function bindSession(
  tx: Transaction,
  { id, thumbprint }: { id: string; thumbprint: string },
): Promise<boolean> {
  const row = await tx
    .updateTable('session')
    .set({ key_thumbprint: thumbprint })
    .where('id', '=', id)
    .where('key_thumbprint', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Spends what is left of a session's family: its next token comes from elsewhere. */
export async function spendFamily(
  tx: Transaction,
  { sessionId, now }: { sessionId: string; now: Date },
): Promise<void> {
  await tx
    .updateTable('refresh_token')
    .set({ used_at: now })
    .where('session_id', '=', sessionId)
    .where('used_at', 'is', null)
    .execute()
}

/** Ends one session. False: it had ended. */
export async function revokeSession(tx: Transaction, end: { id: string; now: Date; reason: string }): Promise<boolean> {
  const row = await tx
    .updateTable('session')
    .set({ revoked_at: end.now, revoke_reason: end.reason })
    .where('id', '=', end.id)
    .where('revoked_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Ends a user's sessions, all, or all but one, or all but one that have proved one factor only. Answers how many. */
export async function revokeSessionsOf(
  tx: Transaction,
  end: { userId: string; except: string | null; onlyPassword?: true; now: Date; reason: string },
): Promise<number> {
  const ended = await tx
    .updateTable('session')
    .set({ revoked_at: end.now, revoke_reason: end.reason })
    .where('user_id', '=', end.userId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', end.now)
    .$if(end.except !== null, (query) => query.where('id', '!=', end.except ?? ''))
    .$if(end.onlyPassword === true, (query) => query.where('assurance', '=', 'pw'))
    .returning('id')
    .execute()
  return ended.length
}

/** Kills one access token on every node until it would have expired. */
export async function revokeToken(
  tx: Transaction,
  token: { jti: string; expiresAt: Date; reason: string },
): Promise<void> {
  await tx
    .insertInto('revoked_token')
    .values({ jti: token.jti, expires_at: token.expiresAt, reason: token.reason })
    .onConflict((on) => on.doNothing())
    .execute()
}

/** Raises a live session: a second factor was proved in it now. False: it has ended. */
export async function proveSession(
  tx: Transaction,
  proof: { id: string; method: string; now: Date },
): Promise<boolean> {
  const row = await tx
    .updateTable('session')
    // who has proved a factor needs no other way in
    .set({
      assurance: 'mfa',
      proved_at: proof.now,
      recovery_until: null,
      methods: sql<
        string[]
      >`case when ${proof.method} = any (methods) then methods else methods || ${proof.method}::text end`,
    })
    .where('id', '=', proof.id)
    .where('revoked_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Raises another live session of a person by a factor that was proved in one of theirs. Never makes it less fresh.
 * False: it has ended, or is somebody else's.
 */
export async function raiseElsewhere(
  tx: Transaction,
  proof: { id: string; userId: string; provedAt: Date; now: Date },
): Promise<boolean> {
  const row = await tx
    .updateTable('session')
    .set((eb) => ({
      assurance: 'mfa',
      proved_at: eb.fn<Date>('greatest', ['proved_at', eb.val(proof.provedAt)]),
      recovery_until: null,
    }))
    .where('id', '=', proof.id)
    .where('user_id', '=', proof.userId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', proof.now)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Uses up a recovery session's right to add an authenticator. It is not raised by that: the backup code stays what it
 * was opened by, and the time that is over by now says so until a factor is proved in it. False: used or over.
 */
export async function spendRecovery(
  tx: Transaction,
  { id, method, now }: { id: string; method: string; now: Date },
): Promise<boolean> {
  const row = await tx
    .updateTable('session')
    .set({
      recovery_until: now,
      methods: sql<string[]>`case when ${method} = any (methods) then methods else methods || ${method}::text end`,
    })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .where('recovery_until', '>', now)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** A user's live sessions, newest first: used since `idleSince`, of a proof since `provedSince`. */
export function selectLiveSessions(
  db: Store,
  page: {
    userId: string
    now: Date
    idleSince: Date
    provedSince: Date
    first: number
    after: { at: Date; id: string } | null
  },
): Promise<SessionRow[]> {
  return db
    .selectFrom('session')
    .selectAll()
    .where('user_id', '=', page.userId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', page.now)
    .where('last_used_at', '>', page.idleSince)
    .where('auth_time', '>', page.provedSince)
    .$if(page.after !== null, (query) =>
      query.where(sql<boolean>`(created_at, id) < (${page.after?.at}, ${page.after?.id}::uuid)`),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.first + 1)
    .execute()
}
