import { workflowIds, type Output } from '@gatehouse/contract'
import { selectTeamNames, selectVoters } from '@gatehouse/identity'
import type { Store } from '@gatehouse/database'
import { workflowPage, type TemporalWeb } from '@gatehouse/enforcement'
import { countRequests, type Counted } from './counting.ts'
import { readDocument } from './document.ts'
import { scoreOf, stepsOf } from './drill-steps.ts'
import { selectRequestsById, type RequestRow, type VoteRow } from './request.queries.ts'
import { selectSessionsOf, type SessionRow } from './session.queries.ts'
import { requestStanding, sessionStanding, stepRow, stepSessionRow } from './standings.ts'
import type { Clocks } from './steady.ts'
import { reviewSeconds, secondsLeft, sessionSecondsLeft } from './transitions.ts'

export type RequestView = Output<'breakGlass.request'>
export type SessionView = Output<'emergencySession.get'>

/** What a view is made with. */
type ViewDeps = Clocks & { readonly temporalWeb: TemporalWeb }

/** Requests as people see them, counted from the rows of this moment. */
export async function showRequests(db: Store, rows: readonly RequestRow[], clocks: ViewDeps): Promise<RequestView[]> {
  const counted = await countRequests(db, rows, clocks.clock.now())
  const teams = await selectTeamNames(db)
  const sessions = new Map(
    (
      await selectSessionsOf(
        db,
        rows.map(({ id }) => id),
      )
    ).map((one) => [one.request_id, one.id]),
  )
  return counted.map((one) => viewOf(one, { teams, session: sessions.get(one.request.id) ?? null, clocks }))
}

/** One request as people see it. */
export async function showRequest(db: Store, row: RequestRow, clocks: ViewDeps): Promise<RequestView> {
  const [view] = await showRequests(db, [row], clocks)
  if (view === undefined) throw new TypeError('a request was not shown')
  return view
}

function viewOf(
  { request, votes, quorum }: Counted,
  {
    teams,
    session,
    clocks,
  }: { readonly teams: ReadonlyMap<string, string>; readonly session: string | null; readonly clocks: ViewDeps },
): RequestView {
  const document = readDocument(request.document)
  // a step that does not fit is an end that its row tells
  const now = stepRow(request, { type: 'looked' }, clocks) ?? requestStanding(request)
  const teamOf = new Map(quorum.standing.map(({ id, team }) => [id, team]))
  const nameOf = (team: string | null | undefined): string | null =>
    team === null || team === undefined ? null : (teams.get(team) ?? team)
  return {
    id: request.id,
    state: now.state,
    hash: request.hash.toString('hex'),
    version: request.version,
    requester: request.requester_id,
    requesterName: request.requester_name,
    incident: request.incident,
    incidentId: request.incident_id,
    severity: request.severity,
    justification: request.justification,
    workspace: request.workspace_id,
    workspaceName: document.workspace.name,
    environment: document.workspace.environment,
    actions: request.actions as RequestView['actions'], // only these are ever written
    durationSeconds: request.duration_seconds,
    createdAt: request.created_at,
    secondsLeft: wholeSeconds(secondsLeft(now)),
    approvals: votes
      .filter(({ says }) => says === 'approve')
      .map((vote) => ({
        ...voterOf(vote),
        team: nameOf(teamOf.get(vote.voter_id)),
        method: vote.method,
        uncounted: quorum.uncounted.get(vote.voter_id) ?? null,
      })),
    denials: votes
      .filter(({ says }) => says === 'deny')
      .map((vote) => ({ ...voterOf(vote), team: nameOf(vote.team_id) ?? '', reason: vote.reason ?? '' })),
    missing: quorum.missing,
    session,
    ...drillOf(request, { votes, isOpen: now.state === 'pending' || now.state === 'approved' }),
    closedReason: request.closed_reason,
    workflowUrl: workflowPage(clocks.temporalWeb, workflowIds.rowClock('break-glass', request.id)),
  }
}

