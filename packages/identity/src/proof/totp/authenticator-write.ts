import { Refusal, type Output } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Handler } from '@gatehouse/enforcement'
import { deleteBackupCodes } from '../backup-code/backup-code.queries.ts'
import type { HandlerDeps } from '../../shared/deps.ts'
import { callingUser, resourceId } from '../../shared/identifiers.ts'
import { notify } from '../../notices/notice.queries.ts'
import { demandNewPassword, lockUser } from '../../directory/user.queries.ts'
import { selectCredentialOf } from '../webauthn/credential.queries.ts'
import { describeAuthenticator } from './authenticator-list.ts'
import {
  countConfirmed,
  countUsable,
  deleteAuthenticator,
  renameAuthenticator,
  type AuthenticatorRow,
} from './authenticator.queries.ts'
import { demandsAuthenticator } from '../../session/demanded.ts'
import type { GatehouseSettingsInForce } from '../../shared/settings.ts'

/** Names an authenticator anew. */
export const authenticatorRename =
  ({ change }: HandlerDeps): Handler<'authenticator.rename'> =>
  async (permit) => {
    const named = { id: resourceId(permit), userId: callingUser(permit).id, name: permit.input.name }
    return change(permit, async (tx) =>
      describeAuthenticator((await renameAuthenticator(tx, named)) ?? gone(), await selectCredentialOf(tx, named.id)),
    )
  }

/** Takes an authenticator of any kind away. */
export const authenticatorRemove =
  (deps: HandlerDeps): Handler<'authenticator.remove'> =>
  async (permit) => {
    const removed = {
      id: resourceId(permit),
      userId: callingUser(permit).id,
      kind: null,
      settings: await deps.settings.current(),
    }
    return deps.change(permit, (tx) => remove(tx, deps, removed))
  }

/** Takes a TOTP authenticator away; one of another kind is not found. */
export const totpRemove =
  (deps: HandlerDeps): Handler<'totp.remove'> =>
  async (permit) => {
    const removed = {
      id: resourceId(permit),
      userId: callingUser(permit).id,
      kind: 'totp' as const,
      settings: await deps.settings.current(),
    }
    return deps.change(permit, (tx) => remove(tx, deps, removed))
  }

interface Removal {
  readonly id: string
  readonly userId: string
  readonly kind: AuthenticatorRow['kind'] | null
  readonly settings: GatehouseSettingsInForce
}

async function remove(
  tx: Transaction,
  deps: HandlerDeps,
  { id, userId, kind, settings }: Removal,
): Promise<Output<'authenticator.remove'>> {
  // of two removals at once the later one sees what the earlier one has left
  await lockUser(tx, userId)
  const removed = (await deleteAuthenticator(tx, { id, userId, kind })) ?? gone()
  const left = await countConfirmed(tx, userId)
  if (removed.confirmed_at === null) return { id, authenticatorsLeft: left }
  if ((await countUsable(tx, userId)) === 0) await leaveWithout(tx, { userId, settings, left })
  await notify(tx, deps, {
    userId,
    kind: 'authenticatorRemoved',
    text:
      `The authenticator “${removed.name}” was removed from your account. If it was not you, change your ` +
      `password and look at your authenticators.`,
  })
  return { id, authenticatorsLeft: left }
}

/** Who has no authenticator is asked for their password only, so backup codes would stand for nothing. */
async function leaveWithout(
  tx: Transaction,
  { userId, settings, left }: { userId: string; settings: GatehouseSettingsInForce; left: number },
): Promise<void> {
  if (await demandsAuthenticator(tx, settings, userId))
    throw new Refusal('conflict', {
      hint: 'your role demands an authenticator; enrol another one before you remove the last',
    })
  // what is left is disabled and still bars the password alone: without this one nothing would open the account
  if (left > 0) throw new Refusal('conflict', { hint: 'your other keys are disabled; remove those first' })
  await deleteBackupCodes(tx, userId)
  await demandNewPassword(tx, userId)
}

function gone(): never {
  throw new Refusal('not-found')
}
