import { Refusal } from '@gatehouse/contract'
import { uid, type Handler } from '@gatehouse/enforcement'
import { selectChallenge } from '../../session/login.queries.ts'
import type { HandlerDeps } from '../../shared/deps.ts'
import { askAssertion, usableKeys } from './ask-assertion.ts'
import { selectCredentials } from './credential.queries.ts'

/** Says what a key is to sign to meet an MFA challenge. A touch is enough: the password is the other factor. */
export const mfaOptions =
  (deps: HandlerDeps): Handler<'auth.mfaOptions'> =>
  async (permit) => {
    const { challengeId } = permit.input
    const person = await selectChallenge(deps.db, { id: challengeId, now: deps.clock.now() })
    if (person === null) throw new Refusal('invalid-credentials')
    const userVerification = 'discouraged' as const
    const keys = usableKeys(await selectCredentials(deps.db, person.userId), userVerification)
    if (keys.length === 0)
      throw new Refusal('conflict', {
        hint: 'this account has no security key or passkey that works; use another method',
      })
    const asked = await deps.change(
      permit,
      (tx) =>
        askAssertion(tx, deps, {
          ceremony: { purpose: 'secondFactor', boundTo: challengeId },
          userId: person.userId,
          keys,
          userVerification,
        }),
      () => ({ resource: uid('User', person.userId) }),
    )
    return { options: { ...asked.options } }
  }
