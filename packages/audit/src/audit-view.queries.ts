import { namesOneOf, type Store, type Transaction } from '@gatehouse/database'
import { sql } from 'kysely'

/** A saved search as it is stored. */
export interface ViewRow {
  readonly id: string
  readonly owner_id: string
  readonly name: string
  readonly filters: string
  readonly shared: boolean
  readonly created_at: Date
}

/** Saved searches of one person; more are a mistake of a script. */
export const viewsMax = 100

/** One's own and those that are shared, newest first. */
export async function selectViews(
  db: Store,
  {
    ownerId,
    after,
    limit,
  }: { ownerId: string; after: { readonly at: Date; readonly id: string } | null; limit: number },
): Promise<ViewRow[]> {
  const { rows } = await sql<ViewRow>`
    select id, owner_id, name, filters, shared, created_at from audit_view
    where (owner_id = ${ownerId}::uuid or shared)
      and ${after === null ? sql`true` : sql`(created_at, id) < (${after.at}, ${after.id}::uuid)`}
    order by created_at desc, id desc limit ${limit}::int`.execute(db)
  return rows
}

/** Saves one, in the place of one's own of that name. Null: there are too many. */
export async function upsertView(
  tx: Transaction,
  { id, owner_id: ownerId, name, filters, shared, created_at: at }: ViewRow,
): Promise<ViewRow | null> {
  // two at once would not count one another
  await sql`select pg_advisory_xact_lock(hashtext('gatehouse-audit-views'), hashtext(${ownerId}))`.execute(tx)
  const { rows } = await sql<ViewRow>`
    insert into audit_view (id, owner_id, name, filters, shared, created_at)
    select ${id}::uuid, ${ownerId}::uuid, ${name}, ${filters}, ${shared}::boolean, ${at}::timestamptz
    where (select count(*) from audit_view where owner_id = ${ownerId}::uuid and name <> ${name}) < ${viewsMax}::int
    on conflict (owner_id, name) do update
      set filters = excluded.filters, shared = excluded.shared, created_at = excluded.created_at
    returning id, owner_id, name, filters, shared, created_at`.execute(tx)
  return rows[0] ?? null
}

/** Removes a person's own search of an id or a name; null: they have none such. An id wins over another's name. */
export async function deleteView(
  tx: Transaction,
  { view, ownerId }: { view: string; ownerId: string },
): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    delete from audit_view where id = (select id from audit_view
      where owner_id = ${ownerId}::uuid and (id::text = lower(${view}) or name = ${view})
      order by id::text = lower(${view}) desc limit 1)
    returning id`.execute(tx)
  return rows[0]?.id ?? null
}

/** Removes saved searches and exports for somebody, whoever made them, and what a released hold says of them. */
export async function dropSearchesNaming(tx: Transaction, names: readonly string[]): Promise<void> {
  await sql`delete from audit_view where ${namesOneOf(names, sql`audit_view.name || ' ' || filters`)}`.execute(tx)
  await sql`delete from audit_export where ${namesOneOf(names, sql`filters::text`)}`.execute(tx)
  await sql`update audit_hold set reason = '[erased]' where ${namesOneOf(names, sql`reason`)}`.execute(tx)
}
