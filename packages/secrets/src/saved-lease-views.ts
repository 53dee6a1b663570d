import { decodeUuidCursor, pageOf, Refusal, type Output } from '@gatehouse/contract'
import type { Handler, HandlersOf } from '@gatehouse/enforcement'
import {
  deleteLeaseView,
  leaseViewsMax,
  selectLeaseViews,
  upsertLeaseView,
  type LeaseViewRow,
} from './saved-lease-view.queries.ts'
import type { SecretDeps } from './secret-deps.ts'

type ViewDeps = Pick<SecretDeps, 'db' | 'change' | 'clock' | 'random'>

/** Views of leases that people keep under a name; nobody sees another's. */
export const leaseViewHandlers = (deps: ViewDeps): HandlersOf<'leaseView'> => ({
  'leaseView.list': async ({ input: { first, after }, principal }) => {
    const place = after === undefined ? null : decodeUuidCursor(after)
    const rows = await selectLeaseViews(deps.db, { ownerId: principal.id, after: place, limit: first + 1 })
    return pageOf(rows.map(toView), first, (view) => [view.createdAt, view.id])
  },
  'leaseView.save': save(deps),
  'leaseView.remove': remove(deps),
})

const save =
  ({ change, clock, random }: ViewDeps): Handler<'leaseView.save'> =>
  async (permit) => {
    const { name, ...filters } = permit.input
    const row = {
      id: random.id(),
      owner_id: permit.principal.id,
      name,
      filters: JSON.stringify(filters),
      created_at: clock.now(),
    }
    return change(permit, async (tx) => {
      const kept = await upsertLeaseView(tx, row)
      if (kept === null)
        throw new Refusal('conflict', {
          hint: `you have ${leaseViewsMax} saved views; remove one that you do not need`,
        })
      return toView(kept)
    })
  }

const remove =
  ({ change }: ViewDeps): Handler<'leaseView.remove'> =>
  async (permit) => {
    const id = await change(permit, async (tx) => {
      const removed = await deleteLeaseView(tx, { view: permit.input.id, ownerId: permit.principal.id })
      if (removed === null) throw new Refusal('not-found')
      return removed
    })
    return { id }
  }

const toView = ({ id, name, filters, created_at: createdAt }: LeaseViewRow): Output<'leaseView.save'> => ({
  id,
  name,
  filters,
  createdAt,
})
