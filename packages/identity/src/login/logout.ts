import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../shared/deps.ts'
import { callingUser } from '../shared/identifiers.ts'
import { forgetDevicesOf } from '../session/known-device.queries.ts'
import { moveCutOff } from '../directory/user.queries.ts'
import { revokeSession, revokeSessionsOf } from '../session/session.queries.ts'

/** Ends this session, or all of the person's. Their tokens die with them, on every node. */
export const logout =
  ({ change, clock }: HandlerDeps): Handler<'auth.logout'> =>
  async (permit) => {
    const user = callingUser(permit)
    const end = { now: clock.now(), reason: 'logged out' }
    const ended = await change(
      permit,
      async (tx) => {
        if (!permit.input.all) return (await revokeSession(tx, { ...end, id: user.session.id })) ? 1 : 0
        await moveCutOff(tx, { userId: user.id, now: end.now })
        await forgetDevicesOf(tx, { userId: user.id, exceptSession: user.session.id })
        return revokeSessionsOf(tx, { ...end, userId: user.id, except: null })
      },
      (count) => ({ detail: { ended: count } }),
    )
    return { ended }
  }
