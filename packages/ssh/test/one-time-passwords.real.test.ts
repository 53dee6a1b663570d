import { randomUUID } from 'node:crypto'
import { formatPublicKey, generateEd25519 } from '../src/wire/index.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { person, startAccessSystem, type AccessNode, type AccessSystem } from './access-system.ts'

let system: AccessSystem
let node: AccessNode
let other: AccessNode
let host: string

/** From where the host of a test asks, and from where people reach it. */
const hostAddress = '192.0.2.7'
const people = '198.51.100.0/24'

beforeAll(async () => {
  system = await startAccessSystem({ ttlSecondsMin: 60, contactSeconds: 0.1 })
  node = system.node
  other = await system.addNode()
  host = await register()
})
afterAll(() => system.close())

/** Registers a host at which nobody listens: passwords are asked about, and no log-in is needed for that. */
const register = async (changes: Record<string, unknown> = {}): Promise<string> => {
  const name = `box-${randomUUID().slice(0, 8)}`
  await node.call('sshHost.register', {
    name,
    address: `127.0.7.${(registered += 1)}`,
    port: 1,
    user: 'deploy',
    access: 'ca',
    hostKey: formatPublicKey((await generateEd25519()).publicKey),
    principals: ['deploy', 'backup'],
    sourceAddresses: [people],
    contactWaiver: 'nobody is there',
    otpAddresses: [hostAddress],
    ...changes,
  })
  return name
}
let registered = 0

const issue = (changes: Record<string, unknown> = {}) =>
  node.call('sshOtp.issue', { host, purpose: 'restore orders', ...changes })
const verify = (otp: string, more: Record<string, unknown> = {}, from = hostAddress, at = node) =>
  at.callFrom(from, 'sshOtp.verify', { otp, ...more })
/** A lock without an end, as it stands in its row. */
const lockOf = (id: string) => ({ id, name: 'a test', reason: 'a test', created_at: new Date() })
const notGood = { code: 'invalid-credentials' }
const lease = (id: string) => node.call('lease.get', { id })
const stateOf = async (leaseId: string) =>
  (await node.db.selectFrom('ssh_otp').select('state').where('lease_id', '=', leaseId).executeTakeFirst())?.state
const events = async (name: string): Promise<Record<string, unknown>[]> =>
  (await node.db.selectFrom('audit_entry').select(['action', 'entry']).where('action', '=', name).execute()).map(
    ({ entry }) => (JSON.parse(entry) as { detail: Record<string, unknown> }).detail,
  )

