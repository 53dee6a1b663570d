import { pageOf, type Output } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../shared/deps.ts'
import { resourceId, uuidCursor } from '../shared/identifiers.ts'
import { limitsOfRoles } from '../settings/settings-in-force.ts'
import { selectUsername } from '../directory/user.queries.ts'
import { absoluteEnd, touchSeconds } from './session-limits.ts'
import { selectGrants, selectLiveSessions, type SessionRow } from './session.queries.ts'

type Session = Output<'session.list'>['items'][number]

/** Lists a person's live sessions, newest first. */
export const sessionList =
  ({ db, clock, config, settings }: HandlerDeps): Handler<'session.list'> =>
  async (permit) => {
    const { first, after } = permit.input
    const now = clock.now()
    const userId = resourceId(permit)
    const limits = limitsOfRoles(await settings.current(), (await selectGrants(db, userId)).roles)
    const since = {
      idleSince: secondsBefore(now, limits.sessionIdleSeconds + touchSeconds(limits)),
      provedSince: secondsBefore(now, limits.sessionAbsoluteSeconds),
    }
    const [username, rows] = [
      await selectUsername(db, userId),
      await selectLiveSessions(db, { userId, now, ...since, first, after: uuidCursor(after) }),
    ]
    const current = permit.principal.type === 'User' ? permit.principal.session.id : null
    const describe = (row: SessionRow): Session => ({
      id: row.id,
      current: row.id === current,
      user: row.user_id,
      username,
      methods: row.methods,
      assurance: assuranceNow(row, now, config.mfa.stepUpMaxAgeSeconds),
      address: row.address,
      device: row.user_agent,
      createdAt: row.created_at,
      lastUsedAt: row.last_used_at,
      expiresAt: absoluteEnd(row, limits),
    })
    return pageOf(rows.map(describe), first, (session) => [session.createdAt, session.id])
  }

function assuranceNow(
  { assurance, proved_at }: SessionRow,
  now: Date,
  stepUpMaxAgeSeconds: number,
): Session['assurance'] {
  if (assurance === 'pw' || proved_at === null) return assurance
  return now.getTime() - proved_at.getTime() <= stepUpMaxAgeSeconds * 1000 ? 'su' : 'mfa'
}

const secondsBefore = (now: Date, seconds: number): Date => new Date(now.getTime() - seconds * 1000)
