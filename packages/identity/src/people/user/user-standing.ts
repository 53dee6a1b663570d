import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { callingUser, resourceId } from '../../shared/identifiers.ts'
import { notify } from '../../notices/notice.queries.ts'
import { createOneTimePassword } from '../../proof/password/one-time-password.ts'
import { deleteSeedSecret } from '../../directory/seed.queries.ts'
import { noteWayIn } from './way-in.ts'
import { endAccess, keepingAnAdmin } from './shut-out.ts'
import { forgetAllGuesses, replacePassword, setStatus } from '../../directory/standing.queries.ts'
import { describeUserRow, requireUser } from '../../directory/user.queries.ts'

/** Shuts a person out. Their tokens die with the commit, their credentials with it or with the sweep that follows. */
export const userDisable =
  ({ change, clock, leases }: HandlerDeps): Handler<'user.disable'> =>
  async (permit) => {
    const userId = resourceId(permit)
    const { reason } = permit.input
    const { row } = await change(
      permit,
      async (tx) => {
        await keepingAnAdmin(tx, () => setStatus(tx, { userId, status: 'disabled' }))
        // also when they were disabled already: whoever asks wants nothing of theirs left
        const sessions = await endAccess(tx, { userId, now: clock.now(), reason: 'disabled' })
        return {
          sessions,
          leases: await leases.endAllOf(tx, { principalId: userId, reason }),
          row: await requireUser(tx, userId),
        }
      },
      (done) => ({ detail: { sessionsEnded: done.sessions, leasesEnded: done.leases } }),
    )
    leases.hurry()
    return describeUserRow(row)
  }

/** Lets a person log in again. Nothing that had ended comes back. */
export const userEnable =
  ({ change, clock }: HandlerDeps): Handler<'user.enable'> =>
  async (permit) => {
    const userId = resourceId(permit)
    const { row } = await change(
      permit,
      async (tx) => {
        const changed = await setStatus(tx, { userId, status: 'active' })
        if (changed) await noteWayIn(tx, { userId, permit, now: clock.now() })
        return { changed, row: await requireUser(tx, userId) }
      },
      ({ changed }) => ({ detail: { changed } }),
    )
    return describeUserRow(row)
  }

/** Gives a person their guesses back. */
export const userUnlock =
  ({ change }: HandlerDeps): Handler<'user.unlock'> =>
  async (permit) => {
    const userId = resourceId(permit)
    const { row } = await change(
      permit,
      async (tx) => {
        const user = await requireUser(tx, userId)
        return { row: user, forgotten: await forgetAllGuesses(tx, user.username) }
      },
      ({ forgotten }) => ({ detail: { forgotten } }),
    )
    return describeUserRow(row)
  }

/** Gives a person a one-time password, shown this once. Whoever knew the old one is out. */
export const userResetPassword =
  (deps: HandlerDeps): Handler<'user.resetPassword'> =>
  async (permit) => {
    const userId = resourceId(permit)
    const oneTimePassword = createOneTimePassword(deps.random)
    const passwordHash = await deps.passwords.hash(oneTimePassword)
    const { row, kept } = await deps.change(
      permit,
      async (tx) => {
        const now = deps.clock.now()
        await replacePassword(tx, { userId, passwordHash, now })
        await noteWayIn(tx, { userId, permit, now })
        await notify(tx, deps, {
          userId,
          kind: 'passwordReset',
          text:
            `${callingUser(permit).username} gave you a one-time password, and your sessions ended. If you did ` +
            `not ask for that, speak to another administrator.`,
        })
        const sessions = await endAccess(tx, { userId, now, reason: 'password reset' })
        const user = await requireUser(tx, userId)
        await forgetAllGuesses(tx, user.username)
        return { row: user, sessions, kept: await deleteSeedSecret(tx, userId) }
      },
      ({ sessions }) => ({ detail: { sessionsEnded: sessions } }),
    )
    if (kept === 'one-time') deps.onOneTimePasswordChanged?.(userId)
    return { ...describeUserRow(row), oneTimePassword }
  }
