// What a condition looks at is shown as it was for the call, and nothing is shown that it does not look at.
import { expect, test } from 'vitest'
import { actualValues, namedRequest, requestIn } from './actual-values.ts'

const request = {
  principal: { type: 'User', id: 'ada' },
  resource: { type: 'Server', id: 'web-1' },
  context: { mfa: false, onCall: true, note: '', networks: ['10.0.0.0/8'], approval: entity('Approval', 'a1') },
  entities: [
    { uid: { type: 'User', id: 'ada' }, attrs: { bound: true }, parents: [{ type: 'Role', id: 'Developer' }] },
    { uid: { type: 'Server', id: 'web-1' }, attrs: { workspace: entity('Workspace', 'shop') }, parents: [] },
    { uid: { type: 'Workspace', id: 'shop' }, attrs: { teams: [entity('Team', 'sre')] }, parents: [] },
    { uid: { type: 'Approval', id: 'a1' }, attrs: { ticket: 'OPS-1' }, parents: [] },
  ],
}

function entity(type: string, id: string) {
  return { __entity: { type, id } }
}

test.for([
  ['context.mfa', [['context.mfa', 'no']]],
  [
    '!context.onCall && context.mfa && context.mfa',
    [
      ['context.onCall', 'yes'],
      ['context.mfa', 'no'],
    ],
  ],
  ['context.note != ""', [['context.note', 'empty']]],
  ['context has justification', [['context.justification', 'not set']]],
  ['context.networks.contains("context.mfa")', [['context.networks', '10.0.0.0/8']]],
  ['context.approval.ticket != ""', [['context.approval.ticket', 'OPS-1']]],
  ['resource.workspace.teams.isEmpty()', [['resource.workspace.teams', 'Team sre']]],
  ['principal in Role::"Admin"', [['principal', 'User ada, in Role Developer']]],
  [
    'principal in resource.workspace.teams',
    [
      ['principal', 'User ada, in Role Developer'],
      ['resource.workspace.teams', 'Team sre'],
    ],
  ],
  ['action == Action::"deploy"', []],
] as const)('%s', ([text, values]) => {
  expect(actualValues(text, request)).toEqual(values)
})

test('what the request does not hold is said to be not set, and an unknown thing has no values', () => {
  expect(actualValues('principal.bound && principal.addresses', request)).toEqual([
    ['principal.bound', 'yes'],
    ['principal.addresses', 'not set'],
  ])
  expect(actualValues('resource.owner == principal', { ...request, entities: [] })).toEqual([])
})

test('a text that is no request is none', () => {
  expect(requestIn('not JSON')).toBeNull()
  expect(requestIn(null)).toBeNull()
  expect(requestIn('[]')).toBeNull()
})

test('people and teams are shown by name where it is known, and are what they were', () => {
  const names = new Map([
    ['ada', 'Ada'],
    ['sre', 'on call'],
  ])
  const named = namedRequest(request, names)
  expect(actualValues('principal in resource.workspace.teams', named)).toEqual([
    ['principal', 'User Ada, in Role Developer'],
    ['resource.workspace.teams', 'Team on call'],
  ])
  expect(actualValues('principal.bound', named)).toEqual([['principal.bound', 'yes']])
})
