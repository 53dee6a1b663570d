import { invalidField, Refusal, type Output } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import { referenceOf } from '@gatehouse/kit'
import { sql, type RawBuilder } from 'kysely'

/** A program's account as lists and gets show it; teams by name, tokens that are good now. */
export interface AccountRow {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly status: 'active' | 'disabled'
  readonly teams: string[]
  readonly tokens: number
  readonly created_at: Date
}

const columnsAt = (now: Date) => sql`
  a.id, a.name, a.description, a.status, a.created_at,
  array(select t.name from service_account_team m join team t on t.id = m.team_id where m.account_id = a.id
    order by t.name) as teams,
  (select count(*)::int from api_token k where k.account_id = a.id and k.revoked_at is null
    and k.expires_at > ${now}) as tokens`

/** An account that must be there: its row is held, or has just been made. */
export async function requireAccount(db: Store, { id, now }: { id: string; now: Date }): Promise<AccountRow> {
  const { rows } = await sql<AccountRow>`select ${columnsAt(now)} from service_account a where a.id = ${id}`.execute(db)
  if (rows[0] === undefined) throw new Refusal('not-found')
  return rows[0]
}

/** Accounts, newest first. */
export async function selectAccounts(
  db: Store,
  page: { first: number; after: { at: Date; id: string } | null; status: 'active' | 'disabled' | null; now: Date },
): Promise<AccountRow[]> {
  const { rows } = await sql<AccountRow>`
    select ${columnsAt(page.now)} from service_account a
    where (${page.status}::text is null or a.status = ${page.status})
      and (${page.after?.at ?? null}::timestamptz is null
        or (a.created_at, a.id) < (${page.after?.at ?? null}::timestamptz, ${page.after?.id ?? null}::uuid))
    order by a.created_at desc, a.id desc limit ${page.first + 1}`.execute(db)
  return rows
}

const isNamed = (reference: string): RawBuilder<boolean> => {
  const { id, name } = referenceOf(reference)
  return sql<boolean>`(id = ${id} or name = ${name})`
}

/** An account by id or name; null: there is none. */
export async function findAccount(db: Store, reference: string): Promise<Pick<AccountRow, 'id' | 'name'> | null> {
  const row = await db.selectFrom('service_account').select(['id', 'name']).where(isNamed(reference)).executeTakeFirst()
  return row ?? null
}

/**
 * Holds an account that may have tokens until the transaction ends: shutting it out comes wholly before or wholly
 * after. Answers its id.
 */
export async function holdActiveAccount(tx: Transaction, reference: string): Promise<string> {
  const row = await tx
    .selectFrom('service_account')
    .select(['id', 'status'])
    .where(isNamed(reference))
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined) throw invalidField('serviceAccount', `an account that exists; there is no \`${reference}\``)
  if (row.status !== 'active') throw new Refusal('conflict', { hint: 'the account is disabled; make another one' })
  return row.id
}

/** Adds an account. False: the name is taken. */
export async function insertAccount(
  tx: Transaction,
  account: { id: string; name: string; description: string; teamIds: readonly string[]; now: Date },
): Promise<boolean> {
  const row = await tx
    .insertInto('service_account')
    .values({
      id: account.id,
      name: account.name,
      description: account.description,
      status: 'active',
      created_at: account.now,
    })
    .onConflict((on) => on.column('name').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (row === undefined) return false
  await insertTeamsOf(tx, account)
  return true
}

/** Changes what was given; `undefined` leaves it. */
export async function updateAccount(
  tx: Transaction,
  change: { id: string; description: string | undefined; teamIds: readonly string[] | undefined },
): Promise<void> {
  const { id, description, teamIds } = change
  if (description !== undefined)
    await tx.updateTable('service_account').set({ description }).where('id', '=', id).execute()
  if (teamIds === undefined) return
  await tx.deleteFrom('service_account_team').where('account_id', '=', id).execute()
  await insertTeamsOf(tx, { id, teamIds })
}

async function insertTeamsOf(
  tx: Transaction,
  { id, teamIds }: { id: string; teamIds: readonly string[] },
): Promise<void> {
  if (teamIds.length > 0)
    await tx
      .insertInto('service_account_team')
      .values(teamIds.map((teamId) => ({ account_id: id, team_id: teamId })))
      .execute()
}

/** Shuts an account out. */
export async function disableAccount(tx: Transaction, id: string): Promise<void> {
  await tx.updateTable('service_account').set({ status: 'disabled' }).where('id', '=', id).execute()
}

/** Deletes an account with its tokens. */
export async function deleteAccount(tx: Transaction, id: string): Promise<void> {
  await tx.deleteFrom('service_account').where('id', '=', id).execute()
}

/** An account as it leaves. */
export const describeAccount = (row: AccountRow): Output<'serviceAccount.get'> => ({
  id: row.id,
  name: row.name,
  description: row.description,
  teams: row.teams,
  status: row.status,
  tokens: row.tokens,
  createdAt: row.created_at,
})
