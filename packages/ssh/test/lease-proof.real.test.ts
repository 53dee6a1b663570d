import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSshd, type TestSshd } from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fingerprint, formatPublicKey, generateEd25519, parsePublicKeyLine } from '../src/wire/index.ts'
import { startAccessSystem, type AccessSystem } from './access-system.ts'

// Threat I1: a credential that was revoked works on, and only our own rows say that it does not.
let system: AccessSystem
let sshd: TestSshd
let directory: string
let publicKey: string

beforeAll(async () => {
  system = await startAccessSystem()
  directory = await mkdtemp(join(tmpdir(), 'gh-proof-'))
  await publishList()
  sshd = await startSshd({
    trustedUserCaKeys: await system.node.ssh.documents.caPublicKey(),
    revokedKeys: join(directory, 'krl'),
    authorizedKeysFile: join(directory, 'keys-%u'),
  })
  publicKey = formatPublicKey((await generateEd25519('olga@laptop')).publicKey)
  await register('box', sshd)
})
afterAll(async () => {
  await sshd.stop()
  await system.close()
  await rm(directory, { recursive: true })
})

const publishList = async (): Promise<void> => {
  const { body } = await system.node.ssh.documents.revocationList()
  await writeFile(join(directory, 'krl.new'), body)
  await rename(join(directory, 'krl.new'), join(directory, 'krl'))
}
const register = (name: string, { port, user }: TestSshd) =>
  system.node.call('sshHost.register', {
    name,
    address: '127.0.0.1',
    port,
    user,
    access: 'ca',
    authorizedKeysPath: join(directory, 'keys-%u'),
    // from where the tests do not come, so that a refusal of the certificate itself would say nothing
    sourceAddresses: ['192.0.2.0/24'],
  })
const revoked = async (host = 'box', ttlSeconds = 600) => {
  const signed = await system.node.call('sshCertificate.sign', { host, publicKey, purpose: 'look', ttlSeconds })
  await system.node.call('sshCertificate.revoke', { id: signed.id, reason: 'done' })
  return signed
}
const proofOf = (id: string) => system.node.call('lease.proof', { id })
/** Asks about all that waits, whenever it would be due. */
const ask = async ({ internal } = system.node) => {
  const waits = system.node.db.updateTable('lease_proof').where('due_at', 'is not', null)
  await waits.set({ due_at: system.now() }).execute()
  return internal('lease.prove', {})
}
/** What happens so much later. sshd's clock stays, so nothing that it would have to find valid. */
const later = async (seconds: number, work: () => Promise<unknown>): Promise<void> => {
  system.advance(seconds)
  await work()
  system.advance(-seconds)
}

