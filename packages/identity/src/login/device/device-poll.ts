import { Refusal, type Output } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { uid, type Handler } from '@gatehouse/enforcement'
import { noteLogin } from '../../session/login.queries.ts'
import type { HandlerDeps } from '../../shared/deps.ts'
import { notify } from '../../notices/notice.queries.ts'
import { openApprovedSession, type OpenedSession } from '../../session/open-session.ts'
import type { SessionRow } from '../../session/session.queries.ts'
import { deviceCodeHash } from './device-codes.ts'
import {
  holdApprover,
  noteGrantSession,
  notePoll,
  spendGrant,
  voidGrant,
  type DeviceGrantRow,
} from './device-grant.queries.ts'

/** Networks are uneven: a poll this much too soon is on time. */
const slackMilliseconds = 1000

/** RFC 8628 §3.5: `slow_down` adds five seconds. A minute is slow enough. */
const slowerBySeconds = 5
const intervalSecondsMax = 60

type Poll = Output<'auth.devicePoll'>
type PollPermit = Parameters<Handler<'auth.devicePoll'>>[0]

/**
 * Answers a device's question whether it may in. Tokens are given once; who asks sooner than they were told is refused
 * `rate-limited`, and waits longer from then on.
 */
export const devicePoll =
  (deps: HandlerDeps): Handler<'auth.devicePoll'> =>
  async (permit) => {
    const hash = deviceCodeHash(permit.input.deviceCode.expose())
    if (hash === null) throw new Refusal('not-found')
    const now = deps.clock.now()
    const noted = await notePoll(deps.db, { hash, now, slackMilliseconds, slowerBySeconds, intervalSecondsMax })
    if (noted === null) throw new Refusal('not-found')
    const { grant, tooSoon } = noted
    if (tooSoon) throw new Refusal('rate-limited', { retryAfterSeconds: grant.interval_seconds })
    if (grant.state === 'approved' && grant.expires_at > now) return give(deps, permit, grant)
    const isOpen = grant.state === 'waiting' || grant.state === 'approved'
    const state = isOpen && grant.expires_at <= now ? 'expired' : grant.state
    return say(deps, permit, { grant, state })
  }

const say = (
  { change }: HandlerDeps,
  permit: PollPermit,
  { grant, state }: { grant: DeviceGrantRow; state: Poll['state'] },
): Promise<Poll> =>
  change(
    permit,
    () => Promise.resolve({ state, intervalSeconds: grant.interval_seconds, tokens: null }),
    () => ({ detail: { grant: grant.id, state } }),
  )

/** Opens the device's session, unless whoever approved has been shut out meanwhile. */
async function give(deps: HandlerDeps, permit: PollPermit, grant: DeviceGrantRow): Promise<Poll> {
  const opened = await deps.change(
    permit,
    (tx) => open(tx, deps, { permit, grant }),
    (given) =>
      given === null
        ? { detail: { grant: grant.id, state: 'denied' } }
        : {
            resource: uid('User', grant.user_id ?? ''),
            detail: { grant: grant.id, state: 'used', session: given.sessionId, approvedBy: grant.claimed_by },
          },
  )
  return {
    state: opened === null ? 'denied' : 'used',
    intervalSeconds: grant.interval_seconds,
    tokens: opened?.tokens ?? null,
  }
}

async function open(
  tx: Transaction,
  deps: HandlerDeps,
  { permit, grant }: { permit: PollPermit; grant: DeviceGrantRow },
): Promise<OpenedSession | null> {
  const now = deps.clock.now()
  const approver = await liveApprover(tx, grant, now)
  if (approver === null) {
    await voidGrant(tx, grant.id)
    return null
  }
  if (!(await spendGrant(tx, { id: grant.id, now })))
    throw new Refusal('conflict', { hint: 'this log-in was finished meanwhile' })
  const opened = await openApprovedSession(tx, deps, { approver, call: permit.call })
  await noteGrantSession(tx, { id: grant.id, sessionId: opened.sessionId })
  await notify(tx, deps, {
    userId: approver.user_id,
    kind: 'newSession',
    text:
      `\`${grant.client}\` at ${permit.call.address} is logged in as you, as one of your sessions approved. If ` +
      `that was not you, end that session and change your password.`,
  })
  return opened
}

/** The person's row is held first, as in every log-in: who is disabled meanwhile gets no session. */
async function liveApprover(tx: Transaction, grant: DeviceGrantRow, now: Date): Promise<SessionRow | null> {
  if (grant.user_id === null || !(await noteLogin(tx, { userId: grant.user_id, now }))) return null
  return holdApprover(tx, grant, now)
}
