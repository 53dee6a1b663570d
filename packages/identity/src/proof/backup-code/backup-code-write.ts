import { Refusal, type Secret } from '@gatehouse/contract'
import type { Handler } from '@gatehouse/enforcement'
import { isUuid } from '@gatehouse/kit'
import type { HandlerDeps } from '../../shared/deps.ts'
import { callingUser } from '../../shared/identifiers.ts'
import { notify } from '../../notices/notice.queries.ts'
import { enrolmentSeconds } from '../totp/totp-enroll.ts'
import { lockUser } from '../../directory/user.queries.ts'
import { describeCount } from './backup-code-read.ts'
import { canonicalBackupCode, createBackupCodes } from './backup-code-text.ts'
import { confirmSet, countBackupCodes, insertPendingSet, isUnspent, selectPendingSet } from './backup-code.queries.ts'

const saltBytes = 16

/** Makes ten codes that open nothing yet. Whoever loses the answer still has their old ones. */
export const backupCodeRegenerate =
  (deps: HandlerDeps): Handler<'backupCode.regenerate'> =>
  async (permit) => {
    const user = callingUser(permit)
    const id = deps.random.id()
    const salt = Buffer.from(deps.random.bytes(saltBytes))
    const codes = createBackupCodes(deps.random)
    const hashes: Buffer[] = []
    // one after another: a person's ten codes must not fill the gate that log-ins wait at
    for (const code of codes) hashes.push(await hashCode(deps, code, salt))
    const now = deps.clock.now()
    await deps.change(
      permit,
      async (tx) => {
        await lockUser(tx, user.id)
        await insertPendingSet(tx, { id, userId: user.id, salt, hashes, now })
      },
      () => ({ detail: { set: id } }),
    )
    return { id, codes, confirmBefore: new Date(now.getTime() + enrolmentSeconds * 1000) }
  }

/**
 * Puts a set in force once one of its codes has come back from the paper it was written on. That code stays unspent.
 */
export const backupCodeConfirm =
  (deps: HandlerDeps): Handler<'backupCode.confirm'> =>
  async (permit) => {
    const user = callingUser(permit)
    const { id, code } = permit.input
    await deps.throttle.claim('code', user.username)
    const now = deps.clock.now()
    const set = isUuid(id)
      ? await selectPendingSet(deps.db, {
          id,
          userId: user.id,
          notBefore: new Date(now.getTime() - enrolmentSeconds * 1000),
        })
      : null
    if (set === null) throw notWaiting()
    const canonical = canonicalBackupCode(code)
    if (
      canonical === null ||
      !(await isUnspent(deps.db, { setId: set.id, hash: await hashCode(deps, canonical, set.salt) }))
    )
      throw new Refusal('invalid-credentials')
    const count = await deps.change(
      permit,
      async (tx) => {
        await lockUser(tx, user.id)
        if (!(await confirmSet(tx, { id: set.id, userId: user.id, now }))) throw notWaiting()
        await notify(tx, deps, {
          userId: user.id,
          kind: 'backupCodesReplaced',
          text:
            'New backup codes are in force, and any older ones are dead. If it was not you, change your ' +
            'password and make new codes.',
        })
        return countBackupCodes(tx, user.id)
      },
      () => ({ detail: { set: id } }),
    )
    await deps.throttle.succeed('code', user.username)
    return describeCount(count)
  }

/**
 * The hash that a code is kept as: without it the code is in the database for nobody, with the salt it can be found
 * again.
 */
export async function hashCode({ passwords }: HandlerDeps, code: Secret<string>, salt: Uint8Array): Promise<Buffer> {
  const canonical = canonicalBackupCode(code)
  if (canonical === null) throw new TypeError('not a backup code')
  return passwords.derive(canonical, salt)
}

const notWaiting = (): Refusal =>
  new Refusal('conflict', { hint: 'these codes are confirmed, replaced or too old; make new ones' })
