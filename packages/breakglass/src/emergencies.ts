import type { Store } from '@gatehouse/database'
import type { Directory } from '@gatehouse/enforcement'
import { selectActiveAmong, type EmergencySessions, type EmergencyStanding } from '@gatehouse/identity'
import type { LivingEmergencies } from '@gatehouse/secrets'
import { findRequest } from './request.queries.ts'
import { findSession, holdAlive, noteLook, selectSessionsOf, type SessionRow } from './session.queries.ts'
import { sessionColumns, stepSessionRow } from './standings.ts'
import type { Clocks } from './steady.ts'
import type { SessionStanding } from './transitions.ts'

/** A use within this time of the last one is not written again: one of half an hour is not missed by it. */
const useEveryMilliseconds = 5000
/** An emergency session counts as freshly proved for so long: its person has just proved a factor to begin it. */
const freshMilliseconds = 5 * 60_000

/** What proving emergency sessions needs. */
interface EmergenciesDeps extends Clocks {
  readonly db: Store
  readonly directory: Pick<Directory<Store>, 'findLock'>
}

/** Knows emergency sessions by their rows, at every call and on every node (invariant I5). */
export const createEmergencies = (deps: EmergenciesDeps): EmergencySessions & LivingEmergencies => ({
  find: async ({ id, tokenId, userId, occasion }) => {
    const row = await findSession(deps.db, id)
    if (row === null || row.token_id !== tokenId || row.user_id !== userId) return null
    const standing = await standingOf(deps, row)
    if (standing === null || standing.endedBy !== null) return null
    if (occasion === 'use' && standing.idleMs >= useEveryMilliseconds)
      await noteLook(deps.db, sessionColumns(row.id, { ...standing, idleMs: 0 }, deps), row.seen_at)
    const lock = await deps.directory.findLock(deps.db, [{ kind: 'approval', target: row.request_id }])
    return { ...(await describe(deps.db, row, standing)), isLocked: lock !== null }
  },
  holdAlive,
  sessionOf: async (db, requestId) => (await selectSessionsOf(db, [requestId]))[0]?.id ?? null,
})

/** As it stands now, its people looked at. Null: it has ended before. */
async function standingOf(deps: EmergenciesDeps, row: SessionRow): Promise<SessionStanding | null> {
  const active = await selectActiveAmong(deps.db, [row.user_id, ...row.approver_ids])
  const looked = {
    type: 'looked',
    requesterActive: active.has(row.user_id),
    approversActive: row.approver_ids.every((id) => active.has(id)),
  } as const
  // how many warnings went out is for who sends them to count
  const standing = stepSessionRow(row, looked, deps)
  return standing === null ? null : { ...standing, warned: row.warned }
}

async function describe(
  db: Store,
  row: SessionRow,
  { elapsed }: SessionStanding,
): Promise<Omit<EmergencyStanding, 'isLocked'>> {
  return {
    id: row.id,
    tokenId: row.token_id,
    workspace: row.workspace_id,
    actions: row.actions,
    incident: (await findRequest(db, row.request_id))?.incident ?? '',
    keyThumbprint: row.key_thumbprint,
    activatedAt: row.activated_at,
    expiresAt: row.expires_at,
    isFresh: elapsed.passedMs < freshMilliseconds,
  }
}
