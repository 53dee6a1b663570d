import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSshd, type TestSshd } from '@gatehouse/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { isKeyRevoked, parsePublicKeyLine, parseRevocationList } from '../src/wire/index.ts'
import { startAccessSystem, type AccessNode, type AccessSystem } from './access-system.ts'
import { logIn } from './log-in.ts'

const foreign =
  "# somebody else's\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPAVzvtaxp1SdFqGl8lSGh1fqSE8cODyCVYRF48Fcfxd caf\u00e9\n"

let system: AccessSystem
/** Gives a host that is down a second; the other node gives one that is up as long as a busy machine may need. */
let hasty: AccessNode
let sshd: TestSshd
let directory: string
let path: string
let hosts = 0

const registerHost = async (changes: { authorizedKeysPath?: string } = {}): Promise<string> => {
  hosts += 1
  // one machine is one host: the one before makes room
  if (hosts > 1)
    await system.node.call('sshHost.remove', { id: `host-${hosts - 1}`, reason: 'next test', machineGone: true })
  const { name } = await system.node.call('sshHost.register', {
    name: `host-${hosts}`,
    address: '127.0.0.1',
    port: sshd.port,
    user: sshd.user,
    access: 'ca',
    hostKey: sshd.hostPublicKeyLine,
    authorizedKeysPath: path,
    ...changes,
  })
  return name
}
const generate = (host: string, ttlSeconds = 600) =>
  system.node.call('sshKey.generate', { host, purpose: 'test', ttlSeconds })
const file = () => readFile(path, 'utf8')
/** Lets the time of one lease go by: sshd lives by its own clock, so ours must not run ahead of it. */
const letPass = async (leaseId: string, seconds: number): Promise<void> => {
  const { db } = system.node
  const earlier = (at: Date | null) => at && new Date(at.getTime() - seconds * 1000)
  const { due_at, expires_at } = await db
    .selectFrom('lease')
    .select(['due_at', 'expires_at'])
    .where('id', '=', leaseId)
    .executeTakeFirstOrThrow()
  await db
    .updateTable('lease')
    .set({ due_at: earlier(due_at), expires_at: earlier(expires_at) ?? expires_at })
    .where('id', '=', leaseId)
    .execute()
  await db
    .updateTable('ssh_key')
    .set({ expires_at: earlier(expires_at) ?? expires_at })
    .where('lease_id', '=', leaseId)
    .execute()
}
const leaseOf = (id: string) => system.node.call('lease.get', { id })

beforeAll(async () => {
  system = await startAccessSystem()
  hasty = await system.addNode({ contactSeconds: 1 })
  directory = await mkdtemp(join(tmpdir(), 'gh-keys-'))
  path = join(directory, 'authorized_keys')
  sshd = await startSshd({ trustedUserCaKeys: await system.node.ssh.documents.caPublicKey(), authorizedKeysFile: path })
})
afterAll(async () => {
  await sshd.stop()
  await system.close()
  await rm(directory, { recursive: true })
})
beforeEach(async () => {
  await rm(path, { recursive: true, force: true })
  await writeFile(path, foreign, { mode: 0o600 })
})

