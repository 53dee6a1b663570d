import { invalidField } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { resourceId } from '../../shared/identifiers.ts'
import { noteWayIn } from './way-in.ts'
import { keepingAnAdmin } from './shut-out.ts'
import { deleteUser, forgetAllGuesses, updateProfile } from '../../directory/standing.queries.ts'
import { describeUserRow, requireUser } from '../../directory/user.queries.ts'

/**
 * Changes how a person is called and written to. The user name stays: log-ins, counters and the audit log hang on it.
 */
export const userUpdate =
  ({ change, clock }: HandlerDeps): Handler<'user.update'> =>
  async (permit) => {
    const { displayName, email } = permit.input
    if (displayName === undefined && email === undefined)
      throw invalidField('displayName', 'a display name or an address: there is nothing to change')
    const userId = resourceId(permit)
    const row = await change(permit, async (tx) => {
      await updateProfile(tx, { userId, displayName, email: email === '' ? null : email })
      // links to set a password anew go to that address
      if (email !== undefined) await noteWayIn(tx, { userId, permit, now: clock.now() })
      return requireUser(tx, userId)
    })
    return describeUserRow(row)
  }

/**
 * Deletes a person. Their id is never given again, so who comes after them under the same name has nothing of theirs
 * (threat A3).
 */
export const userDelete =
  ({ change, leases }: HandlerDeps): Handler<'user.delete'> =>
  async (permit) => {
    const userId = resourceId(permit)
    const { reason } = permit.input
    await change(
      permit,
      async (tx) => {
        const { username } = await requireUser(tx, userId)
        const ended = await leases.endAllOf(tx, { principalId: userId, reason })
        // sessions, tokens, roles and authenticators go with the row
        await keepingAnAdmin(tx, () => deleteUser(tx, userId))
        await forgetAllGuesses(tx, username)
        return ended
      },
      (ended) => ({ detail: { leasesEnded: ended } }),
    )
    leases.hurry()
    return { id: userId, removed: true }
  }
