// What may stand where a question to the policies is being typed, and what was meant by a slip in it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../test/run.ts'
import { startWireServer, type WireServer } from '../test/wire-server.ts'

const lists: Readonly<Record<string, readonly unknown[]>> = {
  'user.list': [{ username: 'ada' }],
  'team.list': [{ name: 'sre' }],
  'workspace.list': [{ name: 'shop' }],
  'lease.list': [{ id: 'l1' }],
}
const answer = { decision: 'deny', policies: [], reasons: [], nearest: [], conditions: [], wouldAllow: [] }
let errors: readonly string[] = ['the policies know no action']
let server: WireServer
beforeAll(async () => {
  server = await startWireServer(({ name }) => ({
    output: lists[name] === undefined ? { ...answer, errors } : { items: lists[name], nextCursor: null },
  }))
})
afterAll(() => server.close())
const gatehouse = (line: string) =>
  run(line.split(' '), { env: { GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'token' } })

test.each([
  ['policy explain --action lease.get --resource ', ['Lease:l1']],
  ['policy explain team.get ', ['Team:sre']],
  ['policy evaluate user.create System', ['System:gatehouse']],
  ['policy who-could --workspace shop workspace.get --resource ', ['Workspace:shop']],
  ['policy explain deploy ', []],
  ['policy explain --resource ', []],
  ['approval request mfa.reset --resource ', ['ada']],
  ['audit search --resource ', ['ada']],
] as const)('after `%s` things are offered of the type that the action is done to', async (line, offered) => {
  const { out } = await gatehouse(`__complete ${line}`)
  expect(out.split('\n').filter((candidate) => candidate !== '')).toEqual(offered)
})

test.each(['policy explain', 'policy evaluate'])('%s offers the nearest action for a slip', async (command) => {
  const told = await gatehouse(`${command} lease.revke Lease:l1`)
  expect([told.code, told.talk]).toEqual([0, 'did you mean lease.revoke?\n'])
  expect((await gatehouse(`${command} deplyo Cluster:web`)).talk).toBe('did you mean deploy?\n')
  for (const line of ['lease.revoke Lease:l1', 'reticulate Spline:s1', 'lease.revke Lease:l1 --json'])
    expect((await gatehouse(`${command} ${line}`)).talk, line).toBe('')
})

test('an action of others that the policies decide is no slip', async () => {
  errors = []
  expect((await gatehouse('policy explain depoly Cluster:web')).talk).toBe('')
})