describe('the death of a certificate', () => {
  test('is proved by the host, once it has the list: signed, with what was asked and answered', async () => {
    const signed = await revoked()
    expect(await proofOf(signed.leaseId)).toMatchObject({
      state: 'waiting',
      attempts: 0,
      refusedAt: null,
      evidence: null,
    })
    expect(await ask()).toMatchObject({ asked: 1, proved: 0 })
    expect(await proofOf(signed.leaseId)).toMatchObject({
      state: 'waiting',
      provider: 'sshd of box',
      attempts: 1,
      secondsToDead: null,
      lastAnswer: 'the host still takes it: its revocation list is older than the revocation',
    })
    await publishList()
    expect(await ask()).toMatchObject({ asked: 1, proved: 1, nextDueInSeconds: null })
    const proof = await proofOf(signed.leaseId)
    expect(proof).toMatchObject({ state: 'refused', provider: 'sshd of box', attempts: 2 })
    expect(proof.secondsToDead).toBeGreaterThan(0)
    const { kind = '', statement = '', signature } = proof.evidence ?? {}
    expect(system.node.checkpointKey.hasSigned({ kind, text: statement }, signature)).toBe(true)
    expect(system.node.checkpointKey.hasSigned({ kind, text: `${statement} ` }, signature)).toBe(false)
    expect(JSON.parse(statement)).toMatchObject({
      v: 1,
      lease: signed.leaseId,
      backend: 'ssh-certificate',
      provider: 'sshd of box',
      secondsToDead: proof.secondsToDead,
      refusedAt: proof.refusedAt?.toISOString(),
      facts: {
        serial: signed.serial,
        taken: false,
        controlTaken: true,
        hostKey: fingerprint(parsePublicKeyLine(sshd.hostPublicKeyLine)),
      },
    })
    expect(statement).not.toMatch(/olga|laptop/)
    expect(await system.node.record()).toContain('lease.proved allowed')
  })

  test('is asked about with nothing that could open the host', async () => {
    const before = sshd.log().length
    await revoked()
    await ask()
    const said = sshd.log().slice(before)
    expect(said).toMatch(/purpose=proof/)
    expect(said).not.toContain('Accepted publickey')
  })

  test('is not proved where the host refuses everything: that tells nothing', async () => {
    const stranger = await startSshd({ authorizedKeysFile: join(directory, 'keys-%u') })
    try {
      await register('stranger', stranger)
      const signed = await revoked('stranger')
      await publishList()
      await ask()
      expect(await proofOf(signed.leaseId)).toMatchObject({
        state: 'waiting',
        lastAnswer: 'the host refuses it, and every other certificate from here: that does not tell',
      })
    } finally {
      await stranger.stop()
    }
  })

  test('is asked about until its own end, where the host is away, and that is no proof', async () => {
    const away = await startSshd({ trustedUserCaKeys: await system.node.ssh.documents.caPublicKey() })
    await register('away', away)
    const signed = await revoked('away', 400)
    await away.stop()
    await ask(await system.addNode({ contactSeconds: 1 }))
    expect(await proofOf(signed.leaseId)).toMatchObject({ state: 'waiting', lastAnswer: 'the host cannot be reached' })
    await later(400, ask)
    expect(await proofOf(signed.leaseId)).toMatchObject({ state: 'ended', refusedAt: null, evidence: null })
  })

  test('is not asked about where nobody revoked it', async () => {
    const signed = await system.node.call('sshCertificate.sign', {
      host: 'box',
      publicKey,
      purpose: 'l',
      ttlSeconds: 60,
    })
    expect(await proofOf(signed.leaseId)).toMatchObject({ state: 'living' })
    await later(61, () => system.node.internal('lease.expire', { backend: 'ssh-certificate' }))
    expect(await proofOf(signed.leaseId)).toMatchObject({ state: 'ended', attempts: 0 })
  })
})

describe('the death of a key', () => {
  test('is proved by the file of its account, in which it does not stand any more', async () => {
    const key = await system.node.call('sshKey.generate', { host: 'box', purpose: 'look', ttlSeconds: 900 })
    await system.node.call('sshKey.deploy', { id: key.id })
    await system.node.call('sshKey.revoke', { id: key.id, reason: 'done' })
    await ask()
    const proof = await proofOf(key.leaseId)
    expect(proof).toMatchObject({ state: 'refused', provider: 'sshd of box' })
    expect(proof.lastAnswer).toMatch(/^the key does not stand in /)
  })

  test('is not, while somebody else has put it there again', async () => {
    const key = await system.node.call('sshKey.generate', { host: 'box', purpose: 'look', ttlSeconds: 900 })
    await system.node.call('sshKey.deploy', { id: key.id })
    await system.node.call('sshKey.revoke', { id: key.id, reason: 'done' })
    await writeFile(join(directory, `keys-${sshd.user}`), `${key.publicKey} by hand\n`)
    await ask()
    expect(await proofOf(key.leaseId)).toMatchObject({
      state: 'waiting',
      lastAnswer: expect.stringContaining('stands in'),
    })
  })
})

test('two workers ask about each lease once at a time', async () => {
  await revoked()
  await publishList()
  const other = await system.addNode()
  const both = await Promise.all([system.node, other].map((node) => node.internal('lease.prove', {})))
  const rows = await system.node.db.selectFrom('lease_proof').select(['state', 'attempts']).execute()
  expect(both.reduce((sum, { proved }) => sum + proved, 0)).toBe(1)
  expect(rows.filter(({ state, attempts }) => state === 'refused' && attempts === 1).length).toBeGreaterThan(0)
})
