import { Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { deleteBackupCodes } from '../backup-code/backup-code.queries.ts'
import type { HandlerDeps } from '../deps.ts'
import { callingUser } from '../identifiers.ts'
import { lockUser } from '../user/user.queries.ts'
import { deleteAuthenticators } from './authenticator.queries.ts'
import { demandsAuthenticator } from './demanded.ts'

/** Takes every second factor of a person away, unless one of his roles demands one. */
export const mfaDisable = (deps: HandlerDeps): Handler<'mfa.disable'> => async (permit) => {
  const user = callingUser(permit)
  const authenticatorsRemoved = await deps.change(permit, async (tx) => {
    await lockUser(tx, user.id)
    if (await demandsAuthenticator(tx, deps, user.id)) throw new Refusal('conflict', { hint: 'your role demands an authenticator' })
    await deleteBackupCodes(tx, user.id)
    return deleteAuthenticators(tx, user.id)
  }, (removed) => ({ detail: { removed } }))
  return { authenticatorsRemoved }
}
