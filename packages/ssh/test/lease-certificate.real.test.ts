import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSshd, type TestSshd } from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  certificateKeyId,
  fingerprint,
  formatPrivateKey,
  formatPublicKey,
  generateEd25519,
  parseCertificate,
  parsePublicKeyLine,
} from '../src/wire/index.ts'
import { person, startAccessSystem, type AccessSystem } from './access-system.ts'
import { logIn } from './log-in.ts'

let system: AccessSystem
let sshd: TestSshd
let directory: string
let privateKey: string
let publicKey: string

const sign = (changes: Record<string, unknown> = {}) =>
  system.node.call('sshCertificate.sign', {
    host: 'box',
    publicKey,
    purpose: 'look around',
    ttlSeconds: 600,
    ...changes,
  })
const publishList = async (): Promise<void> => {
  const { body } = await system.node.ssh.documents.revocationList()
  await writeFile(join(directory, 'krl.new'), body)
  await rename(join(directory, 'krl.new'), join(directory, 'krl'))
}

beforeAll(async () => {
  system = await startAccessSystem()
  directory = await mkdtemp(join(tmpdir(), 'gh-krl-'))
  await publishList()
  sshd = await startSshd({
    trustedUserCaKeys: await system.node.ssh.documents.caPublicKey(),
    revokedKeys: join(directory, 'krl'),
  })
  await system.node.call('sshHost.register', {
    name: 'box',
    address: '127.0.0.1',
    port: sshd.port,
    user: sshd.user,
    access: 'ca',
    principals: [sshd.user, 'deploy'],
  })
  const pair = await generateEd25519('olga@laptop')
  privateKey = formatPrivateKey(pair.privateKey)
  publicKey = formatPublicKey(pair.publicKey)
})
afterAll(async () => {
  await sshd.stop()
  await system.close()
  await rm(directory, { recursive: true })
})

