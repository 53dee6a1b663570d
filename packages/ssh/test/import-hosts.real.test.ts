import { startSshd, type TestSshd } from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fingerprint, formatPublicKey, generateEd25519, parsePublicKeyLine } from '../src/wire/index.ts'
import { startAccessSystem, type AccessNode, type AccessSystem } from './access-system.ts'

let system: AccessSystem
/** Gives up sooner a host that is not there. */
let hasty: AccessNode
let hosts: readonly [TestSshd, TestSshd]

beforeAll(async () => {
  system = await startAccessSystem()
  hasty = await system.addNode({ contactSeconds: 4 })
  hosts = await Promise.all([startSshd(), startSshd()])
})
afterAll(async () => {
  await Promise.all(hosts.map((host) => host.stop()))
  await system.close()
})

const rowOf = ({ port, user }: TestSshd, name: string) => ({ name, address: '127.0.0.1', port, user })
const bring = (rows: readonly object[], more: object = {}, { call } = system.node) =>
  call('sshHost.import', { hosts: rows, ...more } as never)
const registered = async (): Promise<string[]> =>
  (await system.node.call('sshHost.list', {})).items.map(({ name }) => name).toSorted()
const fieldsOf = async (work: Promise<unknown>): Promise<string[]> =>
  work.then(
    () => [],
    (error: { details?: { fields?: readonly { path: string }[] } }) =>
      (error.details?.fields ?? []).map(({ path }) => path),
  )

describe('many hosts at once', () => {
  test('a dry run contacts and compares them, and registers none', async () => {
    const [one, two] = hosts
    const looked = await bring([rowOf(one, 'a'), rowOf(two, 'b')], { dryRun: true })
    expect(looked).toMatchObject({
      registered: 0,
      hosts: [
        { id: null, reachable: true },
        { id: null, reachable: true },
      ],
    })
    expect(looked.hosts[0]?.hostKeyFingerprint).toBe(fingerprint(parsePublicKeyLine(one.hostPublicKeyLine)))
    expect(await registered()).toEqual([])
    expect(await system.node.record()).toContain('sshHost.import allowed')
  })

  test('all that is wrong is said at once, by row, and nothing is registered', async () => {
    const [one, two] = hosts
    const wrongKey = formatPublicKey((await generateEd25519()).publicKey)
    const rows = [
      rowOf(one, 'a'),
      { ...rowOf(two, 'b'), hostKey: wrongKey },
      { name: 'c', address: '127.0.0.1', port: 1, user: 'deploy' },
      { name: 'd', address: '192.0.2.1', port: 22, user: 'deploy', sourceAddresses: ['not/a/range'] },
    ]
    expect(await fieldsOf(bring(rows))).toEqual(['hosts.3.sourceAddresses.0'])
    expect(await fieldsOf(bring(rows.slice(0, 3), {}, hasty))).toEqual(['hosts.1', 'hosts.2'])
    expect(await fieldsOf(bring([rowOf(one, 'a'), rowOf(one, 'b'), rowOf(two, 'a')]))).toEqual([
      'hosts.1.address',
      'hosts.2.name',
    ])
    expect(await registered()).toEqual([])
  })

  test('they are registered together, and each of them once', async () => {
    const [one, two] = hosts
    const made = await bring([rowOf(one, 'a'), rowOf(two, 'b')])
    expect(made).toMatchObject({ registered: 2, hosts: [{ name: 'a', reachable: true }, { name: 'b' }] })
    expect(await registered()).toEqual(['a', 'b'])
    expect(await system.node.call('sshHost.get', { id: made.hosts[0]?.id ?? '' })).toMatchObject({
      name: 'a',
      user: one.user,
      access: 'ca',
      principals: [one.user],
      sourceAddresses: ['127.0.0.1/32'],
    })
    expect(await fieldsOf(bring([rowOf(one, 'a2')]))).toEqual(['hosts.0'])
    expect(await fieldsOf(bring([rowOf(one, 'a2')], { dryRun: true }))).toEqual(['hosts.0'])
    expect(await registered()).toEqual(['a', 'b'])
  })
})

test('keys are counted by how they stand', async () => {
  const key = await system.node.call('sshKey.generate', { host: 'a', purpose: 'count', ttlSeconds: 600 })
  expect(await system.node.call('sshKey.stats', {})).toMatchObject({ generated: 1, deployed: 0, overdue: 0, hosts: 0 })
  expect(await system.node.call('sshKey.stats', { workspace: 'default' })).toMatchObject({
    generated: 1,
    nextExpiry: key.expiresAt,
  })
  await system.node.call('sshKey.revoke', { id: key.id, reason: 'counted' })
  expect(await system.node.call('sshKey.stats', {})).toMatchObject({ generated: 0, revoked: 1, nextExpiry: null })
})
