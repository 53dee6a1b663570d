import { invalidField, type Secret } from '@gatehouse/contract'
import { checkBackupCode } from '../backup-code/prove-backup-code.ts'
import type { HandlerDeps } from '../../shared/deps.ts'
import { checkTotp, spendTotp } from '../totp/prove-totp.ts'
import { checkAssertion, type Ceremony } from '../webauthn/prove-assertion.ts'
import type { MatchedFactor } from './matched-factor.ts'

export interface GivenFactors {
  readonly totp?: Secret<string> | undefined
  readonly backupCode?: Secret<string> | undefined
  /** As the browser made it, for the ceremony that is named beside it. */
  readonly assertion?: Readonly<Record<string, unknown>> | undefined
}

/**
 * Checks the one factor that was given. Throws `invalid-input` for none or several, else as the factor's own check
 * does.
 */
export async function checkFactor(
  deps: HandlerDeps,
  person: { userId: string; username: string },
  { given, ceremony }: { given: GivenFactors; ceremony: Ceremony },
): Promise<MatchedFactor> {
  const count = Object.values(given).filter((factor) => factor !== undefined).length
  if (count > 1) throw invalidField('totp', 'one factor, not several')
  if (given.backupCode !== undefined) return checkBackupCode(deps, person, given.backupCode)
  if (given.assertion !== undefined) return checkAssertion(deps, person, { ceremony, json: given.assertion })
  const matched = await checkTotp(deps, person, given.totp)
  return {
    method: 'totp',
    detail: { authenticator: matched.authenticatorId },
    spend: (tx) => spendTotp(tx, deps, matched),
  }
}
