import type { Input } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import { uid, type Handler, type Sweep } from '@gatehouse/enforcement'
import { selectActiveAmong, tellPeople } from '@gatehouse/identity'
import { isUuid } from '@gatehouse/kit'
import type { BreakGlassDeps } from './deps.ts'
import { endNow } from './end-session.ts'
import { holdRequest, isOpen, moveRequest, selectOpenRequests } from './request.queries.ts'
import {
  holdSession,
  noteLook,
  noteOverdue,
  selectAlive,
  selectUnreviewed,
  type SessionRow,
} from './session.queries.ts'
import { requestColumns, requestStanding, sessionColumns, stepRow, stepSessionRow } from './standings.ts'
import {
  inactivitySeconds,
  overdueEverySeconds,
  reviewSeconds,
  secondsLeft,
  sessionDueSeconds,
  sessionSecondsLeft,
  type SessionEnd,
  type SessionStanding,
} from './transitions.ts'
import type { Clocks } from './steady.ts'
import { tooFew } from './too-few.ts'

/** More at once are for the next look, a second later. */
const batchMax = 100
/** A look is written down this often, so that time counts on over restarts and clocks that are set (threat D7). */
const noteEveryMilliseconds = 10_000

/** What a look is at: everything, or one row. */
interface Looked {
  readonly requests: readonly string[]
  readonly sessions: readonly string[]
  /** Sessions that nobody has reviewed in time. */
  readonly unreviewed: readonly SessionRow[]
  readonly people: boolean
}

/** Ends what is over, warns, and raises what is overdue. Rows are the truth: any process may do it, at any time. */
export const emergencySessionExpire =
  (deps: BreakGlassDeps): Handler<'emergencySession.expire'> =>
  async (permit) => {
    // asked before the transaction: it takes a thousand decisions, and reads people by connections of its own
    const closed = isWhole(permit.input) ? await closedWay(deps) : null
    const { lapsed, ended } = await deps.change(
      permit,
      async (tx) => {
        const looked = await whatToLookAt(tx, deps, permit.input)
        const done = {
          lapsed: await lapseRequests(tx, deps, looked.requests),
          ended: await lookAfterSessions(tx, deps, looked.sessions),
        }
        await raiseOverdue(tx, deps, looked)
        if (closed !== null) await raiseClosed(tx, deps, closed)
        return done
      },
      (done) => ({ detail: { lapsed: done.lapsed.length, ended: done.ended.length } }),
    )
    if (ended.length > 0) deps.leases.hurry()
    for (const id of lapsed) void deps.workflows.follow('break-glass', id)
    for (const { id, request_id: request } of ended) {
      void deps.workflows.follow('emergency-session', id)
      void deps.workflows.follow('break-glass', request)
    }
    return { lapsed: lapsed.length, ended: ended.length, nextDueInSeconds: await nextDue(deps) }
  }

const isWhole = ({ request, session }: Input<'emergencySession.expire'>): boolean =>
  request === undefined && session === undefined

type Closed = NonNullable<Awaited<ReturnType<BreakGlassDeps['policy']['closedWay']>>>

/** What cannot be asked now is asked at the next look: sessions end whatever policies say. */
const closedWay = ({ policy, onError }: Pick<BreakGlassDeps, 'policy' | 'onError'>): Promise<Closed | null> =>
  policy.closedWay().catch((error: unknown) => {
    onError('policies of emergency access', error)
    return null
  })

const raiseClosed = (tx: Transaction, { raiseAlert }: BreakGlassDeps, closed: Closed): Promise<unknown> =>
  raiseAlert(tx, {
    kind: 'break-glass-closed',
    about: { type: 'System', id: 'gatehouse' },
    dedupeKey: closed.environment,
    facts: { environment: closed.environment, at: closed.at.toISOString(), missing: closed.problem },
  })

async function whatToLookAt(
  tx: Transaction,
  { clock }: BreakGlassDeps,
  { request, session }: Input<'emergencySession.expire'>,
): Promise<Looked> {
  const nothing = { requests: [], sessions: [], unreviewed: [], people: false }
  if (request !== undefined) return isUuid(request) ? { ...nothing, requests: [request] } : nothing
  if (session !== undefined && !isUuid(session)) return nothing
  const endedBefore = new Date(clock.now().getTime() - reviewSeconds * 1000)
  const toldBefore = toldBeforeAt(clock.now())
  const unreviewed = await selectUnreviewed(tx, { endedBefore, toldBefore, userId: null, sessionId: session ?? null })
  if (session !== undefined) return { ...nothing, sessions: [session], unreviewed }
  return {
    requests: (await selectOpenRequests(tx, batchMax)).map(({ id }) => id),
    sessions: (await selectAlive(tx, batchMax)).map(({ id }) => id),
    unreviewed,
    people: true,
  }
}

