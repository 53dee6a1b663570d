import { decodeUuidCursor, invalidField, pageOf, Refusal } from '@gatehouse/contract'
import { selectDeedsOf } from '@gatehouse/audit'
import type { Transaction } from '@gatehouse/database'
import type { Handler } from '@gatehouse/enforcement'
import { selectLeaseIdsIn } from '@gatehouse/secrets'
import { selectVoters } from '@gatehouse/identity'
import { peopleOf } from './counting.ts'
import type { BreakGlassDeps } from './deps.ts'
import { endNow } from './end-session.ts'
import { selectApprovers } from './request.queries.ts'
import { callingPerson, decidedId } from './request-handlers.ts'
import { findSession, holdSession, reviewSession, selectSessions, type SessionRow } from './session.queries.ts'
import { stepSessionRow } from './standings.ts'
import { showSession, showSessions, type StoredReview } from './view.ts'
import { sharesMark } from './why-no-voter.ts'

/** What one answer shows; the audit log has all. */
const deedsMax = 1000
const credentialsMax = 500

/** Emergency sessions, newest first. */
export const emergencySessionList =
  (deps: BreakGlassDeps): Handler<'emergencySession.list'> =>
  async (permit) => {
    const { first, after, state, unreviewed } = permit.input
    const cursor = after === undefined ? null : decodeUuidCursor(after)
    const rows = await selectSessions(deps.db, { first, after: cursor, state: state ?? null, unreviewed })
    return pageOf(await showSessions(deps.db, rows, deps), first, (one) => [one.activatedAt, one.id])
  }

/** One emergency session. */
export const emergencySessionGet =
  (deps: BreakGlassDeps): Handler<'emergencySession.get'> =>
  async (permit) =>
    showSession(deps.db, await requireFound(deps, decidedId(permit)), deps)

async function requireFound({ db }: BreakGlassDeps, id: string): Promise<SessionRow> {
  const row = await findSession(db, id)
  if (row === null) throw new Refusal('not-found')
  return row
}

/** Ends a session now, with all that it opened. */
export const emergencySessionRevoke =
  (deps: BreakGlassDeps): Handler<'emergencySession.revoke'> =>
  async (permit) => {
    const row = await deps.change(permit, (tx) => revoke(tx, deps, permit))
    deps.leases.hurry()
    return showSession(deps.db, row, deps)
  }

async function revoke(
  tx: Transaction,
  deps: BreakGlassDeps,
  permit: Parameters<Handler<'emergencySession.revoke'>>[0],
): Promise<SessionRow> {
  const row = await holdSession(tx, decidedId(permit))
  if (row === null) throw new Refusal('not-found')
  const standing = stepSessionRow(row, { type: 'revoked' }, deps)
  const ended =
    standing === null
      ? null
      : await endNow(tx, deps, {
          row,
          ending: {
            standing: { ...standing, endedBy: standing.endedBy ?? 'revoked' },
            enderId: callingPerson(permit).id,
            reason: permit.input.reason,
          },
        })
  if (ended === null) throw new Refusal('conflict', { hint: 'it has ended already' })
  return ended
}

/** What was done in it, as the audit log has it. */
export const emergencySessionAudit =
  ({ db }: BreakGlassDeps): Handler<'emergencySession.audit'> =>
  async (permit) => {
    const id = decidedId(permit)
    const deeds = await selectDeedsOf(db, { sessionId: id, limit: deedsMax })
    return {
      deeds: deeds.map(({ id: entry, resource_type: resourceType, resource_id: resource, ...deed }) => ({
        entry,
        ...deed,
        resourceType,
        resource,
      })),
      credentials: await selectLeaseIdsIn(db, { sessionId: id, limit: credentialsMax }),
    }
  }

/** Looks at an emergency afterwards: never who asked, never who approved. */
export const breakGlassReview =
  (deps: BreakGlassDeps): Handler<'breakGlass.review'> =>
  async (permit) => {
    const { needed, summary, followUps, rotate } = permit.input
    const user = callingPerson(permit)
    for (const [index, { owner }] of followUps.entries())
      if ((await deps.directory.findUserId(deps.db, owner)) === null)
        throw invalidField(`followUps.${index}.owner`, `a person who exists; there is no \`${owner}\``)
    const review: StoredReview = {
      needed,
      summary,
      followUps: followUps.map((one) => ({ ...one, dueAt: one.dueAt.toISOString() })),
      rotate,
    }
    const row = await deps.change(permit, async (tx) => {
      const held = await holdSession(tx, decidedId(permit))
      if (held === null) throw new Refusal('not-found')
      await requireOutsider(tx, deps, { session: held, userId: user.id })
      const reviewed = await reviewSession(tx, {
        id: held.id,
        reviewed_at: deps.clock.now(),
        reviewer_id: user.id,
        review: JSON.stringify(review),
      })
      if (reviewed === null)
        throw new Refusal('conflict', {
          hint: held.ended_by === null ? 'it has not ended yet' : 'it has been reviewed already',
        })
      return reviewed
    })
    return showSession(deps.db, row, deps)
  }

/**
 * INVARIANT, whatever the policies say: nobody finds an emergency needed in which they had a part: not who approved it
 * beyond those who were enough, and not by another account of theirs (threat D3).
 */
async function requireOutsider(
  tx: Transaction,
  { clock }: BreakGlassDeps,
  { session, userId }: { readonly session: SessionRow; readonly userId: string },
): Promise<void> {
  const parts = [session.user_id, ...session.approver_ids, ...(await selectApprovers(tx, session.request_id))]
  if (parts.includes(userId))
    throw new Refusal('forbidden', { hint: 'somebody reviews it who neither asked for it nor approved it' })
  const people = peopleOf(await selectVoters(tx, { ids: [userId, ...parts], now: clock.now() }))
  const own = people.get(userId)
  const isTheirs = parts
    .flatMap((id) => people.get(id) ?? [])
    .some((part) => own !== undefined && sharesMark(own, part))
  if (isTheirs)
    throw new Refusal('forbidden', {
      hint: 'your account is another account of a person who asked for it or approved it',
    })
}