describe('a key on a host', () => {
  test("opens the host from deploy to revoke, and other people's lines stay byte for byte", async () => {
    const host = await registerHost()
    const key = await generate(host)
    const credential = { privateKey: key.privateKey.expose() }
    expect(await logIn(sshd, credential)).toBe('refused')
    expect((await system.node.call('sshKey.deploy', { id: key.id })).state).toBe('deployed')
    expect(await file()).toContain(foreign)
    expect(await logIn(sshd, credential)).toBe('in')
    expect(await logIn(sshd, credential, { bind: '127.0.0.2' })).toBe('refused')
    expect((await system.node.call('sshKey.revoke', { id: key.id, reason: 'done' })).state).toBe('revoked')
    expect(await file()).toBe(foreign)
    expect(await logIn(sshd, credential)).toBe('refused')
    expect(await leaseOf(key.leaseId)).toMatchObject({
      state: 'revoked',
      reason: 'done',
      endedAt: expect.any(Date),
      lastError: null,
    })
    await expect(system.node.call('sshKey.revoke', { id: key.id, reason: 'again' })).rejects.toMatchObject({
      code: 'lease-ended',
    })
    await expect(system.node.call('sshKey.deploy', { id: key.id })).rejects.toMatchObject({ code: 'lease-ended' })
  })

  // Generated, it waits as long as its lease lives: whoever narrows the host meanwhile sees no key that would be put.
  test('is not deployed for what the host has ceased to give since it was generated', async () => {
    const host = await registerHost()
    const [from, key] = [await generate(host), await generate(host)]
    const update = (change: object) => system.node.call('sshHost.update', { id: host, ...change })
    const refused = async (id: string) =>
      expect(await system.node.call('sshKey.deploy', { id }).catch((cause: unknown) => cause)).toMatchObject({
        code: 'conflict',
        details: { hint: expect.stringContaining('does not give this any more') as string },
      })
    await update({ sourceAddresses: ['192.0.2.0/24'] })
    await refused(from.id)
    await update({ sourceAddresses: ['127.0.0.1'], user: 'backup', principals: ['backup'] })
    await refused(key.id)
    expect(await file()).toBe(foreign)
    await update({ user: sshd.user, principals: [sshd.user] })
    expect((await system.node.call('sshKey.deploy', { id: key.id })).state).toBe('deployed')
    await system.node.call('lease.revoke', { id: key.leaseId, reason: 'done' })
  })

  test('its private key is stored nowhere', async () => {
    const key = await generate(await registerHost())
    const [body = ''] = key.privateKey.expose().split('\n').slice(2)
    for (const table of ['ssh_key', 'lease', 'audit_entry', 'ssh_host'] as const)
      expect(JSON.stringify(await system.node.db.selectFrom(table).selectAll().execute())).not.toContain(
        body.slice(0, 40),
      )
  })

  test('a file that cannot be read, or is damaged, refuses and is never rewritten', async () => {
    const host = await registerHost()
    const key = await generate(host)
    await rm(path)
    await mkdir(path)
    await expect(system.node.call('sshKey.deploy', { id: key.id })).rejects.toMatchObject({
      code: 'host-file-unreadable',
    })
    expect((await stat(path)).isDirectory()).toBe(true)
    await rm(path, { recursive: true })
    const damaged = `${foreign}# END GATEHOUSE managed keys\n`
    await writeFile(path, damaged)
    await expect(system.node.call('sshKey.deploy', { id: key.id })).rejects.toMatchObject({
      code: 'host-file-unreadable',
    })
    expect(await file()).toBe(damaged)
    expect(await system.node.call('sshHost.get', { id: host })).toMatchObject({
      reachable: true,
      lastError: expect.stringContaining('marker'),
    })
    expect(await system.node.call('sshKey.get', { id: key.id })).toMatchObject({ state: 'generated', deployedAt: null })
  })

  test('one whose time ended while nobody swept is gone after one sweep', async () => {
    const host = await registerHost()
    const key = await generate(host, 60)
    await system.node.call('sshKey.deploy', { id: key.id })
    await letPass(key.leaseId, 61)
    expect(await file()).toContain(key.id)
    expect(await system.node.internal('lease.expire', { backend: 'ssh-key' })).toMatchObject({ ended: 1, failed: [] })
    expect(await file()).toBe(foreign)
    expect(await leaseOf(key.leaseId)).toMatchObject({ state: 'expired' })
    expect(await system.node.call('sshKey.get', { id: key.id })).toMatchObject({ state: 'expired' })
    expect(await system.node.record()).toContain('lease.expired allowed')
  })

  test('a revocation that a dead host keeps waiting is refused, shown, retried, and done once it is back', async () => {
    const host = await registerHost()
    const key = await generate(host)
    await system.node.call('sshKey.deploy', { id: key.id })
    await sshd.halt()
    await expect(hasty.call('sshKey.revoke', { id: key.id, reason: 'lost laptop' })).rejects.toMatchObject({
      code: 'host-unreachable',
    })
    expect(await system.node.call('sshKey.get', { id: key.id })).toMatchObject({ state: 'removing' })
    expect(await leaseOf(key.leaseId)).toMatchObject({
      state: 'active',
      attempts: 1,
      reason: 'lost laptop',
      lastError: expect.any(String),
      workflowUrl: `http://temporal/namespaces/gatehouse/workflows/lease-revocation%2F${key.leaseId}`,
    })
    expect(hasty.started).toContain(key.leaseId)
    const list = parseRevocationList(Buffer.from((await system.node.call('sshKrl.get', {})).krl, 'base64'))
    expect(isKeyRevoked(list, parsePublicKeyLine(key.publicKey))).toBe(true)
    await letPass(key.leaseId, 6)
    expect(await hasty.internal('lease.expire', { backend: 'ssh-key', lease: key.leaseId })).toMatchObject({
      ended: 0,
      failed: [key.leaseId],
    })
    expect(await leaseOf(key.leaseId)).toMatchObject({ attempts: 2, state: 'active' })
    await sshd.resume()
    await letPass(key.leaseId, 11)
    expect(await system.node.internal('lease.expire', { backend: 'ssh-key', lease: key.leaseId })).toMatchObject({
      ended: 1,
      failed: [],
      nextDueInSeconds: null,
    })
    expect(await file()).toBe(foreign)
    expect(await leaseOf(key.leaseId)).toMatchObject({ state: 'revoked', lastError: null })
  })

  test('twenty keys deployed and revoked at once on two nodes leave exactly the right lines', async () => {
    const host = await registerHost()
    const other = await system.addNode()
    const nodeOf = (index: number) => (index % 2 === 0 ? system.node : other)
    const old = await Promise.all(Array.from({ length: 10 }, () => generate(host)))
    await Promise.all(old.map(({ id }, index) => nodeOf(index).call('sshKey.deploy', { id })))
    const fresh = await Promise.all(Array.from({ length: 20 }, () => generate(host)))
    const visitsOf = (): number => sshd.log().split('Accepted publickey').length
    const before = visitsOf()
    await Promise.all([
      ...fresh.map(({ id }, index) => nodeOf(index).call('sshKey.deploy', { id })),
      ...old.map(({ id }, index) => nodeOf(index + 1).call('sshKey.revoke', { id, reason: 'done' })),
    ])
    // whoever comes while a host is visited shares the next visit
    expect(visitsOf() - before).toBeLessThan(fresh.length)
    const text = await file()
    expect(text.endsWith(foreign)).toBe(true)
    expect(text.match(/key=\S+/g)?.toSorted()).toEqual(fresh.map(({ id }) => `key=${id}`).toSorted())
    const sample = fresh[7]
    expect(sample && (await logIn(sshd, { privateKey: sample.privateKey.expose() }))).toBe('in')
    await Promise.all(fresh.map(({ id }, index) => nodeOf(index).call('sshKey.revoke', { id, reason: 'done' })))
    expect(await file()).toBe(foreign)
  })
})

