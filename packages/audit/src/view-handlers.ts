import { decodeUuidCursor, pageOf, Refusal, type Output } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import type { Clock, Handler, HandlersOf, Random } from '@gatehouse/enforcement'
import { deleteView, selectViews, upsertView, viewsMax, type ViewRow } from './audit-view.queries.ts'
import type { Change } from './change.ts'
import { readerOf, type ReaderDeps } from './reader.ts'
import { namesNobody, refuseNaming } from './refuse-naming.ts'
import { parsePeriod } from './when.ts'

export interface ViewDeps extends ReaderDeps {
  readonly db: Store
  readonly clock: Clock
  readonly random: Random
  readonly change: Change
}

/** Searches that people keep under a name. */
export const viewHandlers = (deps: ViewDeps): HandlersOf<'auditView'> => ({
  'auditView.list': list(deps),
  'auditView.save': save(deps),
  'auditView.remove': remove(deps),
})

const list =
  ({ db, ...deps }: ViewDeps): Handler<'auditView.list'> =>
  async (permit) => {
    const { principal } = permit
    const { first, after } = permit.input
    const reader = readerOf(deps, permit)
    const shown: ViewRow[] = []
    let place = after === undefined ? null : decodeUuidCursor(after)
    // a page is full before it ends: whoever sees none of the newest fifty is not to take the list for empty
    for (let isMore = true; isMore && shown.length <= first;) {
      const rows = await selectViews(db, { ownerId: principal.id, after: place, limit: rowsAtOnce })
      shown.push(...rows.filter((row) => row.owner_id === principal.id || namesNobody(reader, namingIn(row.filters))))
      const last = rows.at(-1)
      isMore = rows.length === rowsAtOnce && last !== undefined
      if (last !== undefined) place = { at: last.created_at, id: last.id }
    }
    return pageOf(
      shown.map((row) => presentView(principal.id, row)),
      first,
      (view) => [view.createdAt, view.id],
    )
  }

/** Read at once: all that one person may keep, and one. */
const rowsAtOnce = viewsMax + 1

const save =
  ({ change, clock, random, ...deps }: ViewDeps): Handler<'auditView.save'> =>
  async (permit) => {
    const { name, shared, ...filters } = permit.input
    const now = clock.now()
    refuseNaming(readerOf(deps, permit), filters)
    // a view that no search takes would be found out only by who opens it
    parsePeriod(filters, now)
    const row = {
      id: random.id(),
      owner_id: permit.principal.id,
      name,
      filters: JSON.stringify(filters),
      shared,
      created_at: now,
    }
    const saved = await change(permit, async (tx) => {
      const kept = await upsertView(tx, row)
      if (kept === null)
        throw new Refusal('conflict', { hint: `you have ${viewsMax} saved searches; remove one that you do not need` })
      return kept
    })
    return presentView(permit.principal.id, saved)
  }

const remove =
  ({ change }: ViewDeps): Handler<'auditView.remove'> =>
  async (permit) => {
    const id = await change(permit, async (tx) => {
      const removed = await deleteView(tx, { view: permit.input.id, ownerId: permit.principal.id })
      if (removed === null) throw new Refusal('not-found')
      return removed
    })
    return { id }
  }

/**
 * A search of others that names somebody is nothing for who is not shown people; its name may say whom, too. Written by
 * `save`, as an object of what a search takes.
 */
const namingIn = (filters: string) => JSON.parse(filters) as Parameters<typeof namesNobody>[1]

const presentView = (reader: string, row: ViewRow): Output<'auditView.save'> => ({
  id: row.id,
  name: row.name,
  filters: row.filters,
  shared: row.shared,
  own: row.owner_id === reader,
  createdAt: row.created_at,
})
