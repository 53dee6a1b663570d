import { Refusal, type Operation } from '@gatehouse/contract'
import type { Principal } from './principal.ts'

/** Until the password is changed and the demanded factor enrolled, only the operations marked for it answer. */
export function refuseBeforeFirstSteps(operation: Operation, principal: Principal): void {
  if (principal.type !== 'User' || operation.authorize.principals.includes('Anonymous')) return
  const missing = new Set(principal.missing)
  if (missing.has('passwordChange') && operation.firstSteps !== 'password') {
    throw new Refusal('password-change-required', { hint: 'gatehouse password change' })
  }
  if (missing.has('authenticator') && operation.firstSteps === undefined) {
    throw new Refusal('mfa-enrolment-required', { hint: 'gatehouse totp enroll' })
  }
}
