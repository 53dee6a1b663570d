import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../shared/deps.ts'
import { callingUser, resourceId } from '../shared/identifiers.ts'
import { forgetDeviceOfSession, forgetDevicesOf } from './known-device.queries.ts'
import { revokeSession, revokeSessionsOf } from './session.queries.ts'

/** Ends a session now. Whether it is one's own or another's, the policy has looked at. */
export const sessionRevoke =
  ({ change, clock }: HandlerDeps): Handler<'session.revoke'> =>
  async (permit) => {
    const id = resourceId(permit)
    const revoked = await change(
      permit,
      async (tx) => {
        // whoever has that device shall have no guesses of their own either
        await forgetDeviceOfSession(tx, id)
        return revokeSession(tx, { id, now: clock.now(), reason: permit.input.reason })
      },
      (ended) => ({ detail: { revoked: ended } }),
    )
    return { id, revoked }
  }

/** Ends all of the person's sessions but this one. */
export const sessionRevokeOthers =
  ({ change, clock }: HandlerDeps): Handler<'session.revokeOthers'> =>
  async (permit) => {
    const user = callingUser(permit)
    const end = { userId: user.id, except: user.session.id, now: clock.now(), reason: permit.input.reason }
    const ended = await change(
      permit,
      async (tx) => {
        await forgetDevicesOf(tx, { userId: user.id, exceptSession: user.session.id })
        return revokeSessionsOf(tx, end)
      },
      (count) => ({ detail: { ended: count } }),
    )
    return { ended }
  }
