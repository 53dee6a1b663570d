import { Refusal, secret } from '@gatehouse/contract'
import { uid, type Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../deps.ts'
import { callingUser } from '../identifiers.ts'
import { countConfirmed, insertPendingTotp } from './authenticator.queries.ts'
import { totpSecretPlace } from './prove-totp.ts'
import { otpauthUri, totpParameters, totpSecretBytes, totpSecretText } from './totp-code.ts'

/** An enrolment that nobody finished: its secret may still be on a screen. */
export const enrolmentSeconds = 15 * 60

/** Started again a few times is a clumsy moment; more is a mistake, and the oldest goes. */
const pendingMax = 3

/** Phone, tablet, key safe and spares. */
const authenticatorsMax = 10

/** Starts an enrolment and shows its secret, this once. It proves nothing before its first code. */
export const totpEnroll = (deps: HandlerDeps): Handler<'totp.enroll'> => async (permit) => {
  const user = callingUser(permit)
  const id = deps.random.id()
  const key = deps.random.bytes(totpSecretBytes)
  const now = deps.clock.now()
  const sealed = Buffer.from(deps.sealer.seal(totpSecretPlace(id), key))
  await deps.change(permit, async (tx) => {
    if (await countConfirmed(tx, user.id) >= authenticatorsMax) throw new Refusal('conflict', { hint: `at most ${authenticatorsMax} authenticators` })
    await insertPendingTotp(tx, {
      id, userId: user.id, name: permit.input.name, secret: sealed, algorithm: totpParameters.algorithm, digits: totpParameters.digits, periodSeconds: totpParameters.periodSeconds,
      now, expiredBefore: new Date(now.getTime() - enrolmentSeconds * 1000), pendingMax,
    })
  }, () => ({ resource: uid('Authenticator', id) }))
  return { id, secret: secret(totpSecretText(key)), otpauthUri: secret(otpauthUri(key, { issuer: deps.config.mfa.totpIssuer, username: user.username })) }
}
