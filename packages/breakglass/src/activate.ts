import { Refusal, type Output } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Handler } from '@gatehouse/enforcement'
import { holdPeople, selectWorkspaceName, shownKey, signEmergencyToken, tellPeople } from '@gatehouse/identity'
import { countRequest, type Counted } from './counting.ts'
import type { BreakGlassDeps } from './deps.ts'
import { readDocument } from './document.ts'
import { endNow } from './end-session.ts'
import { denyingTeamsMax } from './quorum.ts'
import { isOpen, moveRequest, selectVotes, type RequestRow } from './request.queries.ts'
import { callingPerson, closed, decidedId, requireHeld, requireUnlocked } from './request-handlers.ts'
import { countSince, holdAliveOf, insertSession, selectUnreviewed, type SessionRow } from './session.queries.ts'
import { requestColumns, sessionColumns, stepRow, stepSessionRow } from './standings.ts'
import { newSession, reviewSeconds, stepRequest, type RequestStanding } from './transitions.ts'
import { showSession } from './view.ts'

type ActivatePermit = Parameters<Handler<'breakGlass.activate'>>[0]

const daySeconds = 86_400
/** The third session of one person within a day is told: either they need more every day, or it is not them. */
const manyInDay = 3

/**
 * Begins an emergency session. INVARIANT: session, alert and notices are committed before there is a token; who dies in
 * between has no token and no way to another.
 */
export const breakGlassActivate =
  (deps: BreakGlassDeps): Handler<'breakGlass.activate'> =>
  async (permit): Promise<Output<'breakGlass.activate'>> => {
    const session = await deps.change(
      permit,
      (tx) => begin(tx, deps, permit),
      ({ id, approver_ids }) => ({ detail: { session: id, approvers: approver_ids } }),
    )
    const key = await deps.signingKeys.within(deps.db)
    const view = await showSession(deps.db, session, deps)
    const accessToken = await signEmergencyToken(
      { key, config: deps.config },
      {
        tokenId: session.token_id,
        sessionId: session.id,
        userId: session.user_id,
        incident: view.incident,
        workspace: session.workspace_id,
        actions: session.actions,
        approvers: session.approver_ids,
        activatedAt: session.activated_at,
        expiresAt: session.expires_at,
        keyThumbprint: session.key_thumbprint,
      },
    )
    return { session: view, accessToken, tokenType: session.key_thumbprint === null ? 'Bearer' : 'DPoP' }
  }

async function begin(tx: Transaction, deps: BreakGlassDeps, permit: ActivatePermit): Promise<SessionRow> {
  const held = await requireHeld(tx, decidedId(permit))
  if (held.requester_id !== callingPerson(permit).id)
    throw new Refusal('forbidden', { hint: 'only who asked activates it' })
  // INVARIANT: who ends a session holds it and then its request; so nobody holds a request and waits for its session
  if (!isOpen(held)) throw closed(held, deps)
  if (held.drill)
    throw new Refusal('conflict', {
      hint: `a drill ends before there is a session; finish it (gatehouse break-glass drill-finish ${held.id})`,
    })
  await requireSamePlace(tx, held)
  await requireNoneAlive(tx, deps, held)
  await requireReviewed(tx, deps, held)
  const counted = await countUnderLock(tx, deps, held)
  await requireUnlocked(tx, deps, held.id)
  const moved = await approvedAndActive(tx, deps, counted)
  const session = await insertOne(tx, deps, { permit, request: moved, counted })
  await tellAll(tx, deps, { request: moved, session })
  return session
}

/**
 * Eligibility, teams and standing, from rows that are held: who loses them at this moment lost them before it, or after
 * (threat D4).
 */
export async function countUnderLock(tx: Transaction, deps: BreakGlassDeps, held: RequestRow): Promise<Counted> {
  const votes = await selectVotes(tx, [held.id])
  await holdPeople(tx, [held.requester_id, ...new Set(votes.map((vote) => vote.voter_id))])
  return countRequest(tx, held, deps.clock.now())
}

/** The request, moved to `active` by the one statement that lets one of many through (threat D1). */
async function approvedAndActive(tx: Transaction, deps: BreakGlassDeps, counted: Counted): Promise<RequestRow> {
  const [held, approved] = [counted.request, requireApproved(deps, counted)]
  const active = stepRequest(approved, { type: 'activated' }, { now: approved.elapsed.seenAt, measuredMs: 0 })
  const moved = active === null ? null : await moveRequest(tx, requestColumns(held.id, active, deps), held)
  if (moved === null) throw closed(held, deps)
  return moved
}

/** Where a request stands that was counted and is approved; refuses one that is not. */
export function requireApproved(deps: BreakGlassDeps, { request: held, quorum, votes }: Counted): RequestStanding {
  const deniedByTeams = quorum.denied.length >= denyingTeamsMax
  const recounted = stepRow(held, { type: 'counted', met: quorum.met, deniedByTeams }, deps)
  if (recounted === null) throw closed(held, deps)
  if (recounted.state !== 'approved') throw new Refusal('approval-pending', { hint: whyNotMet(quorum, votes.length) })
  return recounted
}

