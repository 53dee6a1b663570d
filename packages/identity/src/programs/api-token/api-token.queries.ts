import type { Output, Position } from '@gatehouse/contract'
import { byName, byTime, goesOn, holdsText, inOrder, type Store, type Transaction } from '@gatehouse/database'
import { sql } from 'kysely'

export type ApiTokenState = Output<'apiToken.get'>['state']

/** A token as lists and gets show it. */
export interface ApiTokenRow {
  readonly id: string
  readonly name: string
  readonly user_id: string | null
  readonly account_id: string | null
  readonly owner_name: string
  readonly purpose: string
  readonly hint: string
  readonly scopes: string[]
  readonly source_addresses: string[]
  readonly key_thumbprint: string | null
  readonly created_at: Date
  readonly expires_at: Date
  readonly last_used_at: Date | null
  readonly last_used_address: string | null
  readonly revoked_at: Date | null
  readonly revoke_reason: string | null
}

const tokenColumns = sql`
  k.id, k.name, k.user_id, k.account_id, coalesce(u.username, a.name) as owner_name, k.purpose, k.hint, k.scopes,
    k.source_addresses, k.key_thumbprint,
  k.created_at, k.expires_at, k.last_used_at, k.last_used_address, k.revoked_at, k.revoke_reason`
const tokenTables = sql`api_token k left join users u on u.id = k.user_id
  left join service_account a on a.id = k.account_id`

export async function selectToken(db: Store, id: string): Promise<ApiTokenRow | null> {
  const { rows } = await sql<ApiTokenRow>`select ${tokenColumns} from ${tokenTables} where k.id = ${id}`.execute(db)
  return rows[0] ?? null
}

const tokenOrders = {
  newest: byTime('k.created_at', 'desc'),
  oldest: byTime('k.created_at', 'asc'),
  expiry: byTime('k.expires_at', 'asc'),
  name: byName('k.name'),
} as const

/** Tokens of one owner, in order. */
export async function selectTokens(
  db: Store,
  page: {
    owner: { userId: string } | { accountId: string }
    state: ApiTokenState | null
    now: Date
    first: number
    after: Position | null
    sort: keyof typeof tokenOrders
    search: string | undefined
  },
): Promise<ApiTokenRow[]> {
  const owned =
    'userId' in page.owner ? sql`k.user_id = ${page.owner.userId}` : sql`k.account_id = ${page.owner.accountId}`
  const keyset = { order: tokenOrders[page.sort], id: 'k.id', after: page.after }
  const { rows } = await sql<ApiTokenRow>`
    select ${tokenColumns} from ${tokenTables}
    where ${owned}
      and (${page.state}::text is null
        or ${page.state}::text = case when k.revoked_at is not null then 'revoked' when k.expires_at <= ${page.now}
          then 'expired' else 'active' end)
      and ${holdsText(['k.name', 'k.purpose', 'k.hint'], page.search)}
      and ${goesOn(keyset)}
    order by ${inOrder(keyset)} limit ${page.first + 1}`.execute(db)
  return rows
}

export interface InsertedToken {
  readonly id: string
  readonly name: string
  readonly userId: string | null
  readonly accountId: string | null
  readonly hash: Buffer
  readonly hint: string
  readonly purpose: string
  readonly scopes: readonly string[]
  readonly sourceAddresses: readonly string[]
  readonly keyThumbprint: string | null
  readonly createdBy: string
  readonly now: Date
  readonly expiresAt: Date
}

export async function insertToken(tx: Transaction, token: InsertedToken): Promise<void> {
  await tx
    .insertInto('api_token')
    .values({
      id: token.id,
      name: token.name,
      user_id: token.userId,
      account_id: token.accountId,
      hash: token.hash,
      hint: token.hint,
      purpose: token.purpose,
      scopes: [...token.scopes],
      source_addresses: [...token.sourceAddresses],
      key_thumbprint: token.keyThumbprint,
      created_by: token.createdBy,
      created_at: token.now,
      expires_at: token.expiresAt,
      last_used_at: null,
      last_used_address: null,
      revoked_at: null,
      revoke_reason: null,
      reminded_at: null,
    })
    .execute()
}