describe('a certificate', () => {
  test('lets its holder in until it is revoked and the list is fetched', async () => {
    const [gone, good] = [await sign(), await sign()]
    expect(await logIn(sshd, { privateKey, certificate: gone.certificate })).toBe('in')
    expect(sshd.log()).toContain(certificateKeyId({ leaseId: gone.leaseId, principal: 'olga', purpose: 'look around' }))
    expect(await system.node.call('sshCertificate.revoke', { id: gone.id, reason: 'done' })).toMatchObject({
      state: 'revoked',
      serial: gone.serial,
    })
    await publishList()
    expect(await logIn(sshd, { privateKey, certificate: gone.certificate })).toBe('refused')
    expect(await logIn(sshd, { privateKey, certificate: good.certificate })).toBe('in')
    expect(await system.node.call('lease.get', { id: gone.leaseId })).toMatchObject({
      state: 'revoked',
      reason: 'done',
      backend: 'ssh-certificate',
      hostId: gone.hostId,
    })
    // what was revoked did not expire
    expect((await system.node.record()).filter((entry) => entry.startsWith('lease.'))).toEqual([
      'lease.revoked allowed',
      'lease.get allowed',
    ])
    await expect(system.node.call('sshCertificate.revoke', { id: gone.id, reason: 'again' })).rejects.toMatchObject({
      code: 'lease-ended',
    })
  })

  test('is refused from another address, for another principal, and after its end', async () => {
    const short = await sign({ ttlSeconds: 3 })
    expect(await logIn(sshd, { privateKey, certificate: short.certificate })).toBe('in')
    expect(await logIn(sshd, { privateKey, certificate: short.certificate }, { bind: '127.0.0.2' })).toBe('refused')
    const other = await sign({ login: 'deploy' })
    expect(await logIn(sshd, { privateKey, certificate: other.certificate })).toBe('refused')
    await sleep(short.validBefore.getTime() + 1000 - Date.now())
    expect(await logIn(sshd, { privateKey, certificate: short.certificate })).toBe('refused')
    expect(await system.node.internal('lease.expire', { backend: 'ssh-certificate' })).toMatchObject({ failed: [] })
    expect(await system.node.call('lease.get', { id: short.leaseId })).toMatchObject({ state: 'expired' })
  })

  test('names one principal, an address, a serial and who and why, and lives no longer than its lease', async () => {
    const signed = await sign({ purpose: 'a,root user=eve \u00e9*' })
    const certificate = parseCertificate(signed.certificate)
    expect(certificate.sshPrincipals).toEqual([
      `${sshd.user}@${fingerprint(parsePublicKeyLine(sshd.hostPublicKeyLine))}`,
    ])
    expect([...certificate.criticalOptions]).toEqual([['source-address', '127.0.0.1/32']])
    expect(certificate.serial.toString()).toBe(signed.serial)
    expect(certificate.serial).toBeGreaterThan(0n)
    expect(certificate.keyId).toMatch(/^lease=\S+ user=olga purpose=\S+$/)
    const lease = await system.node.call('lease.get', { id: signed.leaseId })
    expect(Number(certificate.validBeforeSeconds) * 1000).toBeLessThanOrEqual(lease.expiresAt.getTime())
  })

  test("is refused for a stranger's login, a wrong key and a wrong time to live, naming the field", async () => {
    const refusal = (path: string) => ({
      code: 'invalid-input',
      details: { fields: [{ path, message: expect.any(String) }] },
    })
    await expect(sign({ login: 'eve' })).rejects.toMatchObject(refusal('login'))
    await expect(sign({ publicKey: 'ssh-rsa AAAA' })).rejects.toMatchObject(refusal('publicKey'))
    await expect(sign({ publicKey: (await sign()).certificate })).rejects.toMatchObject(refusal('publicKey'))
    await expect(sign({ ttlSeconds: 86_401 })).rejects.toMatchObject({
      details: { fields: [{ path: 'ttlSeconds', message: 'from 1 (1s) to 86400 (1d) seconds' }] },
    })
    await expect(sign({ host: 'nowhere' })).rejects.toMatchObject({ code: 'not-found' })
  })

  test('leaves one entry in the record, with its lease: nothing outside is asked for it', async () => {
    const before = (await system.node.record()).length
    await sign()
    expect((await system.node.record()).slice(before)).toEqual(['sshCertificate.sign allowed'])
  })

  test('of ten asked for at once have each a serial, a lease and an entry of their own', async () => {
    const before = (await system.node.record()).length
    const ten = await Promise.all(
      Array.from({ length: 10 }, (_, index) => sign({ purpose: `the ${index}th`, ttlSeconds: 600 + index })),
    )
    expect(new Set(ten.flatMap(({ id, leaseId, serial }) => [id, leaseId, serial])).size).toBe(30)
    expect((await system.node.record()).slice(before)).toEqual(ten.map(() => 'sshCertificate.sign allowed'))
    for (const [index, { leaseId, certificate, serial }] of ten.entries()) {
      const lease = await system.node.call('lease.get', { id: leaseId })
      expect(lease).toMatchObject({ state: 'active', purpose: `the ${index}th`, principalName: 'olga' })
      const read = parseCertificate(certificate)
      expect([read.serial.toString(), read.keyId.includes(leaseId)]).toEqual([serial, true])
    }
  })

  test('a pending lease whose issuer died is ended by the sweep', async () => {
    const { id } = await system.node.db
      .insertInto('lease')
      .values({
        id: '01980000-0000-7000-8000-0000000000aa',
        backend: 'ssh-certificate',
        role: 'r',
        workspace_id: 'default',
        purpose: 'p',
        principal_type: 'User',
        principal_id: 'u',
        principal_name: 'u',
        session_id: null,
        state: 'pending',
        issued_at: system.now(),
        expires_at: new Date(system.now().getTime() + 600_000),
        due_at: new Date(system.now().getTime() + 60_000),
        revoke_requested_at: null,
        ended_at: null,
        reason: null,
        last_error: null,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    await system.node.internal('lease.expire', { backend: 'ssh-certificate' })
    expect(await system.node.call('lease.get', { id })).toMatchObject({ state: 'pending' })
    system.advance(61)
    await system.node.internal('lease.expire', { backend: 'ssh-certificate' })
    expect(await system.node.call('lease.get', { id })).toMatchObject({
      state: 'revoked',
      reason: 'issuing did not finish',
    })
  })

  test('lists and pages show what was signed, newest first', async () => {
    const first = await system.node.call('sshCertificate.list', { first: 2 })
    expect(first.items).toHaveLength(2)
    const second = await system.node.call('sshCertificate.list', { first: 2, after: first.nextCursor ?? '' })
    expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(4)
    expect(
      (await system.node.call('lease.list', { first: 200, state: 'revoked', principal: 'olga' })).items.every(
        ({ state }) => state === 'revoked',
      ),
    ).toBe(true)
  })
})

test('watchers see the leases alive first and then each change, and one that leaves is let go at once', async () => {
  const alive = await sign()
  const stream = (await system.node.subscribe('lease.watch', { workspace: 'default' }))[Symbol.asyncIterator]()
  const nextOf = async (id: string) => {
    for (;;) {
      const step = await stream.next()
      if (step.done === true) throw new Error('the stream ended')
      if (step.value.id === id) return step.value
      expect(['pending', 'active', 'irrevocable', 'revoked', 'expired']).toContain(step.value.state)
    }
  }
  expect(await nextOf(alive.leaseId)).toMatchObject({ state: 'active', principalName: 'olga' })
  const fresh = await sign()
  expect(await nextOf(fresh.leaseId)).toMatchObject({ state: 'active' })
  await system.node.call('lease.revoke', { id: fresh.leaseId, reason: 'seen' })
  expect(await nextOf(fresh.leaseId)).toMatchObject({ state: 'revoked', reason: 'seen' })
  const begun = performance.now()
  await stream.return?.()
  expect(performance.now() - begun).toBeLessThan(2000)
  expect((await system.node.record()).filter((entry) => entry === 'lease.watch allowed')).toHaveLength(2)
})

test('a lease never outlives the session that asked for it', async () => {
  const { session } = person
  Object.assign(session, { expiresAt: new Date(system.now().getTime() + 30_000) })
  try {
    const signed = await sign({ ttlSeconds: 600 })
    expect(signed.validBefore.getTime()).toBeLessThanOrEqual(session.expiresAt.getTime())
  } finally {
    Object.assign(session, { expiresAt: new Date(system.now().getTime() + 86_400_000) })
  }
})

test('the list that hosts fetch changes its tag exactly when it changes', async () => {
  const before = await system.node.ssh.documents.revocationList()
  const again = await system.node.ssh.documents.revocationList()
  expect(again.etag).toBe(before.etag)
  const { id } = await sign()
  await system.node.call('sshCertificate.revoke', { id, reason: 'done' })
  const after = await system.node.ssh.documents.revocationList()
  expect(after.etag).not.toBe(before.etag)
  expect(after.version).toBeGreaterThan(before.version)
  expect(after.lastModified.getTime()).toBeGreaterThanOrEqual(before.lastModified.getTime())
})
