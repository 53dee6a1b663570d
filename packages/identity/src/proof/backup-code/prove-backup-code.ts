import { Refusal, type Secret } from '@gatehouse/contract'
import type { HandlerDeps } from '../../shared/deps.ts'
import type { MatchedFactor } from '../factor/matched-factor.ts'
import { notify } from '../../notices/notice.queries.ts'
import { canonicalBackupCode } from './backup-code-text.ts'
import { hashCode } from './backup-code-write.ts'
import { countBackupCodes, isUnspent, selectConfirmedSet, spendBackupCode } from './backup-code.queries.ts'

/**
 * Checks a backup code after claiming a guess: it shares the account's guesses with all other codes. Throws
 * `rate-limited` or `invalid-credentials`.
 */
export async function checkBackupCode(
  deps: HandlerDeps,
  person: { userId: string; username: string },
  code: Secret<string>,
): Promise<MatchedFactor> {
  await deps.throttle.claim('code', person.username)
  const canonical = canonicalBackupCode(code)
  const set = await selectConfirmedSet(deps.db, person.userId)
  const found =
    canonical === null || set === null ? null : { setId: set.id, hash: await hashCode(deps, canonical, set.salt) }
  if (found === null || set === null || !(await isUnspent(deps.db, found))) {
    await deps.failures.note(person)
    throw new Refusal('invalid-credentials')
  }
  return {
    method: 'backupCode',
    detail: { backupCodes: set.id },
    spend: async (tx) => {
      if (!(await spendBackupCode(tx, { ...found, now: deps.clock.now() }))) throw new Refusal('invalid-credentials')
      const { left } = await countBackupCodes(tx, person.userId)
      await notify(tx, deps, {
        userId: person.userId,
        kind: 'backupCodeUsed',
        text:
          `A backup code was used to log in to your account; ${left} are left. If it was not you, change your ` +
          `password and make new codes.`,
      })
    },
  }
}
