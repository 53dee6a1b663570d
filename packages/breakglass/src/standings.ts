import { lookAt, lookedAt, type Clocks } from './steady.ts'
import type { RequestChange, RequestRow } from './request.queries.ts'
import type { SessionLook, SessionRow } from './session.queries.ts'
import {
  stepRequest,
  stepSession,
  type RequestEvent,
  type RequestStanding,
  type SessionEvent,
  type SessionStanding,
} from './transitions.ts'

/** One step of a request as its row has it. Null: the event does not fit any more. */
export function stepRow(row: RequestRow, event: RequestEvent, clocks: Clocks): RequestStanding | null {
  return stepRequest(requestStanding(row), event, lookAt(row, clocks))
}

/** Where a request stands, by its row. */
export const requestStanding = (row: RequestRow): RequestStanding => ({
  state: row.state,
  elapsed: { passedMs: Number(row.passed_ms), seenAt: row.seen_at },
  openMs: Number(row.open_ms),
  drill: row.drill,
})

/** What a step leaves in the row. */
export const requestColumns = (id: string, standing: RequestStanding, clocks: Clocks): RequestChange => ({
  id,
  state: standing.state,
  passed_ms: String(Math.round(standing.elapsed.passedMs)),
  open_ms: String(Math.round(standing.openMs)),
  seen_at: standing.elapsed.seenAt,
  ...lookedAt(clocks),
})

/** One step of a session as its row has it. Null: it has ended before. */
export function stepSessionRow(row: SessionRow, event: SessionEvent, clocks: Clocks): SessionStanding | null {
  return stepSession(sessionStanding(row), event, lookAt(row, clocks))
}

/** Where a session stands, by its row. */
export const sessionStanding = (row: SessionRow): SessionStanding => ({
  durationSeconds: row.duration_seconds,
  elapsed: { passedMs: Number(row.passed_ms), seenAt: row.seen_at },
  idleMs: Number(row.idle_ms),
  warned: row.warned,
  endedBy: row.ended_by,
})

/** What a look leaves in the row. */
export const sessionColumns = (id: string, standing: SessionStanding, clocks: Clocks): SessionLook => ({
  id,
  passed_ms: String(Math.round(standing.elapsed.passedMs)),
  idle_ms: String(Math.round(standing.idleMs)),
  seen_at: standing.elapsed.seenAt,
  warned: standing.warned,
  ...lookedAt(clocks),
})
