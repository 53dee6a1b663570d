import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSystem, type System } from './system.ts'

// Nobody may switch emergency access off. The first policies of an installation take the place of none, so that they
// decide whatever they say; and then it is told, by an alert and in the status.

let system: System
let policies: string
beforeAll(async () => {
  policies = await mkdtemp(join(tmpdir(), 'gatehouse-closed-'))
  await cp(resolve(import.meta.dirname, '../../../policies'), policies, { recursive: true })
  const text = '@id("closed")\n@doc("Nobody approves.")\n@severity("high")\n'
  const forbid = 'forbid (principal, action == Action::"breakGlass.approve", resource);\n'
  await writeFile(join(policies, 'admin/closed.cedar'), text + forbid)
  system = await startSystem({ policies })
})
afterAll(async () => {
  await system.end()
  await rm(policies, { recursive: true, force: true })
})

const look = () => system.worker.enforcer.internal('emergencySession.expire', {}, 'look')
const alerts = () => system.db.selectFrom('alert').selectAll().where('kind', '=', 'break-glass-closed').execute()

test('policies that close emergency access from the very first start are told of, once a day', async () => {
  await look()
  await look()
  const told = await alerts()
  expect(told).toHaveLength(1)
  expect(told[0]).toMatchObject({ severity: 'critical', dedupe_key: 'development' })
  expect(JSON.stringify(told[0])).toContain('could approve')

  const anton = await system.logIn('anton-admin')
  const { parts } = await system.call(anton, 'system.status', {})
  expect(parts.find(({ name }) => name === 'break-glass')).toMatchObject({
    health: 'degraded',
    message: expect.stringMatching(/^the policies leave nobody emergency access in development at .*could approve/),
  })
})
