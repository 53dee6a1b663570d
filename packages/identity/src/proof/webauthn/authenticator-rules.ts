import { roles, type Role } from '@gatehouse/contract'
import type { AuthenticatorRules, GatehouseSettingsInForce } from '../../shared/settings.ts'

/** Of several roles the strictest of each rule. Who has no role is treated as if they held all. */
export function rulesOfRoles(
  { authenticatorRules }: Pick<GatehouseSettingsInForce, 'authenticatorRules'>,
  held: readonly Role[],
): CombinedRules {
  const all = (held.length === 0 ? roles : held).map((role) => authenticatorRules[role])
  return {
    attestation: all.some(({ attestation }) => attestation === 'required') ? 'required' : 'none',
    allowed: all
      .map(({ aaguids }) => aaguids)
      .filter((list) => list.length > 0)
      .reduce<readonly string[] | null>(intersect, null),
    backupEligibleAllowed: all.every(({ backupEligibleAllowed }) => backupEligibleAllowed),
  }
}

/** What a person's roles together ask of an authenticator. */
export interface CombinedRules {
  readonly attestation: AuthenticatorRules['attestation']
  /** The models that every role with a list allows; null: no role has a list. */
  readonly allowed: readonly string[] | null
  readonly backupEligibleAllowed: boolean
}

const intersect = (known: readonly string[] | null, list: readonly string[]): readonly string[] =>
  known === null
    ? list.map((id) => id.toLowerCase())
    : known.filter((id) => list.some((other) => other.toLowerCase() === id))

/**
 * Why an authenticator does not do, as a sentence for its person; null: it does. Holds at registration and at each use:
 * rules may have become stricter.
 */
export function objection(
  rules: CombinedRules,
  { aaguid, backupEligible }: { readonly aaguid: string; readonly backupEligible: boolean },
): string | null {
  if (backupEligible && !rules.backupEligibleAllowed)
    return 'your role does not accept an authenticator whose keys are copied to other devices; use a security key'
  if (rules.allowed !== null && !rules.allowed.includes(aaguid.toLowerCase()))
    return 'your role accepts certain models only, and this is none of them; ask an administrator which'
  return null
}