/** How many tokens of an owner are good at `now`. */
export async function countLiveTokens(
  tx: Transaction,
  { userId, accountId, now }: { userId: string | null; accountId: string | null; now: Date },
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from api_token where (user_id = ${userId}::uuid or account_id = ${accountId}::uuid)
      and revoked_at is null and expires_at > ${now}`.execute(tx)
  return rows[0]?.count ?? 0
}

/** Ends one token. False: it had ended. */
export async function revokeApiToken(
  tx: Transaction,
  end: { id: string; now: Date; reason: string },
): Promise<boolean> {
  const row = await tx
    .updateTable('api_token')
    .set({ revoked_at: end.now, revoke_reason: end.reason })
    .where('id', '=', end.id)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', end.now)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Ends every token of a person, or of a program. Answers how many. */
export async function revokeApiTokensOf(
  tx: Transaction,
  end: { userId: string; now: Date; reason: string } | { accountId: string; now: Date; reason: string },
): Promise<number> {
  const ended = await tx
    .updateTable('api_token')
    .set({ revoked_at: end.now, revoke_reason: end.reason })
    .where('userId' in end ? 'user_id' : 'account_id', '=', 'userId' in end ? end.userId : end.accountId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', end.now)
    .returning('id')
    .execute()
  return ended.length
}

export interface ExpiringToken {
  readonly id: string
  readonly name: string
  readonly hint: string
  readonly expires_at: Date
  /** Who is told: the owner, or who made a program's token. */
  readonly told: string
}

/**
 * Claims tokens that expire before `until` and whose owner has not been told; what lives shorter than that notice from
 * the beginning is left out.
 */
export async function claimExpiring(
  tx: Transaction,
  { now, until, noticeSeconds, max }: { now: Date; until: Date; noticeSeconds: number; max: number },
): Promise<ExpiringToken[]> {
  const { rows } = await sql<ExpiringToken>`
    update api_token set reminded_at = ${now}
    where id in (
      select id from api_token
      where revoked_at is null and reminded_at is null and expires_at > ${now} and expires_at <= ${until}
        and expires_at - created_at > make_interval(secs => ${noticeSeconds})
          and coalesce(user_id, created_by) is not null
      order by expires_at limit ${max} for update skip locked)
    returning id, name, hint, expires_at, coalesce(user_id, created_by) as told`.execute(tx)
  return rows
}

const stateOf = ({ revoked_at, expires_at }: ApiTokenRow, now: Date): Output<'apiToken.get'>['state'] => {
  if (revoked_at !== null) return 'revoked'
  return expires_at <= now ? 'expired' : 'active'
}

/** A token as it leaves; never its secret. */
export function describeToken(row: ApiTokenRow, now: Date): Output<'apiToken.get'> {
  const state = stateOf(row, now)
  return {
    id: row.id,
    name: row.name,
    ownerType: row.user_id === null ? 'Service' : 'User',
    owner: row.user_id ?? row.account_id ?? '',
    ownerName: row.owner_name,
    purpose: row.purpose,
    hint: row.hint,
    scopes: row.scopes,
    sourceAddresses: row.source_addresses,
    bound: isBound(row),
    state,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    lastUsedAddress: row.last_used_address,
    endedAt: row.revoked_at ?? (state === 'expired' ? row.expires_at : null),
    reason: row.revoke_reason,
  }
}

/** Tied to where it is used from, or to a key that its bearer must hold. */
export const isBound = (row: {
  readonly source_addresses: readonly string[]
  readonly key_thumbprint: string | null
}): boolean => row.source_addresses.length > 0 || row.key_thumbprint !== null
