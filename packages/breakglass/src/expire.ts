import type { Store, Transaction } from '@gatehouse/database'
import { uid, type Handler, type Sweep } from '@gatehouse/enforcement'
import { selectActiveAmong, tellPeople } from '@gatehouse/identity'
import type { BreakGlassDeps } from './deps.ts'
import { endNow } from './end-session.ts'
import { holdRequest, moveRequest, selectOpenRequests } from './request.queries.ts'
import { holdSession, noteLook, selectAlive, selectUnreviewed, type SessionRow } from './session.queries.ts'
import { requestColumns, requestStanding, sessionColumns, stepRow, stepSessionRow } from './standings.ts'
import {
  inactivitySeconds,
  reviewSeconds,
  secondsLeft,
  sessionSecondsLeft,
  warningsSeconds,
  type SessionEnd,
  type SessionStanding,
} from './transitions.ts'
import { tooFew } from './too-few.ts'

/** More at once are for the next look, a second later. */
const batchMax = 100
/** A look is written down this often, so that time counts on over restarts and clocks that are set (threat D7). */
const noteEveryMilliseconds = 10_000

/** Ends what is over, warns, and raises what is overdue. Rows are the truth: any process may do it, at any time. */
export const emergencySessionExpire =
  (deps: BreakGlassDeps): Handler<'emergencySession.expire'> =>
  async (permit) => {
    const done = await deps.change(
      permit,
      async (tx) => {
        const lapsed = await lapseRequests(tx, deps)
        const ended = await lookAfterSessions(tx, deps)
        await raiseOverdue(tx, deps)
        return { lapsed, ended }
      },
      (swept) => ({ detail: { ...swept } }),
    )
    if (done.ended > 0) deps.leases.hurry()
    return { ...done, nextDueInSeconds: await nextDue(deps) }
  }

async function lapseRequests(tx: Transaction, deps: BreakGlassDeps): Promise<number> {
  let lapsed = 0
  for (const { id } of await selectOpenRequests(tx, batchMax)) {
    const held = await holdRequest(tx, id)
    const standing = held === null ? null : stepRow(held, { type: 'looked' }, deps)
    if (held === null || standing === null) continue
    await moveRequest(tx, requestColumns(id, standing, deps), held)
    if (standing.state !== 'lapsed' || held.state === 'lapsed') continue
    lapsed += 1
    await deps.change.event(tx, {
      name: 'breakGlass.lapsed',
      resource: uid('BreakGlassRequest', id),
      workspace: held.workspace_id,
      detail: { from: held.state },
    })
    await tellPeople(tx, {
      roles: [],
      ids: [held.requester_id],
      kind: 'emergency',
      text: 'Your request for emergency access ran out of time.',
      now: deps.clock.now(),
    })
  }
  return lapsed
}

async function lookAfterSessions(tx: Transaction, deps: BreakGlassDeps): Promise<number> {
  let ended = 0
  for (const { id } of await selectAlive(tx, batchMax)) {
    const row = await holdSession(tx, id)
    const standing = row === null ? null : await looked(tx, deps, row)
    if (row === null || standing === null) continue
    if (isEnded(standing)) {
      if ((await endNow(tx, deps, { row, ending: { standing, enderId: null, reason: null } })) !== null) ended += 1
      continue
    }
    await noteLook(tx, sessionColumns(id, standing, deps), row.seen_at)
    if (standing.warned > row.warned) await warn(tx, deps, { row, standing })
  }
  return ended
}

const isEnded = (standing: SessionStanding): standing is SessionStanding & { readonly endedBy: SessionEnd } =>
  standing.endedBy !== null

async function looked(db: Store, deps: BreakGlassDeps, row: SessionRow): Promise<SessionStanding | null> {
  const active = await selectActiveAmong(db, [row.user_id, ...row.approver_ids])
  const requesterActive = active.has(row.user_id)
  const approversActive = row.approver_ids.every((one) => active.has(one))
  return stepSessionRow(row, { type: 'looked', requesterActive, approversActive }, deps)
}

const warn = (
  tx: Transaction,
  deps: BreakGlassDeps,
  { row, standing }: { readonly row: SessionRow; readonly standing: SessionStanding },
): Promise<void> =>
  tellPeople(tx, {
    roles: [],
    ids: [row.user_id, ...row.approver_ids],
    kind: 'emergency',
    text: `The emergency session ends in ${Math.max(1, Math.round(sessionSecondsLeft(standing) / 60))} minutes.`,
    now: deps.clock.now(),
  })

/** Once a day each: what nobody has reviewed, and that there are too few people to approve anything. */
async function raiseOverdue(tx: Transaction, deps: BreakGlassDeps): Promise<void> {
  const endedBefore = new Date(deps.clock.now().getTime() - reviewSeconds * 1000)
  for (const row of await selectUnreviewed(tx, { endedBefore, userId: null })) {
    const request = await holdRequest(tx, row.request_id)
    const dueAt = new Date((row.ended_at?.getTime() ?? 0) + reviewSeconds * 1000).toISOString()
    await deps.raiseAlert(tx, {
      kind: 'break-glass-unreviewed',
      about: { type: 'EmergencySession', id: row.id },
      dedupeKey: row.id,
      facts: { session: row.id, requester: request?.requester_name ?? '', dueAt },
    })
  }
  const few = await tooFew(tx, deps.clock.now())
  if (few !== null)
    await deps.raiseAlert(tx, {
      kind: 'break-glass-too-few-approvers',
      about: { type: 'System', id: 'gatehouse' },
      dedupeKey: 'approvers',
      facts: { people: few.people, teams: few.teams, missing: few.problem },
    })
}

/** Seconds until there is something to do, below zero when it is late; null: nothing to come. */
export async function nextDue(deps: BreakGlassDeps): Promise<number | null> {
  const dues: number[] = []
  for (const row of await selectOpenRequests(deps.db, batchMax)) {
    const standing = stepRow(row, { type: 'looked' }, deps) ?? requestStanding(row)
    dues.push(standing.state === 'lapsed' ? overdue : (secondsLeft(standing) ?? 0))
  }
  for (const row of await selectAlive(deps.db, batchMax)) dues.push(await sessionDue(deps, row))
  return dues.length === 0 ? null : Math.min(...dues)
}

/** As late as anything can be: whoever looks does it now. */
const overdue = -3600

async function sessionDue(deps: BreakGlassDeps, row: SessionRow): Promise<number> {
  const standing = await looked(deps.db, deps, row)
  if (standing === null) return inactivitySeconds
  if (standing.endedBy !== null || standing.warned > row.warned) return overdue
  if (standing.elapsed.passedMs - Number(row.passed_ms) >= noteEveryMilliseconds)
    await noteLook(deps.db, sessionColumns(row.id, { ...standing, warned: row.warned }, deps), row.seen_at)
  const left = sessionSecondsLeft(standing)
  const warning = warningsSeconds[standing.warned]
  return Math.min(left, inactivitySeconds - standing.idleMs / 1000, ...(warning === undefined ? [] : [left - warning]))
}

/** The sweep of emergency access. */
export const breakGlassSweep = (deps: BreakGlassDeps): Sweep => ({
  name: 'break-glass',
  nextDueInSeconds: () => nextDue(deps),
  run: async (internal) => (await internal('emergencySession.expire', {})).nextDueInSeconds,
  retry: async (internal) => (await internal('emergencySession.expire', {})).nextDueInSeconds,
})
