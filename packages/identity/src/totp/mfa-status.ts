import type { Handler } from '@gatehouse/enforcement'
import type { HandlerDeps } from '../deps.ts'
import { secondFactorsOf } from '../factor/second-factors.ts'
import { resourceId } from '../identifiers.ts'
import { countConfirmed } from './authenticator.queries.ts'
import { demandsAuthenticator } from './demanded.ts'

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
