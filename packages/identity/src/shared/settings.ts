import type { Role, RoleAuthenticatorRules, RoleLimits } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import type { z } from 'zod'

/** How long sessions and tokens live. Of a person's several roles the shortest of each holds. */
export type Limits = Omit<z.output<typeof RoleLimits>, 'role'>
export type AuthenticatorRules = Omit<z.output<typeof RoleAuthenticatorRules>, 'role'>

/** Every setting with its value, total over the roles. */
export interface GatehouseSettingsInForce {
  readonly requiredRoles: readonly Role[]
  readonly limits: Readonly<Record<Role, Limits>>
  readonly authenticatorRules: Readonly<Record<Role, AuthenticatorRules>>
  readonly authFailuresAlert: number
  readonly revocationSpikeAlert: number
  readonly alertQuietMinutes: number
  readonly leaseExpiryAlertMinutes: number
}

/** The settings as they are now, at most a second old on every node. */
export interface SettingsInForce {
  current(): Promise<GatehouseSettingsInForce>
  /** The settings as a transaction sees them: on its own connection, since it must not check out another. */
  within(tx: Transaction): Promise<GatehouseSettingsInForce>
  /** Looks at the database now: this node has just changed them. */
  refresh(): Promise<void>
}
