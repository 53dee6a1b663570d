import type { Cursor } from '@gatehouse/contract'
import type { SshHostTable, Store, Transaction } from '@gatehouse/database'
import { referenceOf } from '@gatehouse/kit'
import { sql, type Insertable, type Selectable } from 'kysely'

/** A row of `ssh_host`. */
export type SshHostRow = Selectable<SshHostTable>

/** Writes a new host; null: its name is taken. */
export async function insertHost(tx: Transaction, row: Insertable<SshHostTable>): Promise<SshHostRow | null> {
  return (
    (await tx
      .insertInto('ssh_host')
      .values(row)
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returningAll()
      .executeTakeFirst()) ?? null
  )
}

/** A host by its id. */
export const readHost = async (db: Store, id: string): Promise<SshHostRow | null> =>
  (await db.selectFrom('ssh_host').selectAll().where('id', '=', id).executeTakeFirst()) ?? null

/** A host by id or name, with its row's version. */
export async function readHostByReference(
  db: Store,
  reference: string,
): Promise<(SshHostRow & { version: string }) | null> {
  const select = db
    .selectFrom('ssh_host')
    .selectAll()
    .select(sql<string>`xmin::text`.as('version'))
  const { id, name } = referenceOf(reference)
  return (await select.where(sql<boolean>`(id = ${id} or name = ${name})`).executeTakeFirst()) ?? null
}

/** One page and one row more, newest first. */
export async function listHosts(
  db: Store,
  query: {
    readonly workspaces: readonly string[]
    readonly workspace: string | undefined
    readonly first: number
    readonly after: Cursor | null
  },
): Promise<SshHostRow[]> {
  const { workspaces, workspace, first, after } = query
  let select = db
    .selectFrom('ssh_host')
    .selectAll()
    .where('workspace_id', '=', sql<string>`any(${[...workspaces]}::text[])`)
  if (workspace !== undefined) {
    const { id, name } = referenceOf(workspace)
    select = select.where(sql<boolean>`workspace_id in (select id from workspace where id = ${id} or name = ${name})`)
  }
  if (after !== null)
    select = select.where(sql<boolean>`(created_at, id) < (${after.at}::timestamptz, ${after.id}::uuid)`)
  return select
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(first + 1)
    .execute()
}

/** Every host's id, for a reconciliation. */
export const listHostIds = async (db: Store): Promise<string[]> =>
  (await db.selectFrom('ssh_host').select('id').orderBy('id').execute()).map(({ id }) => id)

/**
 * Writes down what a contact showed. An observation, not a decision: it stands beside the record, as a heartbeat does.
 */
export async function noteContact(
  db: Store,
  hostId: string,
  contact: { readonly at: Date; readonly reachable: boolean; readonly error: string | null },
): Promise<void> {
  await db
    .updateTable('ssh_host')
    .set({ checked_at: contact.at, reachable: contact.reachable, last_error: contact.error })
    .where('id', '=', hostId)
    .execute()
}

/** Takes the host's lock for this holder; false: somebody else has it and is not overdue. */
export async function takeHostLock(
  db: Store,
  lock: { readonly hostId: string; readonly holder: string; readonly now: Date; readonly expiresAt: Date },
): Promise<boolean> {
  const row = await db
    .insertInto('ssh_host_lock')
    .values({ host_id: lock.hostId, holder: lock.holder, expires_at: lock.expiresAt })
    .onConflict((conflict) =>
      conflict
        .column('host_id')
        .doUpdateSet({ holder: lock.holder, expires_at: lock.expiresAt })
        .where('ssh_host_lock.expires_at', '<=', lock.now),
    )
    .returning('holder')
    .executeTakeFirst()
  return row !== undefined
}

/** Gives the lock back, if it is still this holder's. */
export async function releaseHostLock(
  db: Store,
  lock: { readonly hostId: string; readonly holder: string },
): Promise<void> {
  await db.deleteFrom('ssh_host_lock').where('host_id', '=', lock.hostId).where('holder', '=', lock.holder).execute()
}
