import { Refusal, type Output } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { assuranceOf, type Handler, type UserPrincipal } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { callingUser } from '../../shared/identifiers.ts'
import { raiseElsewhere } from '../../session/session.queries.ts'
import { canonicalUserCode, shownUserCode } from './device-codes.ts'
import {
  claimGrant,
  decideGrant,
  selectVisibleGrant,
  spendGrant,
  type DeviceGrantRow,
  type GrantClaim,
} from './device-grant.queries.ts'
import { claimUserCodeGuess, giveBackUserCodeGuess } from './user-code-throttle.ts'

/**
 * Shows a device's log-in to the person who has its code, and takes their decision. Whoever looks first is the only one
 * who may decide:
 * a code that was read over their shoulder, or sent to them by somebody else, is worth nothing to another session
 * (threats A13, CVE-2026-45337).
 */
export const deviceApprove =
  (deps: HandlerDeps): Handler<'auth.deviceApprove'> =>
  async (permit) => {
    const user = callingUser(permit)
    await claimUserCodeGuess(deps, user)
    const userCode = canonicalUserCode(permit.input.userCode)
    // no code that anybody was shown, one of another session, one that has expired: the same answer
    if (userCode === null) throw new Refusal('not-found')
    const claim = { userCode, userId: user.id, sessionId: user.session.id, now: deps.clock.now() }
    const known = await selectVisibleGrant(deps.db, claim)
    if (known === null) throw new Refusal('not-found')
    await giveBackUserCodeGuess(deps, user)
    const { decision } = permit.input
    const raising =
      known.raises !== null && decision === 'approve'
        ? { session: known.raises, provedAt: freshProof(deps, user) }
        : null
    const grant = await deps.change(
      permit,
      (tx) => act(tx, { claim, known, raising, decision }),
      ({ id, state, raises }) => ({ detail: { grant: id, state, ...(raises === null ? {} : { raises }) } }),
    )
    return describe(grant, claim.now)
  }

/**
 * When a factor was proved in this session; throws `step-up-required` unless that was lately enough to raise another
 * one by.
 */
function freshProof({ clock, config }: HandlerDeps, user: UserPrincipal): Date {
  const maxAgeSeconds = config.mfa.stepUpMaxAgeSeconds
  const { provedAt } = user.session
  if (provedAt === null || assuranceOf(user, clock.now(), maxAgeSeconds) !== 'su')
    throw new Refusal('step-up-required', { assurance: 'su', maxAgeSeconds })
  return provedAt
}

/** The session that an approval raises, and the time of the proof that it is raised by. */
interface Raising {
  readonly session: string
  readonly provedAt: Date
}

interface Act {
  readonly claim: GrantClaim
  readonly known: DeviceGrantRow
  readonly raising: Raising | null
  readonly decision: 'look' | 'approve' | 'deny'
}

async function act(tx: Transaction, { claim, known, raising, decision }: Act): Promise<DeviceGrantRow> {
  if (decision === 'look') return (await claimGrant(tx, claim)) ?? lookAgain(tx, claim)
  const decided = await decideGrant(tx, claim, decision === 'approve' ? 'approved' : 'denied')
  if (decided === null)
    throw new Refusal('conflict', {
      hint:
        known.claimed_by === null
          ? 'look at what is asked first'
          : 'this log-in no longer waits for a decision; begin a new one on the device',
    })
  return raising === null ? decided : raise(tx, claim, { grant: decided, raising })
}

/**
 * Makes the session that asked as fresh as this one is: the time of the proof goes along, so a chain of approvals makes
 * nothing fresher than the factor at its
 * beginning. Done at once, not when the device asks: what is lost on the way to the device changes nothing.
 */
async function raise(
  tx: Transaction,
  { userId, now }: GrantClaim,
  { grant, raising: { session, provedAt } }: { grant: DeviceGrantRow; raising: Raising },
): Promise<DeviceGrantRow> {
  if (
    !(await raiseElsewhere(tx, { id: session, userId, provedAt, now })) ||
    !(await spendGrant(tx, { id: grant.id, now }))
  ) {
    throw new Refusal('conflict', { hint: 'the session that asked has ended; log in there again' })
  }
  return { ...grant, state: 'used' }
}

/** What has been decided, or has expired, can still be looked at by the session that it belongs to. */
async function lookAgain(tx: Transaction, claim: GrantClaim): Promise<DeviceGrantRow> {
  const grant = await selectVisibleGrant(tx, claim)
  if (grant === null || grant.claimed_by === null) throw new Refusal('not-found')
  return grant
}

function describe(grant: DeviceGrantRow, now: Date): Output<'auth.deviceApprove'> {
  const expired = grant.expires_at <= now && (grant.state === 'waiting' || grant.state === 'approved')
  return {
    purpose: grant.raises === null ? 'login' : 'stepUp',
    userCode: shownUserCode(grant.user_code),
    client: grant.client,
    address: grant.address,
    device: grant.user_agent,
    requestedAt: grant.requested_at,
    expiresAt: grant.expires_at,
    state: expired ? 'expired' : grant.state,
  }
}
