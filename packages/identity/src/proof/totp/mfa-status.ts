import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../../shared/deps.ts'
import { secondFactorsOf } from '../factor/second-factors.ts'
import { resourceId } from '../../shared/identifiers.ts'
import { countConfirmed } from './authenticator.queries.ts'
import { demandsAuthenticator } from '../../session/demanded.ts'

/** Says whether a person has enrolled, and whether the role demands it. */
export const mfaStatus =
  ({ db, settings }: HandlerDeps): Handler<'mfa.status'> =>
  async (permit) => {
    const userId = resourceId(permit)
    const authenticators = await countConfirmed(db, userId)
    return {
      enrolled: authenticators > 0,
      required: await demandsAuthenticator(db, await settings.current(), userId),
      methods: await secondFactorsOf(db, userId),
      authenticators,
    }
  }