describe('a one-time password', () => {
  test('tells the host whose account it opens, once, and its lease ends with it', async () => {
    const { otp, leaseId, role, address, user } = await issue({ login: 'backup' })
    expect([role, user]).toEqual([`backup@${host}`, 'backup'])
    expect(await lease(leaseId)).toMatchObject({ backend: 'ssh-otp', state: 'active', revocability: 'denies', role })
    expect(await verify(otp.expose())).toEqual({ message: null, username: 'backup', ip: address, role })
    expect(await lease(leaseId)).toMatchObject({ state: 'expired', endedAt: expect.any(Date) })
    await expect(verify(otp.expose())).rejects.toMatchObject(notGood)
    expect(await stateOf(leaseId)).toBe('used')
  })

  test('is kept by its hash alone, and stands in no entry of the audit log', async () => {
    const { otp } = await issue()
    await verify(otp.expose())
    const rows = await node.db.selectFrom('ssh_otp').selectAll().execute()
    const entries = await node.db.selectFrom('audit_entry').select('entry').execute()
    const kept = JSON.stringify([rows.map(({ hash, ...row }) => ({ ...row, hash: hash.toString('latin1') })), entries])
    for (const part of [otp.expose(), otp.expose().slice(0, 9)]) expect(kept).not.toContain(part)
  })

  test('lets one in of fifty who show it at once, on two nodes', async () => {
    const { otp } = await issue()
    const shown = Array.from({ length: 50 }, (_, n) =>
      verify(otp.expose(), {}, hostAddress, n % 2 === 0 ? node : other),
    )
    const outcomes = await Promise.allSettled(shown)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(notGood)
  })

  test.each(['host', 'role', 'principal'] as const)('is refused and spent where its %s is locked', async (kind) => {
    const { otp, leaseId, hostId } = await issue()
    const id = randomUUID()
    const target = { host: hostId, role: `deploy@${hostId}`, principal: person.id }[kind]
    await node.db
      .insertInto('access_lock')
      .values({ ...lockOf(id), kind, target })
      .execute()
    await expect(verify(otp.expose())).rejects.toMatchObject(notGood)
    await node.db.deleteFrom('access_lock').where('id', '=', id).execute()
    await expect(verify(otp.expose())).rejects.toMatchObject(notGood)
    expect(await stateOf(leaseId)).toBe('misused')
    expect(await events('sshOtp.misused')).toContainEqual({ host: hostId, wrong: ['locked'] })
  })

  test.each([
    ['another host', {}, '192.0.2.8', 'host'],
    ['another account', { account: 'backup' }, hostAddress, 'account'],
    ['somebody who comes from elsewhere', { clientAddress: '203.0.113.9' }, hostAddress, 'client'],
  ])(
    'that is shown for %s is refused and spent, and the audit log says what was wrong',
    async (_, more, from, wrong) => {
      const { otp, leaseId, hostId } = await issue()
      await expect(verify(otp.expose(), more, from)).rejects.toMatchObject(notGood)
      await expect(verify(otp.expose())).rejects.toMatchObject(notGood)
      expect(await stateOf(leaseId)).toBe('misused')
      expect(await lease(leaseId)).toMatchObject({ state: 'expired' })
      expect(await events('sshOtp.misused')).toContainEqual({ host: hostId, wrong: [wrong] })
    },
  )

  // Hosts behind one NAT ask from one address: who may use one of them had the password of it opened all of them.
  test('is one host’s among those that ask from one address, where the host says which it is', async () => {
    const keyOf = async (name: string) => (await node.call('sshHost.get', { id: name })).hostKeyFingerprint
    const neighbour = await keyOf(await register())
    const { otp, leaseId, hostId } = await issue()
    await expect(verify(otp.expose(), { hostFingerprint: neighbour })).rejects.toMatchObject(notGood)
    expect(await stateOf(leaseId)).toBe('misused')
    expect(await events('sshOtp.misused')).toContainEqual({ host: hostId, wrong: ['host'] })
    const good = await issue()
    expect(await verify(good.otp.expose(), { hostFingerprint: await keyOf(host) })).toMatchObject({ role: good.role })
  })

  test('lets in whom the host says to come from where people may', async () => {
    const { otp } = await issue()
    expect(await verify(otp.expose(), { account: 'deploy', clientAddress: '198.51.100.20' })).toMatchObject({
      username: 'deploy',
    })
  })

  test('is not good any more once it is revoked, and nobody is told of misuse', async () => {
    const { otp, leaseId } = await issue()
    const before = (await events('sshOtp.misused')).length
    await node.call('lease.revoke', { id: leaseId, reason: 'typed into a chat' })
    await expect(verify(otp.expose())).rejects.toMatchObject(notGood)
    expect(await stateOf(leaseId)).toBe('revoked')
    expect((await events('sshOtp.misused')).length).toBe(before)
  })

  test('comes to its end by the clock, before a sweep says so', async () => {
    const { otp, leaseId } = await issue({ ttlSeconds: 60 })
    system.advance(61)
    await expect(verify(otp.expose())).rejects.toMatchObject(notGood)
    expect(await stateOf(leaseId)).toBe('active')
    await node.internal('lease.expire', { backend: 'ssh-otp' })
    expect([await stateOf(leaseId), (await lease(leaseId)).state]).toEqual(['expired', 'expired'])
  })

  test('ends with what its person holds, and with its host', async () => {
    const [first, second] = [await issue(), await issue()]
    await node.db.transaction().execute((tx) => node.leases.endAllOf(tx, { principalId: person.id, reason: 'left' }))
    await expect(verify(first.otp.expose())).rejects.toMatchObject(notGood)
    expect([await stateOf(first.leaseId), await stateOf(second.leaseId)]).toEqual(['revoked', 'revoked'])
    const third = await issue({ host: await register() })
    await node.call('sshHost.remove', { id: third.hostId, reason: 'gone' })
    await expect(verify(third.otp.expose())).rejects.toMatchObject(notGood)
    expect(await lease(third.leaseId)).toMatchObject({ state: 'revoked', reason: 'gone' })
  })

  test('that is shown while it is revoked is one or the other', async () => {
    for (let turn = 0; turn < 8; turn += 1) {
      const { otp, leaseId } = await issue()
      const [shown, revoked] = await Promise.allSettled([
        verify(otp.expose(), {}, hostAddress, other),
        node.call('lease.revoke', { id: leaseId, reason: 'at the same time' }),
      ])
      if (shown.status === 'rejected') expect(shown.reason).toMatchObject(notGood)
      if (revoked.status === 'rejected') expect(revoked.reason).toMatchObject({ code: 'lease-ended' })
      expect(await stateOf(leaseId)).toBe(shown.status === 'fulfilled' ? 'used' : 'revoked')
    }
  })
})

