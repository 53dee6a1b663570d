// Emergency tokens do what was asked for and nothing else, whatever policies say.
import { breakGlassActions, operationNames, operations, Refusal } from '@gatehouse/contract'
import { expect, test } from 'vitest'
import { refuseOtherPlace, refuseOutsideEmergency, workspacesFor } from './emergency.ts'
import type { UserPrincipal } from './principal.ts'
import type { Slice } from './slice.ts'

const at = new Date('2026-11-28T03:00:00Z')
const caller = (actions: readonly string[]): UserPrincipal => ({
  type: 'User',
  id: 'u',
  username: 'olga',
  displayName: 'Olga',
  roles: ['Operator'],
  teams: [],
  hasAuthenticator: true,
  missing: [],
  tokenId: 't',
  session: { id: 's', assurance: 'mfa', provedAt: at, authTime: at, expiresAt: at, methods: [] },
  emergency: { id: 's', workspace: 'shop', actions, incident: 'INC-7', expiresAt: at },
})
const codeOf = (work: () => void): string => {
  try {
    work()
    return 'allowed'
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}
const sliceIn = (workspace: string | null, attrs: Slice['entities'][number]['attrs'] = {}): Slice => ({
  resource: { type: 'SshHost', id: 'h' },
  workspace,
  entities: [{ uid: { type: 'SshHost', id: 'h' }, attrs, parents: [] }],
  versions: [],
})

test('an emergency session calls the operations that it was given for, and no other', () => {
  const olga = caller(['sshCertificate.sign'])
  for (const name of operationNames)
    expect([name, codeOf(() => refuseOutsideEmergency(name, olga))]).toEqual([
      name,
      name === 'sshCertificate.sign' ? 'allowed' : 'forbidden',
    ])
})

test('what nobody may ask for is refused, even if a row says that it was given', () => {
  const all = caller(operationNames)
  for (const name of operationNames)
    expect([name, codeOf(() => refuseOutsideEmergency(name, all))]).toEqual([
      name,
      (breakGlassActions as readonly string[]).includes(name) ? 'allowed' : 'forbidden',
    ])
})

test('nothing that changes policies, people, settings, approvals, tokens or the audit log can be asked for', () => {
  const never =
    /^(policy|user|team|role|settings|approval|apiToken|serviceAccount|audit|breakGlass|emergency|webauthn|mfa)/
  expect(breakGlassActions.filter((name) => never.test(name))).toEqual([])
  const grouped = operationNames.filter((name) => operations[name].groups.includes('emergencyActions'))
  expect(grouped.toSorted()).toEqual(breakGlassActions.toSorted())
})

test('another workspace and a host with bare accounts are out of its reach', () => {
  const olga = caller(['sshCertificate.sign'])
  expect(codeOf(() => refuseOtherPlace(olga, sliceIn('shop', { unbound: false })))).toBe('allowed')
  expect(codeOf(() => refuseOtherPlace(olga, sliceIn('bank', { unbound: false })))).toBe('not-found')
  expect(codeOf(() => refuseOtherPlace(olga, sliceIn('shop', { unbound: true })))).toBe('forbidden')
  const workspaces = ['shop', 'bank'].map((id) => ({ ...sliceIn(id), resource: { type: 'Workspace' as const, id } }))
  expect(workspacesFor(olga, workspaces).map(({ resource }) => resource.id)).toEqual(['shop'])
})