function whyNotMet({ missing, uncounted, denied }: Counted['quorum'], votes: number): string {
  const lost = [...uncounted.values()]
  const parts = [
    missing === null
      ? 'the rule cannot be met'
      : `${missing} more ${missing === 1 ? 'person is' : 'people are'} wanted`,
    ...(lost.length === 0 ? [] : [`of ${votes} votes some do not count: who approved ${lost.join('; who approved ')}`]),
    ...(denied.length === 0 ? [] : ['a team has denied it']),
  ]
  return parts.join('; ')
}

/** What was approved for one environment is not had in another, to which the workspace was moved since (threat D6). */
async function requireSamePlace(tx: Transaction, held: RequestRow): Promise<void> {
  const { workspace } = readDocument(held.document)
  const now = await selectWorkspaceName(tx, held.workspace_id)
  if (now === null) throw new Refusal('not-found')
  if (now.environment !== workspace.environment)
    throw new Refusal('conflict', {
      hint:
        `${now.name} stands in ${now.environment} now, and it was asked for in ${workspace.environment}; change the ` +
        `request, so that it is approved as it is (gatehouse break-glass update ${held.id} --justification "…")`,
    })
}

/** One alive of each person. One whose time is over is ended here: nobody waits for a sweep. */
async function requireNoneAlive(tx: Transaction, deps: BreakGlassDeps, held: RequestRow): Promise<void> {
  const row = await holdAliveOf(tx, held.requester_id)
  if (row === null) return
  const standing = stepSessionRow(row, { type: 'looked', requesterActive: true, approversActive: true }, deps)
  const { endedBy = null } = standing ?? {}
  if (standing === null || endedBy === null)
    throw new Refusal('conflict', {
      hint: `you have an emergency session already; end it first (gatehouse emergency-session revoke ${row.id})`,
    })
  await endNow(tx, deps, { row, ending: { standing: { ...standing, endedBy }, enderId: null, reason: null } })
}

/** Who left a session unreviewed begins another only when it is critical. */
async function requireReviewed(tx: Transaction, deps: BreakGlassDeps, held: RequestRow): Promise<void> {
  if (held.severity === 'critical') return
  const endedBefore = new Date(deps.clock.now().getTime() - reviewSeconds * 1000)
  const [overdue] = await selectUnreviewed(tx, {
    endedBefore,
    toldBefore: null,
    userId: held.requester_id,
    sessionId: null,
  })
  if (overdue !== undefined)
    throw new Refusal('conflict', {
      hint: `your emergency session ${overdue.id} has not been reviewed within 48 hours; have it reviewed first`,
    })
}

async function insertOne(
  tx: Transaction,
  deps: BreakGlassDeps,
  {
    permit,
    request,
    counted: { quorum, rule },
  }: { readonly permit: ActivatePermit; readonly request: RequestRow; readonly counted: Counted },
): Promise<SessionRow> {
  const now = deps.clock.now()
  const id = deps.random.id()
  const standing = newSession(request.duration_seconds, now)
  const session = await insertSession(tx, {
    ...sessionColumns(id, standing, deps),
    request_id: request.id,
    user_id: request.requester_id,
    workspace_id: request.workspace_id,
    actions: request.actions,
    duration_seconds: standing.durationSeconds,
    approver_ids: quorum.standing.map((one) => one.id),
    quorum: JSON.stringify({ rule: rule.rule, totpAdmitted: rule.totpAdmitted, standing: quorum.standing }),
    token_id: deps.random.id(),
    key_thumbprint: await shownKey(tx, deps, permit.call),
    activated_at: now,
    expires_at: new Date(now.getTime() + standing.durationSeconds * 1000),
    ended_by: null,
    ended_at: null,
    ender_id: null,
    end_reason: null,
    reviewed_at: null,
    reviewer_id: null,
    review: null,
    overdue_told_at: null,
  })
  if (session === null) throw new Refusal('conflict', { hint: 'it was activated at this moment' })
  return session
}

async function tellAll(
  tx: Transaction,
  deps: BreakGlassDeps,
  { request, session }: { readonly request: RequestRow; readonly session: SessionRow },
): Promise<void> {
  const { workspace } = readDocument(request.document)
  const now = deps.clock.now()
  const about = { type: 'EmergencySession', id: session.id } as const
  await deps.raiseAlert(tx, {
    kind: 'break-glass-created',
    about,
    dedupeKey: session.id,
    facts: {
      request: request.id,
      requester: request.requester_name,
      incident: request.incident_id, // by its id: what somebody called it is text, which leaves by no channel
      severity: request.severity,
      workspace: workspace.name,
      environment: workspace.environment,
      expiresAt: session.expires_at.toISOString(),
    },
  })
  const sessions = await countSince(tx, { userId: session.user_id, since: new Date(now.getTime() - daySeconds * 1000) })
  if (sessions >= manyInDay)
    await deps.raiseAlert(tx, {
      kind: 'break-glass-third-in-day',
      about: { type: 'User', id: session.user_id },
      dedupeKey: session.user_id,
      facts: { requester: request.requester_name, sessions },
    })
  await tellPeople(tx, {
    roles: ['Admin'],
    ids: session.approver_ids,
    kind: 'emergency',
    text:
      `${request.requester_name} began an emergency session in ${workspace.name} (${request.incident}), until ` +
      `${session.expires_at.toISOString()} at the latest. End it if it is not right (gatehouse emergency-session ` +
      `revoke ${session.id}).`,
    now,
  })
}
