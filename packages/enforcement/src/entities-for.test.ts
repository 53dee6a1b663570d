import { expect, test } from 'vitest'
import { entitiesFor } from './entities-for.ts'
import { anonymous, type UserPrincipal } from './principal.ts'
import { mergeEntities, principalEntities, uid, type Slice } from './slice.ts'

const ada: UserPrincipal = {
  type: 'User',
  id: 'ada',
  username: 'ada',
  displayName: 'Ada',
  roles: ['Admin'],
  teams: [{ id: 't', name: 'ops' }],
  hasAuthenticator: true,
  missing: [],
  session: { id: 's', assurance: 'mfa', provedAt: null, authTime: new Date(0), expiresAt: new Date(1), methods: [] },
  tokenId: 'k',
}
const system: Slice = {
  resource: { type: 'System', id: 'gatehouse' },
  workspace: null,
  entities: [{ uid: uid('System', 'gatehouse'), attrs: {}, parents: [] }],
  versions: [],
}
const host: Slice = {
  resource: { type: 'SshHost', id: 'h' },
  workspace: null,
  entities: [{ uid: uid('SshHost', 'h'), attrs: {}, parents: [] }],
  versions: [{ table: 'ssh_host', id: 'h', version: '1' }],
}
const freshly = (principal: UserPrincipal, { entities }: Slice) => mergeEntities(principalEntities(principal), entities)

test('of somebody whom the database was not asked about anew it is the same list, frozen', () => {
  const again = { ...ada, session: { ...ada.session, idleExpiresAt: new Date(2) } }
  const entities = entitiesFor(ada, system)
  expect(entities).toEqual(freshly(ada, system))
  expect(entitiesFor(again, system)).toBe(entities)
  expect(Object.isFrozen(entities)).toBe(true)
})

test.each<[string, Partial<UserPrincipal>]>([
  ['person', { id: 'bob' }],
  ['list of teams', { teams: [] }],
  ['list of roles', { roles: ['Viewer'] }],
  ['factor', { hasAuthenticator: false }],
])('another %s is seen, also by turns', (_what, other) => {
  const changed = { ...ada, ...other }
  for (const one of [ada, changed, ada, changed]) expect(entitiesFor(one, system)).toEqual(freshly(one, system))
})

test('what stands in a row is said as it was read now', () => {
  const moved: Slice = { ...host, entities: [{ uid: uid('SshHost', 'h'), attrs: { bound: true }, parents: [] }] }
  for (const slice of [host, moved, system, host]) expect(entitiesFor(ada, slice)).toEqual(freshly(ada, slice))
  expect(Object.isFrozen(entitiesFor(ada, host))).toBe(false)
})

test('nobody is told of as nobody', () => {
  expect(entitiesFor(anonymous, system)).toEqual(mergeEntities(principalEntities(anonymous), system.entities))
})
