import type { Raw, Wire } from '@gatehouse/contract'
import { exactDuration, parseUnits } from '@gatehouse/kit'

/** What is set for all. */
export type Settings = Wire<'settings.get'>
type Limits = Settings['roleLimits'][number]
type Rules = Settings['authenticatorRules'][number]

/** The limits of a role as columns: field and what it is called. */
export const limitFields = [
  ['sessionAbsoluteSeconds', 'Session at most'],
  ['sessionIdleSeconds', 'Session idle'],
  ['accessTokenTtlSeconds', 'Access token'],
  ['refreshTokenTtlSeconds', 'Refresh token'],
] as const
type LimitField = (typeof limitFields)[number][0]

/** The settings as they are typed: lengths of time and lists as text. */
export interface Draft {
  readonly requiredRoles: readonly Limits['role'][]
  readonly limits: readonly ({ readonly role: Limits['role'] } & Readonly<Record<LimitField, string>>)[]
  readonly rules: readonly {
    readonly role: Rules['role']
    readonly attested: boolean
    readonly backedUp: boolean
    readonly aaguids: string
  }[]
  readonly alert: string
  readonly spike: string
  readonly quiet: string
  readonly expiry: string
}

/** The settings in force, to be changed. */
export const draftOf = (settings: Settings): Draft => ({
  requiredRoles: settings.requiredRoles,
  limits: settings.roleLimits.map((limits) => ({
    role: limits.role,
    sessionAbsoluteSeconds: exactDuration(limits.sessionAbsoluteSeconds),
    sessionIdleSeconds: exactDuration(limits.sessionIdleSeconds),
    accessTokenTtlSeconds: exactDuration(limits.accessTokenTtlSeconds),
    refreshTokenTtlSeconds: exactDuration(limits.refreshTokenTtlSeconds),
  })),
  rules: settings.authenticatorRules.map(({ role, attestation, aaguids, backupEligibleAllowed }) => ({
    role,
    attested: attestation === 'required',
    backedUp: backupEligibleAllowed,
    aaguids: aaguids.join('\n'),
  })),
  alert: String(settings.authFailuresAlert),
  spike: String(settings.revocationSpikeAlert),
  quiet: String(settings.alertQuietMinutes),
  expiry: String(settings.leaseExpiryAlertMinutes),
})

const listOf = (text: string): string[] => text.split(/[\s,]+/).filter((item) => item !== '')

/** A number as it is typed; what is none becomes 0, which no setting allows. */
const whole = (text: string): number => (/^\d{1,6}$/.test(text.trim()) ? Number(text) : 0)

/**
 * What the draft asks for. What is no length of time becomes 0, which no limit allows, so the contract's own schema
 * complains of it.
 */
export function inputOf(draft: Draft): Required<Raw<'settings.update'>> {
  const seconds = (text: string): number => parseUnits(text.trim()) ?? 0
  return {
    requiredRoles: [...draft.requiredRoles],
    roleLimits: draft.limits.map((limits) => ({
      role: limits.role,
      sessionAbsoluteSeconds: seconds(limits.sessionAbsoluteSeconds),
      sessionIdleSeconds: seconds(limits.sessionIdleSeconds),
      accessTokenTtlSeconds: seconds(limits.accessTokenTtlSeconds),
      refreshTokenTtlSeconds: seconds(limits.refreshTokenTtlSeconds),
    })),
    authenticatorRules: draft.rules.map(({ role, attested, backedUp, aaguids }) => ({
      role,
      attestation: attested ? ('required' as const) : ('none' as const),
      backupEligibleAllowed: backedUp,
      aaguids: listOf(aaguids),
    })),
    authFailuresAlert: whole(draft.alert),
    revocationSpikeAlert: whole(draft.spike),
    alertQuietMinutes: whole(draft.quiet),
    leaseExpiryAlertMinutes: whole(draft.expiry),
  }
}

