import type { Store } from '@gatehouse/database'
import { rowLookSeconds, type RowClock, type RunInternal } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import type { BreakGlassDeps } from './deps.ts'
import { sessionDue } from './expire.ts'
import { findRequest, isOpen, selectLivingRequestIds, type RequestRow } from './request.queries.ts'
import { findSession, selectLivingSessionIds } from './session.queries.ts'
import { stepRow } from './standings.ts'
import { reviewDueSeconds, secondsLeft } from './transitions.ts'

type ClockDeps = Pick<BreakGlassDeps, 'db' | 'clock' | 'steady'>

const tick = (internal: RunInternal, item: { readonly request?: string; readonly session?: string }) =>
  internal('emergencySession.expire', item)

/** The clocks of a request: until it lapses, and then for as long as its session takes. */
export const requestClock = (deps: ClockDeps): RowClock => ({
  kind: 'break-glass',
  livingIds: (limit) => selectLivingRequestIds(deps.db, limit),
  dueInSeconds: (id) => requestDueIn(deps, id),
  run: async (internal, id) => {
    await tick(internal, { request: id })
    return requestDueIn(deps, id)
  },
})

/** The clocks of a session: its end, inactivity, its warnings, and the review after it. */
export const sessionClock = (deps: ClockDeps): RowClock => ({
  kind: 'emergency-session',
  livingIds: (limit) => selectLivingSessionIds(deps.db, limit),
  dueInSeconds: (id) => sessionDueIn(deps, id),
  run: async (internal, id) => {
    await tick(internal, { session: id })
    return sessionDueIn(deps, id)
  },
})

const findIn = async <Row>(find: (db: Store, id: string) => Promise<Row | null>, { db }: ClockDeps, id: string) =>
  isUuid(id) ? find(db, id) : null

async function requestDueIn(deps: ClockDeps, id: string): Promise<number | null> {
  const row = await findIn(findRequest, deps, id)
  if (row === null) return null
  if (row.state === 'active') return rowLookSeconds
  return isOpen(row) ? openDueIn(deps, row) : null
}

function openDueIn(deps: ClockDeps, row: RequestRow): number {
  const looked = stepRow(row, { type: 'looked' }, deps)
  return looked === null || looked.state === 'lapsed' ? 0 : (secondsLeft(looked) ?? 0)
}

async function sessionDueIn(deps: ClockDeps, id: string): Promise<number | null> {
  const row = await findIn(findSession, deps, id)
  if (row === null || row.reviewed_at !== null) return null
  if (row.ended_at === null) return sessionDue(deps, row)
  return reviewDueSeconds({ endedAt: row.ended_at, toldAt: row.overdue_told_at }, deps.clock.now())
}
