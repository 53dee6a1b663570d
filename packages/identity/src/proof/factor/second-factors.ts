import type { Output } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { countBackupCodes } from '../backup-code/backup-code.queries.ts'
import { selectConfirmedTotp } from '../totp/authenticator.queries.ts'
import { usableKeys } from '../webauthn/ask-assertion.ts'
import { selectCredentials } from '../webauthn/credential.queries.ts'

/**
 * By which methods a person can prove a second factor. May be empty for one who has an authenticator: where all there
 * is is a suspect key, nothing opens
 * the account but another person's help.
 */
export async function secondFactorsOf(db: Store, userId: string): Promise<Output<'mfa.status'>['methods']> {
  const totp = await selectConfirmedTotp(db, userId)
  const keys = usableKeys(await selectCredentials(db, userId), 'discouraged')
  const { left } = await countBackupCodes(db, userId)
  return [
    ...(totp.length > 0 ? ['totp' as const] : []),
    ...(keys.length > 0 ? ['webauthn' as const] : []),
    ...(left > 0 ? ['backupCode' as const] : []),
  ]
}
