import { roles, type Role } from '@gatehouse/contract'
import { expect, test } from 'vitest'
import { objection, rulesOfRoles } from './authenticator-rules.ts'
import type { AuthenticatorRules, GatehouseSettingsInForce } from '../../shared/settings.ts'

const [one, two, three] = [
  '11111111-1111-1111-1111-111111111111',
  'aaaaaaaa-2222-2222-2222-222222222222',
  '33333333-3333-3333-3333-333333333333',
]
const anything: AuthenticatorRules = { attestation: 'none', aaguids: [], backupEligibleAllowed: true }
const settingsWith = (
  given: Partial<Record<Role, Partial<AuthenticatorRules>>>,
): Pick<GatehouseSettingsInForce, 'authenticatorRules'> => ({
  authenticatorRules: Object.fromEntries(roles.map((role) => [role, { ...anything, ...given[role] }])) as Record<
    Role,
    AuthenticatorRules
  >, // the keys are the roles by construction
})

test('of several roles the strictest of each rule holds', () => {
  const settings = settingsWith({
    Admin: { attestation: 'required', aaguids: [one, two] },
    Operator: { aaguids: [two.toUpperCase(), three], backupEligibleAllowed: false },
    Viewer: {},
  })
  expect(rulesOfRoles(settings, ['Viewer'])).toEqual({
    attestation: 'none',
    allowed: null,
    backupEligibleAllowed: true,
  })
  expect(rulesOfRoles(settings, ['Viewer', 'Admin'])).toEqual({
    attestation: 'required',
    allowed: [one, two],
    backupEligibleAllowed: true,
  })
  expect(rulesOfRoles(settings, ['Admin', 'Operator'])).toEqual({
    attestation: 'required',
    allowed: [two],
    backupEligibleAllowed: false,
  })
})

test('roles whose lists have nothing in common allow nothing, and no role is as all roles', () => {
  const settings = settingsWith({ Admin: { aaguids: [one] }, Operator: { aaguids: [three] } })
  expect(rulesOfRoles(settings, ['Admin', 'Operator']).allowed).toEqual([])
  expect(rulesOfRoles(settings, []).allowed).toEqual([])
  expect(objection(rulesOfRoles(settings, []), { aaguid: one, backupEligible: false })).toContain('models')
})

test('an authenticator that fits meets no objection, in whatever case its model is written', () => {
  const rules = { attestation: 'none', allowed: [two], backupEligibleAllowed: false } as const
  expect(objection(rules, { aaguid: two.toUpperCase(), backupEligible: false })).toBeNull()
  expect(objection(rules, { aaguid: one, backupEligible: false })).toContain('models')
  expect(objection(rules, { aaguid: two, backupEligible: true })).toContain('copied')
})
