import type { Transaction } from '@gatehouse/database'
import { uid } from '@gatehouse/enforcement'
import { tellPeople } from '@gatehouse/identity'
import type { BreakGlassDeps } from './deps.ts'
import { holdRequest, moveRequest } from './request.queries.ts'
import { endSession, type SessionRow } from './session.queries.ts'
import { requestColumns, sessionColumns, stepRow } from './standings.ts'
import type { SessionEnd, SessionStanding } from './transitions.ts'

/** How a session ends. */
export interface Ending {
  readonly standing: SessionStanding & { readonly endedBy: SessionEnd }
  readonly enderId: string | null
  readonly reason: string | null
}

/** Why a session ended, for people. */
export const endWords: Readonly<Record<SessionEnd, string>> = {
  expired: 'its time was over',
  inactive: 'nobody used it for half an hour',
  revoked: 'it was revoked',
  'requester-disabled': 'who asked for it may not log in any more',
  'approver-disabled': 'one of who approved it may not log in any more',
}

/**
 * Ends a session with all that it had opened, in one transaction: its token, the credentials that were issued under it,
 * its request. Null: it has ended before.
 */
export async function endNow(
  tx: Transaction,
  deps: BreakGlassDeps,
  { row, ending }: { readonly row: SessionRow; readonly ending: Ending },
): Promise<SessionRow | null> {
  const { standing, enderId, reason } = ending
  const ended = await endSession(tx, {
    ...sessionColumns(row.id, standing, deps),
    ended_by: standing.endedBy,
    ended_at: standing.elapsed.seenAt,
    ender_id: enderId,
    end_reason: reason,
  })
  if (ended === null) return null
  const leases = await deps.leases.endAllIn(tx, { sessionId: row.id, reason: 'the emergency session ended' })
  const requesterName = await endRequest(tx, deps, row)
  const said = endWords[standing.endedBy]
  await deps.change.event(tx, {
    name: 'emergencySession.ended',
    resource: uid('EmergencySession', row.id),
    workspace: row.workspace_id,
    detail: {
      endedBy: standing.endedBy,
      leasesEnded: leases,
      request: row.request_id,
      seconds: Math.round(standing.elapsed.passedMs / 1000),
    },
  })
  await deps.raiseAlert(tx, {
    kind: 'emergency-session-ended',
    about: { type: 'EmergencySession', id: row.id },
    dedupeKey: row.id,
    facts: { session: row.id, requester: requesterName, reason: said },
  })
  await tellPeople(tx, {
    roles: ['Admin'],
    ids: [row.user_id, ...row.approver_ids],
    kind: 'emergency',
    text: `The emergency session of ${requesterName} ended: ${said}. It is to be reviewed within 48 hours.`,
    now: deps.clock.now(),
  })
  return ended
}

async function endRequest(tx: Transaction, deps: BreakGlassDeps, { request_id }: SessionRow): Promise<string> {
  const held = await holdRequest(tx, request_id)
  const standing = held === null ? null : stepRow(held, { type: 'sessionEnded' }, deps)
  if (held !== null && standing !== null) await moveRequest(tx, requestColumns(held.id, standing, deps), held)
  return held?.requester_name ?? ''
}
