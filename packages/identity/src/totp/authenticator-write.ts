import { Refusal, type Output } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { Handler } from '@gatehouse/enforcement'
import { deleteBackupCodes } from '../backup-code/backup-code.queries.ts'
import type { HandlerDeps } from '../deps.ts'
import { callingUser, resourceId } from '../identifiers.ts'
import { lockUser } from '../user/user.queries.ts'
import { describeAuthenticator } from './authenticator-list.ts'
import { countConfirmed, deleteAuthenticator, renameAuthenticator, type AuthenticatorRow } from './authenticator.queries.ts'
import { demandsAuthenticator } from './demanded.ts'

/** Names an authenticator anew. */
export const authenticatorRename = ({ change }: HandlerDeps): Handler<'authenticator.rename'> => async (permit) => {
  const named = { id: resourceId(permit), userId: callingUser(permit).id, name: permit.input.name }
  const row = await change(permit, async (tx) => await renameAuthenticator(tx, named) ?? gone())
  return describeAuthenticator(row)
}

/** Takes an authenticator of any kind away. */
export const authenticatorRemove = (deps: HandlerDeps): Handler<'authenticator.remove'> => (permit) => {
  const removed = { id: resourceId(permit), userId: callingUser(permit).id, kind: null }
  return deps.change(permit, (tx) => remove(tx, deps, removed))
}

/** Takes a TOTP authenticator away; one of another kind is not found. */
export const totpRemove = (deps: HandlerDeps): Handler<'totp.remove'> => (permit) => {
  const removed = { id: resourceId(permit), userId: callingUser(permit).id, kind: 'totp' as const }
  return deps.change(permit, (tx) => remove(tx, deps, removed))
}

async function remove(tx: Transaction, deps: HandlerDeps, removed: { id: string; userId: string; kind: AuthenticatorRow['kind'] | null }): Promise<Output<'authenticator.remove'>> {
  // of two removals at once the later one sees what the earlier one has left
  await lockUser(tx, removed.userId)
  const before = await countConfirmed(tx, removed.userId)
  if (!await deleteAuthenticator(tx, removed)) gone()
  const left = await countConfirmed(tx, removed.userId)
  if (before > 0 && left === 0) await leaveWithout(tx, deps, removed.userId)
  return { id: removed.id, authenticatorsLeft: left }
}

/** Who has no authenticator is asked for his password only, so backup codes would stand for nothing. */
async function leaveWithout(tx: Transaction, deps: HandlerDeps, userId: string): Promise<void> {
  if (await demandsAuthenticator(tx, deps, userId)) throw new Refusal('conflict', { hint: 'your role demands an authenticator; enrol another one before you remove the last' })
  await deleteBackupCodes(tx, userId)
}

function gone(): never {
  throw new Refusal('not-found')
}
