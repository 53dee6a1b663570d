import { namesOneOf, type LeaseViewTable, type Store, type Transaction } from '@gatehouse/database'
import { sql, type Selectable } from 'kysely'

/** A view of leases as it is stored. */
export type LeaseViewRow = Selectable<LeaseViewTable>

/** Saved views of one person; more are a mistake of a script. */
export const leaseViewsMax = 100

/** One's own, newest first: one page and one more. */
export async function selectLeaseViews(
  db: Store,
  page: {
    readonly ownerId: string
    readonly after: { readonly at: Date; readonly id: string } | null
    readonly limit: number
  },
): Promise<LeaseViewRow[]> {
  const { ownerId, after, limit } = page
  const { rows } = await sql<LeaseViewRow>`
    select id, owner_id, name, filters, created_at from lease_view
    where owner_id = ${ownerId}::uuid
      and ${after === null ? sql`true` : sql`(created_at, id) < (${after.at}, ${after.id}::uuid)`}
    order by created_at desc, id desc limit ${limit}::int`.execute(db)
  return rows
}

/** Saves one, in the place of one's own of that name. Null: there are too many. */
export async function upsertLeaseView(
  tx: Transaction,
  { id, owner_id: ownerId, name, filters, created_at: at }: LeaseViewRow,
): Promise<LeaseViewRow | null> {
  // two at once would not count one another
  await sql`select pg_advisory_xact_lock(hashtext('gatehouse-lease-views'), hashtext(${ownerId}))`.execute(tx)
  const { rows } = await sql<LeaseViewRow>`
    insert into lease_view (id, owner_id, name, filters, created_at)
    select ${id}::uuid, ${ownerId}::uuid, ${name}, ${filters}, ${at}::timestamptz
    where (select count(*) from lease_view where owner_id = ${ownerId}::uuid and name <> ${name})
      < ${leaseViewsMax}::int
    on conflict (owner_id, name) do update set filters = excluded.filters, created_at = excluded.created_at
    returning id, owner_id, name, filters, created_at`.execute(tx)
  return rows[0] ?? null
}

/** Removes a person's own view of an id or a name; null: they have none such. An id wins over another's name. */
export async function deleteLeaseView(
  tx: Transaction,
  { view, ownerId }: { readonly view: string; readonly ownerId: string },
): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    delete from lease_view where id = (select id from lease_view
      where owner_id = ${ownerId}::uuid and (id::text = lower(${view}) or name = ${view})
      order by id::text = lower(${view}) desc limit 1)
    returning id`.execute(tx)
  return rows[0]?.id ?? null
}

/** Removes the views of somebody. */
export const deleteLeaseViewsOf = async (tx: Transaction, ownerId: string): Promise<void> =>
  void (await tx.deleteFrom('lease_view').where('owner_id', '=', ownerId).execute())

/** Removes views for somebody, whoever saved them. */
export const dropViewsNaming = async (tx: Transaction, names: readonly string[]): Promise<void> =>
  void (await sql`delete from lease_view where ${namesOneOf(names, sql`lease_view.name || ' ' || filters`)}`.execute(
    tx,
  ))
