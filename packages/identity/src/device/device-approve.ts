import { Refusal, type Output } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../deps.ts'
import { callingUser } from '../identifiers.ts'
import { canonicalUserCode, shownUserCode } from './device-codes.ts'
import { claimGrant, decideGrant, selectVisibleGrant, type DeviceGrantRow, type GrantClaim } from './device-grant.queries.ts'
import { claimUserCodeGuess, giveBackUserCodeGuess } from './user-code-throttle.ts'

/**
 * Shows a device's log-in to the person who has its code, and takes his decision. Whoever looks first is the only one who may decide:
 * a code that was read over his shoulder, or sent to him by somebody else, is worth nothing to another session (threats A13, CVE-2026-45337).
 */
export const deviceApprove = (deps: HandlerDeps): Handler<'auth.deviceApprove'> => async (permit) => {
  const user = callingUser(permit)
  await claimUserCodeGuess(deps, user)
  const userCode = canonicalUserCode(permit.input.userCode)
  // no code that anybody was shown, one of another session, one that has expired: the same answer
  if (userCode === null) throw new Refusal('not-found')
  const claim = { userCode, userId: user.id, sessionId: user.session.id, now: deps.clock.now() }
  const known = await selectVisibleGrant(deps.db, claim)
  if (known === null) throw new Refusal('not-found')
  await giveBackUserCodeGuess(deps, user)
  const grant = await deps.change(permit, (tx) => act(tx, { claim, known, decision: permit.input.decision }), ({ id, state }) => ({ detail: { grant: id, state } }))
  return describe(grant, claim.now)
}

async function act(tx: Transaction, { claim, known, decision }: { claim: GrantClaim; known: DeviceGrantRow; decision: 'look' | 'approve' | 'deny' }): Promise<DeviceGrantRow> {
  if (decision === 'look') return await claimGrant(tx, claim) ?? lookAgain(tx, claim)
  const decided = await decideGrant(tx, claim, decision === 'approve' ? 'approved' : 'denied')
  if (decided === null) throw new Refusal('conflict', { hint: known.claimed_by === null ? 'look at what is asked first' : 'this log-in no longer waits for a decision; begin a new one on the device' })
  return decided
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
    userCode: shownUserCode(grant.user_code), client: grant.client, address: grant.address, device: grant.user_agent,
    requestedAt: grant.requested_at, expiresAt: grant.expires_at, state: expired ? 'expired' : grant.state,
  }
}
