import { expect, test } from 'vitest'
import { explainCommand } from './why-denied.ts'

const id = '019a1b2c-3d4e-7000-8000-000000000001'

test.each([
  ['policy.reload', {}, 'policy.reload System:gatehouse'],
  ['approval.approve', { id }, `approval.approve Approval:${id}`],
  ['workspace.get', { id: 'shop' }, 'workspace.get Workspace:shop --workspace shop'],
  ['lease.list', {}, 'lease.list Workspace:default'],
] as const)('why %s of %j was denied is asked by its own words', (name, input, asked) => {
  expect(explainCommand(name, input)).toBe(`gatehouse policy explain ${asked}`)
})

test('a command that would find nothing, or that a shell would read otherwise, is not offered', () => {
  expect(explainCommand('lease.get', { id })).toBeNull()
  expect(explainCommand('auth.logout', {})).toBeNull()
  expect(explainCommand('policy.explain', { action: 'lease.list', resource: { type: 'Workspace', id } })).toBeNull()
  expect(explainCommand('approval.approve', {})).toBeNull()
})
