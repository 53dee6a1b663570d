import { roles, type FieldProblem, type Input, type Role } from '@gatehouse/contract'
import type { StoredSettings } from '../../settings/settings-in-force.ts'
import type { GatehouseSettingsInForce, Limits } from '../../shared/settings.ts'

export type SettingsWish = Input<'settings.update'>

/** What is stored after a change: what is not named stays, role by role. */
export function changedSettings(stored: StoredSettings, wish: SettingsWish): StoredSettings {
  return {
    ...stored,
    ...(wish.requiredRoles === undefined
      ? {}
      : { requiredRoles: roles.filter((role) => wish.requiredRoles?.includes(role)) }),
    ...(wish.roleLimits === undefined ? {} : { roleLimits: replacedByRole(stored.roleLimits ?? [], wish.roleLimits) }),
    ...(wish.authenticatorRules === undefined
      ? {}
      : { authenticatorRules: replacedByRole(stored.authenticatorRules ?? [], wish.authenticatorRules) }),
    ...given(wish, ['authFailuresAlert', 'revocationSpikeAlert', 'alertQuietMinutes', 'leaseExpiryAlertMinutes']),
  }
}

const given = <K extends keyof SettingsWish & keyof StoredSettings>(wish: SettingsWish, fields: readonly K[]) =>
  Object.fromEntries(fields.flatMap((field) => (wish[field] === undefined ? [] : [[field, wish[field]]])))

const replacedByRole = <T extends { readonly role: Role }>(old: readonly T[], fresh: readonly T[]): T[] =>
  roles.flatMap((role) => fresh.find((one) => one.role === role) ?? old.find((one) => one.role === role) ?? [])

/**
 * What is wrong with a wish: limits by which people would be out as soon as they are in, and roles that are named
 * twice.
 */
export function settingsProblems({ roleLimits = [], authenticatorRules = [] }: SettingsWish): FieldProblem[] {
  return [
    ...roleLimits.flatMap((limits, index) =>
      limitProblems(limits).map(({ path, message }) => ({ path: `roleLimits.${index}.${path}`, message })),
    ),
    ...twice(roleLimits).map((index) => ({ path: `roleLimits.${index}.role`, message: 'each role once' })),
    ...twice(authenticatorRules).map((index) => ({
      path: `authenticatorRules.${index}.role`,
      message: 'each role once',
    })),
  ]
}

const twice = (rows: readonly { readonly role: Role }[]): number[] =>
  rows.flatMap(({ role }, index) => (rows.findIndex((other) => other.role === role) < index ? [index] : []))

/** Each rule of the limits among one another, with the field that breaks it. */
const limitRules: readonly {
  readonly path: keyof Limits
  readonly message: string
  readonly broken: (limits: Limits) => boolean
}[] = [
  {
    path: 'sessionIdleSeconds',
    message: 'at most sessionAbsoluteSeconds',
    broken: (limits) => limits.sessionIdleSeconds > limits.sessionAbsoluteSeconds,
  },
  {
    path: 'accessTokenTtlSeconds',
    message: 'at most sessionAbsoluteSeconds',
    broken: (limits) => limits.accessTokenTtlSeconds > limits.sessionAbsoluteSeconds,
  },
  {
    path: 'refreshTokenTtlSeconds',
    message: 'at least accessTokenTtlSeconds',
    broken: (limits) => limits.refreshTokenTtlSeconds < limits.accessTokenTtlSeconds,
  },
]

const limitProblems = (limits: Limits): FieldProblem[] =>
  limitRules.filter(({ broken }) => broken(limits)).map(({ path, message }) => ({ path, message }))

/** One value that a change has moved, as the audit log tells it. */
export interface MovedSetting {
  readonly field: string
  readonly from: unknown
  readonly to: unknown
}

/** What differs between two states in force. */
export function movedSettings(before: GatehouseSettingsInForce, after: GatehouseSettingsInForce): MovedSetting[] {
  const [old, fresh] = [flat(before), flat(after)]
  return Object.keys(fresh)
    .filter((field) => JSON.stringify(old[field]) !== JSON.stringify(fresh[field]))
    .map((field) => ({ field, from: old[field], to: fresh[field] }))
}

const flat = (settings: GatehouseSettingsInForce): Record<string, unknown> => ({
  requiredRoles: settings.requiredRoles,
  authFailuresAlert: settings.authFailuresAlert,
  revocationSpikeAlert: settings.revocationSpikeAlert,
  alertQuietMinutes: settings.alertQuietMinutes,
  leaseExpiryAlertMinutes: settings.leaseExpiryAlertMinutes,
  ...byField('roleLimits', settings.limits),
  ...byField('authenticatorRules', settings.authenticatorRules),
})

const byField = (name: string, ofRoles: Readonly<Record<Role, object>>): Record<string, unknown> =>
  Object.fromEntries(
    roles.flatMap((role) =>
      Object.entries(ofRoles[role])
        .filter(([field]) => field !== 'role')
        .map(([field, value]) => [`${name}.${role}.${field}`, value]),
    ),
  )