/** The settings of alerts, as a change of them is told. */
const alertSettings = [
  ['authFailuresAlert', 'failed log-ins before an alert'],
  ['revocationSpikeAlert', 'revocations before an alert'],
  ['alertQuietMinutes', 'minutes before the same alert is sent again'],
  ['leaseExpiryAlertMinutes', 'minutes before the end of a credential that an alert says so'],
] as const

/** One thing that would change. */
export interface Change {
  readonly what: string
  readonly from: string
  readonly to: string
}

const rolesText = (roles: readonly string[]): string => (roles.length === 0 ? 'no role' : roles.join(', '))
const yes = (value: boolean): string => (value ? 'allowed' : 'refused')
const modelsText = (aaguids: readonly string[]): string => (aaguids.length === 0 ? 'any' : aaguids.join(', '))

function limitChanges(before: Limits, after: Limits): readonly Change[] {
  return limitFields
    .filter(([field]) => before[field] !== after[field])
    .map(([field, name]) => ({
      what: `${before.role} · ${name.toLowerCase()}`,
      from: exactDuration(before[field]),
      to: exactDuration(after[field]),
    }))
}

function ruleChanges(before: Rules, after: Rules): readonly Change[] {
  const all: readonly Change[] = [
    { what: `${before.role} · attestation`, from: before.attestation, to: after.attestation },
    {
      what: `${before.role} · synced passkeys`,
      from: yes(before.backupEligibleAllowed),
      to: yes(after.backupEligibleAllowed),
    },
    { what: `${before.role} · models`, from: modelsText(before.aaguids), to: modelsText(after.aaguids) },
  ]
  return all.filter(({ from, to }) => from !== to)
}

/** Everything that saving the draft would change, in words. */
export function changesOf(settings: Settings, draft: Draft): readonly Change[] {
  const after = inputOf(draft)
  const same = (roles: readonly string[]): string => rolesText([...roles].toSorted())
  const required: readonly Change[] =
    same(settings.requiredRoles) === same(after.requiredRoles)
      ? []
      : [
          {
            what: 'roles that require a second factor',
            from: rolesText(settings.requiredRoles),
            to: rolesText(after.requiredRoles),
          },
        ]
  const alerts = alertSettings.flatMap(([field, what]): readonly Change[] =>
    settings[field] === after[field] ? [] : [{ what, from: String(settings[field]), to: String(after[field]) }],
  )
  return [
    ...required,
    ...settings.roleLimits.flatMap((before) =>
      after.roleLimits.filter(({ role }) => role === before.role).flatMap((limits) => limitChanges(before, limits)),
    ),
    ...settings.authenticatorRules.flatMap((before) =>
      after.authenticatorRules
        .filter(({ role }) => role === before.role)
        .flatMap((rules) => ruleChanges(before, { ...rules, aaguids: rules.aaguids })),
    ),
    ...alerts,
  ]
}

/** Only what changes is sent, so that two administrators who change different things do not undo each other. */
export function updateOf(settings: Settings, draft: Draft): Raw<'settings.update'> {
  const after = inputOf(draft)
  const changed = (before: unknown, now: unknown): boolean => JSON.stringify(before) !== JSON.stringify(now)
  return {
    ...(changed([...settings.requiredRoles].toSorted(), after.requiredRoles.toSorted())
      ? { requiredRoles: after.requiredRoles }
      : {}),
    ...(settings.roleLimits.some((before) =>
      after.roleLimits.some((now) => now.role === before.role && limitChanges(before, now).length > 0),
    )
      ? { roleLimits: after.roleLimits }
      : {}),
    ...(settings.authenticatorRules.some((before) =>
      after.authenticatorRules.some((now) => now.role === before.role && ruleChanges(before, now).length > 0),
    )
      ? { authenticatorRules: after.authenticatorRules }
      : {}),
    ...Object.fromEntries(
      alertSettings.flatMap(([field]) => (settings[field] === after[field] ? [] : [[field, after[field]]])),
    ),
  }
}
