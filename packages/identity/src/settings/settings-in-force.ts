import { roles, RoleAuthenticatorRules, RoleLimits, RoleName, type Role } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { z } from 'zod'
import type { IdentityConfig } from '../shared/config.ts'
import type { AuthenticatorRules, GatehouseSettingsInForce, Limits, SettingsInForce } from '../shared/settings.ts'
import { selectSetting, type SettingRow } from './setting.queries.ts'

/** What a node knows of the settings is at most this old. */
const knownMillisecondsMax = 1000

/** What administrators have set, as it is stored. What is missing is as the settings file or the product has it. */
export const StoredSettings = z.object({
  requiredRoles: z.array(RoleName).optional(),
  roleLimits: z.array(RoleLimits).optional(),
  authenticatorRules: z.array(RoleAuthenticatorRules).optional(),
  authFailuresAlert: z.int().optional(),
  revocationSpikeAlert: z.int().optional(),
  alertQuietMinutes: z.int().optional(),
  leaseExpiryAlertMinutes: z.int().optional(),
})
export type StoredSettings = z.output<typeof StoredSettings>

/** What a row says; no row says nothing. */
export const storedSettings = (row: SettingRow | null): StoredSettings =>
  row === null ? {} : StoredSettings.parse(JSON.parse(row.value))

const day = 86_400

/**
 * Administrators hold the keys to everything: half a working day idle is too long, a night is over. Others work through
 * a week's breaks as the refresh token allows.
 */
function limitsByDefault(role: Role, { jwt }: IdentityConfig): Limits {
  const tokens = {
    accessTokenTtlSeconds: jwt.accessTokenTtlSeconds,
    refreshTokenTtlSeconds: jwt.refreshTokenTtlSeconds,
  }
  return role === 'Admin'
    ? { sessionAbsoluteSeconds: 12 * 3600, sessionIdleSeconds: 30 * 60, ...tokens }
    : { sessionAbsoluteSeconds: 30 * day, sessionIdleSeconds: 7 * day, ...tokens }
}

const anyAuthenticator: AuthenticatorRules = { attestation: 'none', aaguids: [], backupEligibleAllowed: true }

/** Five failures are the throttle's own bound: whoever meets it is worth a look. */
const authFailuresAlertDefault = 5
/** More than a person ends by hand in five minutes, and fewer than a script that locks everybody out. */
const revocationSpikeAlertDefault = 50
/** Who is told is told again after an hour, while it goes on. */
const alertQuietMinutesDefault = 60
/** Time enough to renew a credential, or to have another made. */
const leaseExpiryAlertMinutesDefault = 15

/** Fills in what nobody has set. Roles that the settings file demands stay demanded: administrators may only add. */
export function settingsFrom(stored: StoredSettings, config: IdentityConfig): GatehouseSettingsInForce {
  const limitsOf = (role: Role): Limits =>
    stored.roleLimits?.find((one) => one.role === role) ?? limitsByDefault(role, config)
  const rulesOf = (role: Role): AuthenticatorRules =>
    stored.authenticatorRules?.find((one) => one.role === role) ?? anyAuthenticator
  return {
    requiredRoles: roles.filter(
      (role) => config.mfa.requiredRoles.includes(role) || stored.requiredRoles?.includes(role) === true,
    ),
    limits: byRole(limitsOf),
    authenticatorRules: byRole(rulesOf),
    authFailuresAlert: stored.authFailuresAlert ?? authFailuresAlertDefault,
    revocationSpikeAlert: stored.revocationSpikeAlert ?? revocationSpikeAlertDefault,
    alertQuietMinutes: stored.alertQuietMinutes ?? alertQuietMinutesDefault,
    leaseExpiryAlertMinutes: stored.leaseExpiryAlertMinutes ?? leaseExpiryAlertMinutesDefault,
  }
}

const byRole = <T>(of: (role: Role) => T): Readonly<Record<Role, T>> =>
  Object.fromEntries(roles.map((role) => [role, of(role)])) as Record<Role, T> // the keys are the roles by construction

/**
 * Of several roles the shortest of each limit. Who has no role is treated as an administrator would be: shortest of
 * all.
 */
export function limitsOfRoles(settings: GatehouseSettingsInForce, held: readonly Role[]): Limits {
  const all = (held.length === 0 ? roles : held).map((role) => settings.limits[role])
  const shortest = (key: keyof Limits): number => Math.min(...all.map((limits) => limits[key]))
  return {
    sessionAbsoluteSeconds: shortest('sessionAbsoluteSeconds'),
    sessionIdleSeconds: shortest('sessionIdleSeconds'),
    accessTokenTtlSeconds: shortest('accessTokenTtlSeconds'),
    refreshTokenTtlSeconds: shortest('refreshTokenTtlSeconds'),
  }
}

/**
 * Follows the settings in the database, looking at most once a second. A failed look fails the call: no guard works by
 * settings that may be old.
 */
export function followSettings({
  db,
  config,
}: {
  readonly db: Store
  readonly config: IdentityConfig
}): SettingsInForce {
  let known: { readonly settings: GatehouseSettingsInForce; readonly at: number } | null = null
  let looking: Promise<GatehouseSettingsInForce> | null = null
  const read = async (from: Store): Promise<GatehouseSettingsInForce> => {
    return settingsFrom(storedSettings(await selectSetting(from)), config)
  }
  const look = async (): Promise<GatehouseSettingsInForce> => {
    const at = performance.now()
    const settings = await read(db)
    known = { settings, at }
    return settings
  }
  return {
    current: () => {
      if (known !== null && performance.now() - known.at < knownMillisecondsMax) return Promise.resolve(known.settings)
      looking ??= look().finally(() => {
        looking = null
      })
      return looking
    },
    within: read,
    refresh: async () => void (await look()),
  }
}
