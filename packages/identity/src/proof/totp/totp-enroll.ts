import { secret } from '@gatehouse/contract'
import { uid, type Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { requireRoomForAnother } from '../factor/authenticators-max.ts'
import { callingUser } from '../../shared/identifiers.ts'
import { insertPendingTotp } from './authenticator.queries.ts'
import { totpSecretPlace } from './prove-totp.ts'
import { otpauthUri, totpPeriodSeconds, totpSecretBytes, totpSecretText, type TotpParameters } from './totp-code.ts'

/** An enrolment that nobody finished: its secret may still be on a screen. */
export const enrolmentSeconds = 15 * 60

/** Started again a few times is a clumsy moment; more is a mistake, and the oldest goes. */
const pendingMax = 3

/** Starts an enrolment and shows its secret, this once. It proves nothing before its first code. */
export const totpEnroll =
  (deps: HandlerDeps): Handler<'totp.enroll'> =>
  async (permit) => {
    const user = callingUser(permit)
    const id = deps.random.id()
    const { name, ...chosen } = permit.input
    const parameters: TotpParameters = { ...chosen, periodSeconds: totpPeriodSeconds }
    const key = deps.random.bytes(totpSecretBytes[parameters.algorithm])
    const now = deps.clock.now()
    const sealed = Buffer.from(deps.sealer.seal(totpSecretPlace(id), key))
    await deps.change(
      permit,
      async (tx) => {
        await requireRoomForAnother(tx, user.id)
        await insertPendingTotp(tx, {
          id,
          userId: user.id,
          name,
          secret: sealed,
          ...parameters,
          now,
          expiredBefore: new Date(now.getTime() - enrolmentSeconds * 1000),
          pendingMax,
        })
      },
      () => ({ resource: uid('Authenticator', id) }),
    )
    return {
      id,
      secret: secret(totpSecretText(key)),
      otpauthUri: secret(
        otpauthUri(key, { issuer: deps.config.mfa.totpIssuer, username: user.username, ...parameters }),
      ),
    }
  }
