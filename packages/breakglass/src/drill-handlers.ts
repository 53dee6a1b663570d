import { Refusal } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { uid, type Handler } from '@gatehouse/enforcement'
import { countUnderLock, requireApproved } from './activate.ts'
import type { BreakGlassDeps } from './deps.ts'
import { moveRequest, type RequestRow } from './request.queries.ts'
import { ask, closed, requireOwn } from './request-handlers.ts'
import { requestColumns } from './standings.ts'
import { stepRequest } from './transitions.ts'
import { showRequest } from './view.ts'

/** What stands in a drill's document in the place of an incident: it has none, and opens none. */
const drillIncident = 'drill'

/** Asks for a drill: real people, real votes, and an end before there is a session (ADR 052). */
export const breakGlassDrill =
  (deps: BreakGlassDeps): Handler<'breakGlass.drill'> =>
  async (permit) => {
    const asked = { ...permit.input, incident: drillIncident, drill: true }
    const { row } = await deps.change(
      permit,
      async (tx) => ({ row: await ask(tx, deps, { permit, asked }) }),
      ({ row: { id, hash } }) => ({
        resource: uid('BreakGlassRequest', id),
        detail: { request: id, hash: hash.toString('hex') },
      }),
    )
    return showRequest(deps.db, row, deps)
  }

/** Ends a drill where its session would have begun: counted as for one, under lock, and nothing comes of it. */
export const breakGlassDrillFinish =
  (deps: BreakGlassDeps): Handler<'breakGlass.drillFinish'> =>
  async (permit) => {
    const row = await deps.change(permit, async (tx) => {
      const held = await requireOwn(tx, permit)
      if (!held.drill)
        throw new Refusal('conflict', {
          hint: `it is no drill; activate it (gatehouse break-glass activate ${held.id})`,
        })
      return finish(tx, deps, held)
    })
    return showRequest(deps.db, row, deps)
  }

async function finish(tx: Transaction, deps: BreakGlassDeps, held: RequestRow): Promise<RequestRow> {
  const approved = requireApproved(deps, await countUnderLock(tx, deps, held))
  const now = approved.elapsed.seenAt
  const finished = stepRequest(approved, { type: 'finished' }, { now, measuredMs: 0 })
  if (finished === null) throw closed(held, deps)
  // approved by this very count, where somebody who had voted counts again: nobody has written down when
  const approvedAt = held.state === 'approved' ? held.approved_at : now
  const change = { ...requestColumns(held.id, finished, deps), approved_at: approvedAt, finished_at: now }
  const moved = await moveRequest(tx, change, held)
  if (moved === null) throw closed(held, deps)
  return moved
}
