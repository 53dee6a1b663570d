import { Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { requireRoomForAnother } from '../factor/authenticators-max.ts'
import { finishEnrolment } from '../factor/finish-enrolment.ts'
import { callingUser, resourceId } from '../../shared/identifiers.ts'
import { lockUser } from '../../directory/user.queries.ts'
import { describeAuthenticator } from './authenticator-list.ts'
import { confirmTotp, selectAuthenticator } from './authenticator.queries.ts'
import { matchStep } from './prove-totp.ts'
import { enrolmentSeconds } from './totp-enroll.ts'

/**
 * Finishes an enrolment: the code is spent and the session has two factors from now on, unless a backup code opened it.
 * Sessions of this person that have
 * proved a password only end, since from now on a password alone opens nothing.
 */
export const totpConfirm =
  (deps: HandlerDeps): Handler<'totp.confirm'> =>
  async (permit) => {
    const user = callingUser(permit)
    const id = resourceId(permit)
    await deps.throttle.claim('code', user.username)
    const enrolment = await selectAuthenticator(deps.db, { id, userId: user.id })
    if (enrolment === null || enrolment.confirmed_at !== null) throw notPending()
    const step = await matchStep(deps, enrolment, permit.input.code)
    if (step === null) throw new Refusal('invalid-credentials')
    const now = deps.clock.now()
    const confirmed = await deps.change(permit, async (tx) => {
      // a log-in by password alone comes wholly before this, and is ended below, or wholly after, and is asked for a
      // code
      await lockUser(tx, user.id)
      await requireRoomForAnother(tx, user.id)
      const row = await confirmTotp(tx, {
        id,
        userId: user.id,
        step,
        now,
        notBefore: new Date(now.getTime() - enrolmentSeconds * 1000),
      })
      if (row === null) throw notPending()
      await finishEnrolment(tx, deps, { user, method: 'totp', name: row.name, now })
      return row
    })
    await deps.throttle.succeed('code', user.username)
    return describeAuthenticator(confirmed, null)
  }

const notPending = (): Refusal =>
  new Refusal('conflict', { hint: 'this enrolment is finished or has expired; enrol again' })