async function lapseRequests(tx: Transaction, deps: BreakGlassDeps, ids: readonly string[]): Promise<string[]> {
  const lapsed: string[] = []
  for (const id of ids) {
    const held = await holdRequest(tx, id)
    const standing = held === null || !isOpen(held) ? null : stepRow(held, { type: 'looked' }, deps)
    if (held === null || standing === null) continue
    await moveRequest(tx, requestColumns(id, standing, deps), held)
    if (standing.state !== 'lapsed') continue
    lapsed.push(id)
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
      text: held.drill ? 'Your drill ran out of time.' : 'Your request for emergency access ran out of time.',
      now: deps.clock.now(),
    })
  }
  return lapsed
}

async function lookAfterSessions(tx: Transaction, deps: BreakGlassDeps, ids: readonly string[]): Promise<SessionRow[]> {
  const ended: SessionRow[] = []
  for (const id of ids) {
    const row = await holdSession(tx, id)
    const standing = row === null ? null : await looked(tx, deps, row)
    if (row === null || standing === null) continue
    if (isEnded(standing)) {
      const over = await endNow(tx, deps, { row, ending: { standing, enderId: null, reason: null } })
      if (over !== null) ended.push(over)
      continue
    }
    await noteLook(tx, sessionColumns(id, standing, deps), row.seen_at)
    if (standing.warned > row.warned) await warn(tx, deps, { row, standing })
  }
  return ended
}

const isEnded = (standing: SessionStanding): standing is SessionStanding & { readonly endedBy: SessionEnd } =>
  standing.endedBy !== null

async function looked(db: Store, deps: Clocks, row: SessionRow): Promise<SessionStanding | null> {
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

/** Who was told of something overdue before then is told again. */
const toldBeforeAt = (now: Date): Date => new Date(now.getTime() - overdueEverySeconds * 1000)

/** Once a day each: what nobody has reviewed, and that there are too few people to approve anything. */
async function raiseOverdue(tx: Transaction, deps: BreakGlassDeps, { unreviewed, people }: Looked): Promise<void> {
  const now = deps.clock.now()
  const toldBefore = toldBeforeAt(now)
  for (const row of unreviewed) {
    if (!(await noteOverdue(tx, { id: row.id, now, toldBefore }))) continue
    const request = await holdRequest(tx, row.request_id)
    const dueAt = new Date((row.ended_at?.getTime() ?? 0) + reviewSeconds * 1000).toISOString()
    await deps.raiseAlert(tx, {
      kind: 'break-glass-unreviewed',
      about: { type: 'EmergencySession', id: row.id },
      dedupeKey: row.id,
      facts: { session: row.id, requester: request?.requester_name ?? '', dueAt },
    })
  }
  if (!people) return
  const few = await tooFew(tx, now)
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

/** The same of one session that has not ended. */
export async function sessionDue(
  deps: Pick<BreakGlassDeps, 'db' | 'clock' | 'steady'>,
  row: SessionRow,
): Promise<number> {
  const standing = await looked(deps.db, deps, row)
  if (standing === null) return inactivitySeconds
  if (standing.endedBy !== null || standing.warned > row.warned) return overdue
  if (standing.elapsed.passedMs - Number(row.passed_ms) >= noteEveryMilliseconds)
    await noteLook(deps.db, sessionColumns(row.id, { ...standing, warned: row.warned }, deps), row.seen_at)
  return sessionDueSeconds(standing)
}

/** The sweep of emergency access. */
export const breakGlassSweep = (deps: BreakGlassDeps): Sweep => ({
  name: 'break-glass',
  nextDueInSeconds: () => nextDue(deps),
  run: async (internal) => (await internal('emergencySession.expire', {})).nextDueInSeconds,
  retry: async (internal) => (await internal('emergencySession.expire', {})).nextDueInSeconds,
})