describe('a host', () => {
  test('takes no one-time passwords unless its registration says from where it asks', async () => {
    const box = await register({ otpAddresses: [] })
    await expect(issue({ host: box })).rejects.toMatchObject({
      code: 'conflict',
      details: { hint: expect.stringContaining(`ssh-host update ${box} --otp-addresses`) },
    })
    expect(await node.call('sshHost.update', { id: box, otpAddresses: ['192.0.2.0/30', '2001:db8::7'] })).toMatchObject(
      { otpAddresses: ['192.0.2.0/30', '2001:db8::7/128'] },
    )
    expect(await verify((await issue({ host: box })).otp.expose(), {}, '192.0.2.3')).toMatchObject({
      username: 'deploy',
    })
    expect(await verify((await issue({ host: box })).otp.expose(), {}, '2001:db8::7')).toMatchObject({
      username: 'deploy',
    })
    const { otp } = await issue({ host: box })
    await node.call('sshHost.update', { id: box, otpAddresses: [] })
    await expect(verify(otp.expose())).rejects.toMatchObject(notGood)
  })

  test('is told the address that a helper compares with its own, also where it is registered by a name', async () => {
    const box = await register({ address: 'localhost' })
    expect(['127.0.0.1', '::1']).toContain((await issue({ host: box })).address)
  })

  test('is told that it reaches us by the echo that Vault answers with', async () => {
    expect(await verify('verify-echo-request', {}, '203.0.113.77')).toEqual({
      message: 'verify-echo-response',
      username: null,
      ip: null,
      role: null,
    })
  })
})

test('an account, a workspace, a time and an address that are not right are refused, each by its field', async () => {
  const refusal = (path: string) => ({
    code: 'invalid-input',
    details: { fields: [expect.objectContaining({ path })] },
  })
  await expect(issue({ login: 'root' })).rejects.toMatchObject(refusal('login'))
  await expect(issue({ workspace: 'elsewhere' })).rejects.toMatchObject(refusal('workspace'))
  await expect(issue({ ttlSeconds: 59 })).rejects.toMatchObject(refusal('ttlSeconds'))
  await expect(issue({ ttlSeconds: 3601 })).rejects.toMatchObject(refusal('ttlSeconds'))
  await expect(register({ otpAddresses: ['192.0.2.7/24'] })).rejects.toMatchObject(refusal('otpAddresses'))
})

test.each(['', 'x'.repeat(4000), 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa', "' or 1=1 --"])(
  'what is no password is refused as one that is not good: %j',
  async (otp) => {
    await expect(verify(otp)).rejects.toMatchObject(notGood)
  },
)
