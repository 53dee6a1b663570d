import type { Role } from '@gatehouse/contract'
import type { MissingStep } from '@gatehouse/enforcement'
import type { GatehouseSettingsInForce } from '../shared/settings.ts'

/** What of a person's row says which first steps they still have to take. */
export interface FirstStepsRow {
  readonly must_change_password: boolean
  readonly has_authenticator: boolean
  readonly roles: readonly Role[]
}

/** What a person still has to do before anything else answers, whatever they call with. */
export function missingOf(row: FirstStepsRow, { requiredRoles }: GatehouseSettingsInForce): MissingStep[] {
  const mustEnrol = !row.has_authenticator && row.roles.some((role) => requiredRoles.includes(role))
  return [
    ...(row.must_change_password ? ['passwordChange' as const] : []),
    ...(mustEnrol ? ['authenticator' as const] : []),
  ]
}
