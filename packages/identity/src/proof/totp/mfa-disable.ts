import { Refusal } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { deleteBackupCodes } from '../backup-code/backup-code.queries.ts'
import type { HandlerDeps } from '../../shared/deps.ts'
import { callingUser } from '../../shared/identifiers.ts'
import { notify } from '../../notices/notice.queries.ts'
import { demandNewPassword, lockUser } from '../../directory/user.queries.ts'
import { deleteAuthenticators } from './authenticator.queries.ts'
import { demandsAuthenticator } from '../../session/demanded.ts'

/** Takes every second factor of a person away, unless one of their roles demands one. */
export const mfaDisable =
  (deps: HandlerDeps): Handler<'mfa.disable'> =>
  async (permit) => {
    const user = callingUser(permit)
    const settings = await deps.settings.current()
    const authenticatorsRemoved = await deps.change(
      permit,
      async (tx) => {
        await lockUser(tx, user.id)
        if (await demandsAuthenticator(tx, settings, user.id))
          throw new Refusal('conflict', { hint: 'your role demands an authenticator' })
        await deleteBackupCodes(tx, user.id)
        const removed = await deleteAuthenticators(tx, user.id)
        if (removed > 0) await demandNewPassword(tx, user.id)
        if (removed > 0)
          await notify(tx, deps, {
            userId: user.id,
            kind: 'authenticatorRemoved',
            text:
              'All your authenticators and backup codes were removed: your password alone opens your account. ' +
              'If it was not you, change it and enrol again.',
          })
        return removed
      },
      (removed) => ({ detail: { removed } }),
    )
    return { authenticatorsRemoved }
  }
