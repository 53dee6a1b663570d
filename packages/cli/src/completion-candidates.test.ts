// What may stand where a question to the policies is being typed.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../test/run.ts'
import { startWireServer, type WireServer } from '../test/wire-server.ts'

const lists: Readonly<Record<string, readonly unknown[]>> = {
  'user.list': [{ username: 'ada' }],
  'team.list': [{ name: 'sre' }],
  'workspace.list': [{ name: 'shop' }],
  'lease.list': [{ id: 'l1' }],
}
let server: WireServer
beforeAll(async () => {
  server = await startWireServer(({ name }) => ({ output: { items: lists[name] ?? [], nextCursor: null } }))
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
