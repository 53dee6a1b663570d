import { afterAll, beforeAll, expect, test } from 'vitest'
import { startNode, startTarget, withRole, type SecretsNode, type TargetServer } from './secrets-system.ts'

// Threat I1: a credential that was revoked works on, and only our own rows say that it does not.
let node: SecretsNode
let target: TargetServer
beforeAll(async () => {
  node = await startNode()
  target = await startTarget()
  await withRole(node, target, { name: 'proved' })
})
afterAll(async () => {
  await node.close()
  await target.drop()
})

const revoked = async (): Promise<string> => {
  const { lease } = await node.calls.call('lease.issue', { role: 'proved', purpose: 'a test', ttlSeconds: 900 })
  await node.calls.call('lease.revoke', { id: lease.id, reason: 'done' })
  return lease.id
}

test('the death of a login is proved by looking it up, and signed', async () => {
  const id = await revoked()
  expect(await node.calls.call('lease.proof', { id })).toMatchObject({ state: 'waiting', evidence: null })
  expect(await node.calls.internal('lease.prove', {}, 'r1')).toMatchObject({ asked: 1, proved: 1 })
  const { state, provider, evidence, secondsToDead } = await node.calls.call('lease.proof', { id })
  expect([state, provider]).toEqual(['refused', 'postgres proved-db'])
  expect(secondsToDead).toBeGreaterThanOrEqual(0)
  const { kind = '', statement = '', signature } = evidence ?? {}
  expect(node.checkpointKey.hasSigned({ kind, text: statement }, signature)).toBe(true)
  const login = `gatehouse_${id.replaceAll('-', '')}`
  expect(JSON.parse(statement)).toMatchObject({ said: `there is no login ${login}`, facts: { login } })
})

test('a login of that name that is there again is no proof', async () => {
  const id = await revoked()
  const login = `gatehouse_${id.replaceAll('-', '')}`
  await target.asSuperuser((client) => client.query(`create role ${login} login`))
  try {
    expect(await node.calls.internal('lease.prove', {}, 'r2')).toMatchObject({ asked: 1, proved: 0 })
    expect(await node.calls.call('lease.proof', { id })).toMatchObject({
      state: 'waiting',
      lastAnswer: `the login ${login} is there`,
    })
  } finally {
    await target.asSuperuser((client) => client.query(`drop role ${login}`))
  }
})