/** What a drill has measured, and its score when it is over. */
function drillOf(
  { drill, created_at: askedAt, approved_at: approvedAt, finished_at: finishedAt }: RequestRow,
  { votes, isOpen }: { readonly votes: readonly VoteRow[]; readonly isOpen: boolean },
): Pick<RequestView, 'drill' | 'drillSteps' | 'drillScore'> {
  if (!drill) return { drill, drillSteps: null, drillScore: null }
  const drillSteps = stepsOf({ askedAt, firstVoteAt: votes[0]?.at ?? null, approvedAt, finishedAt })
  return { drill, drillSteps, drillScore: isOpen ? null : scoreOf(drillSteps) }
}

/** As people count what is left of them. */
const wholeSeconds = (left: number | null): number | null => (left === null ? null : Math.ceil(left))

const voterOf = ({ voter_name: principal, voter_id: principalId, at }: VoteRow) => ({ principal, principalId, at })

/** Sessions as people see them. */
export async function showSessions(db: Store, rows: readonly SessionRow[], clocks: ViewDeps): Promise<SessionView[]> {
  const ids = new Set(
    rows.flatMap((row) => [...row.approver_ids, ...(row.reviewer_id === null ? [] : [row.reviewer_id])]),
  )
  const now = clocks.clock.now()
  const names = new Map((await selectVoters(db, { ids: [...ids], now })).map(({ id, username }) => [id, username]))
  const asked = await selectRequestsById(
    db,
    rows.map((row) => row.request_id),
  )
  const requests = new Map(asked.map((one) => [one.id, one]))
  return rows.map((row) => {
    const request = requests.get(row.request_id)
    if (request === undefined) throw new TypeError('an emergency session without its request')
    return sessionView(row, { request, names, clocks })
  })
}

/** One session as people see it. */
export async function showSession(db: Store, row: SessionRow, clocks: ViewDeps): Promise<SessionView> {
  const [view] = await showSessions(db, [row], clocks)
  if (view === undefined) throw new TypeError('an emergency session was not shown')
  return view
}

function sessionView(
  row: SessionRow,
  {
    request,
    names,
    clocks,
  }: { readonly request: RequestRow; readonly names: ReadonlyMap<string, string>; readonly clocks: ViewDeps },
): SessionView {
  const looked = stepSessionRow(row, { type: 'looked', requesterActive: true, approversActive: true }, clocks)
  const standing = looked ?? sessionStanding(row)
  const nameOf = (id: string): string => names.get(id) ?? id
  const ended = standing.endedBy !== null
  return {
    id: row.id,
    request: row.request_id,
    state: ended ? 'ended' : 'active',
    endedBy: standing.endedBy,
    endReason: row.end_reason,
    requester: row.user_id,
    requesterName: request.requester_name,
    incident: request.incident,
    incidentId: request.incident_id,
    severity: request.severity,
    workspace: row.workspace_id,
    workspaceName: readDocument(request.document).workspace.name,
    actions: row.actions as SessionView['actions'], // only these are ever written
    approvers: row.approver_ids.map(nameOf),
    activatedAt: row.activated_at,
    expiresAt: row.expires_at,
    secondsLeft: ended ? 0 : Math.ceil(sessionSecondsLeft(standing)),
    endedAt: row.ended_at,
    reviewDueAt: row.ended_at === null ? null : new Date(row.ended_at.getTime() + reviewSeconds * 1000),
    review: reviewOf(row, nameOf),
    workflowUrl: workflowPage(clocks.temporalWeb, workflowIds.rowClock('emergency-session', row.id)),
  }
}

/** What a review says, as it is kept. */
export interface StoredReview {
  readonly needed: boolean
  readonly summary: string
  readonly followUps: readonly { readonly text: string; readonly owner: string; readonly dueAt: string }[]
  readonly rotate: readonly string[]
}

function reviewOf(row: SessionRow, nameOf: (id: string) => string): SessionView['review'] {
  if (row.review === null || row.reviewed_at === null || row.reviewer_id === null) return null
  const review = JSON.parse(row.review) as StoredReview // only `breakGlass.review` writes it
  return {
    ...review,
    at: row.reviewed_at,
    reviewer: nameOf(row.reviewer_id),
    followUps: review.followUps.map((one) => ({ ...one, dueAt: new Date(one.dueAt) })),
    rotate: [...review.rotate],
  }
}