describe('a host and its leases', () => {
  test('are reconciled in both directions', async () => {
    const host = await registerHost()
    const [kept, other] = [await generate(host), await generate(host)]
    await system.node.call('sshKey.deploy', { id: kept.id })
    await system.node.call('sshKey.deploy', { id: other.id })
    const withBoth = await file()
    await system.node.call('sshKey.revoke', { id: other.id, reason: 'done' })
    await writeFile(path, withBoth)
    expect(await logIn(sshd, { privateKey: other.privateKey.expose() })).toBe('in')
    expect(await system.node.call('sshKey.cleanup', { host })).toMatchObject({ host, kept: 1, removed: 1, restored: 0 })
    expect(await logIn(sshd, { privateKey: other.privateKey.expose() })).toBe('refused')
    await writeFile(path, foreign)
    const { id } = await system.node.call('sshHost.get', { id: host })
    expect(await system.node.internal('sshHost.reconcile', { host: id })).toMatchObject({
      hosts: 1,
      restored: 1,
      removed: 0,
      failed: [],
    })
    expect(await logIn(sshd, { privateKey: kept.privateKey.expose() })).toBe('in')
  })

  test('a reconciliation ends the leases that only waited for their host', async () => {
    const host = await registerHost()
    const key = await generate(host)
    await system.node.call('sshKey.deploy', { id: key.id })
    await sshd.halt()
    const lease = await hasty.call('lease.revoke', { id: key.leaseId, reason: 'gone' })
    expect(lease).toMatchObject({ state: 'active', attempts: 1, lastError: expect.any(String) })
    await sshd.resume()
    const { id } = await system.node.call('sshHost.get', { id: host })
    await system.node.internal('sshHost.reconcile', { host: id })
    expect(await leaseOf(key.leaseId)).toMatchObject({ state: 'revoked' })
    expect(await file()).toBe(foreign)
  })

  test('with a management key need trust no certificate', async () => {
    const { managementPublicKey } = system.node.ssh.documents
    const management = `restrict,command="internal-sftp",from="127.0.0.1" ${managementPublicKey}\n`
    const only = await startSshd({ authorizedKeysFile: path })
    try {
      await writeFile(path, management)
      const { name } = await system.node.call('sshHost.register', {
        name: 'managed',
        address: '127.0.0.1',
        port: only.port,
        user: only.user,
        access: 'managementKey',
        authorizedKeysPath: path,
      })
      const key = await generate(name)
      await system.node.call('sshKey.deploy', { id: key.id })
      expect(await logIn(only, { privateKey: key.privateKey.expose() })).toBe('in')
      expect(await system.node.call('lease.revoke', { id: key.leaseId, reason: 'done' })).toMatchObject({
        state: 'revoked',
      })
      expect(await file()).toBe(management)
      expect(await system.node.call('sshHost.check', { id: name })).toMatchObject({ reachable: true, lastError: null })
      await writeFile(path, '')
      expect(await system.node.call('sshHost.check', { id: name })).toMatchObject({
        reachable: false,
        lastError: expect.stringContaining('log-in'),
      })
      const other = await generate(name)
      await expect(system.node.call('sshKey.deploy', { id: other.id })).rejects.toMatchObject({
        code: 'host-access-refused',
      })
    } finally {
      await only.stop()
    }
  })

  test('registration pins what the host shows, and refuses what cannot be right', async () => {
    const base = { address: '127.0.0.1', port: sshd.port, user: sshd.user, access: 'ca' } as const
    await system.node.call('sshHost.remove', { id: `host-${hosts}`, reason: 'test', machineGone: true })
    const shown = await system.node.call('sshHost.register', { ...base, name: 'shown' })
    expect(shown).toMatchObject({
      hostKey: sshd.hostPublicKeyLine,
      principals: [sshd.user],
      sourceAddresses: ['127.0.0.1/32'],
      reachable: true,
    })
    await expect(system.node.call('sshHost.register', { ...base, name: 'shown' })).rejects.toMatchObject({
      code: 'conflict',
    })
    await expect(
      system.node.call('sshHost.register', { ...base, name: 'wrong', hostKey: foreign.split('\n')[1] ?? '' }),
    ).rejects.toMatchObject({ code: 'host-key-mismatch' })
    await expect(
      system.node.call('sshHost.register', {
        ...base,
        name: 'away',
        address: '192.0.2.1',
        hostKey: sshd.hostPublicKeyLine,
      }),
    ).rejects.toMatchObject({ code: 'invalid-input', details: { fields: [{ path: 'sourceAddresses' }] } })
    await expect(hasty.call('sshHost.register', { ...base, name: 'nobody', port: 1 })).rejects.toMatchObject({
      code: 'host-unreachable',
    })
    await chmod(path, 0o600)
  })
})
