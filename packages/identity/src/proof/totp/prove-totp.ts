import { invalidField, Refusal, type Secret } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { HandlerDeps } from '../../shared/deps.ts'
import { selectConfirmedTotp, spendStep, type AuthenticatorRow } from './authenticator.queries.ts'
import { matchTotpStep, secondsUntilFreshCode, totpPeriodSeconds } from './totp-code.ts'

/** A code that is right for one of the person's authenticators. It proves nothing until it is spent. */
export interface MatchedCode {
  readonly authenticatorId: string
  readonly step: number
}

/**
 * Checks a code against a person's authenticators, after claiming a guess: all devices share the account's guesses.
 * Throws `rate-limited`, or `invalid-credentials` (with `retryAfterSeconds` when the code was right but spent).
 */
export async function checkTotp(
  deps: HandlerDeps,
  person: { userId: string; username: string },
  code: Secret<string> | undefined,
): Promise<MatchedCode> {
  if (code === undefined) throw invalidField('totp', 'the code that your authenticator shows')
  await deps.throttle.claim('code', person.username)
  for (const row of await selectConfirmedTotp(deps.db, person.userId)) {
    const step = await matchStep(deps, row, code)
    if (step === null) continue
    if (row.last_step !== null && step <= Number(row.last_step))
      throw spentCode(Number(row.last_step), deps.clock.now())
    return { authenticatorId: row.id, step }
  }
  await deps.failures.note(person)
  throw new Refusal('invalid-credentials')
}

/** The step of a code by one authenticator's secret and its own parameters; null: not its code. */
export async function matchStep(
  { sealer, clock }: HandlerDeps,
  row: AuthenticatorRow,
  code: Secret<string>,
): Promise<number | null> {
  if (row.secret === null) return null
  const { algorithm, digits, period_seconds } = row
  // such a row would be the database's mistake: no code is right for it
  if (algorithm === null || (digits !== 6 && digits !== 8) || period_seconds !== totpPeriodSeconds) return null
  return matchTotpStep(code, {
    secret: sealer.unseal(totpSecretPlace(row.id), row.secret),
    now: clock.now(),
    parameters: { algorithm, digits, periodSeconds: period_seconds },
  })
}

/**
 * Spends a matched code in the transaction of what it is for. Throws `invalid-credentials` when another call was
 * faster.
 */
export async function spendTotp(tx: Transaction, { clock }: HandlerDeps, matched: MatchedCode): Promise<void> {
  const spent = await spendStep(tx, { id: matched.authenticatorId, step: matched.step, now: clock.now() })
  if (!spent) throw spentCode(matched.step, clock.now())
}

/** Where a TOTP secret is sealed. */
export const totpSecretPlace = (authenticatorId: string) => ({
  table: 'authenticator',
  column: 'secret',
  id: authenticatorId,
})

const spentCode = (step: number, now: Date): Refusal =>
  new Refusal('invalid-credentials', { retryAfterSeconds: secondsUntilFreshCode(step, now) })
