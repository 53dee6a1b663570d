// A client that trusts the host CA knows a host without having seen it, by the names that were signed and no others.
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Output, Raw } from '@gatehouse/contract'
import { startSshd, type TestSshd } from '@gatehouse/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  fingerprint,
  formatPrivateKey,
  formatPublicKey,
  generateEd25519,
  HOST_CERTIFICATE_NAMESPACE,
  hostRenewalText,
  parseCertificate,
  parsePublicKeyLine,
} from '../src/wire/index.ts'
import { startAccessSystem, type AccessSystem } from './access-system.ts'
import { logIn } from './log-in.ts'

const run = promisify(execFile)

let system: AccessSystem
let sshd: TestSshd
let directory: string
let hostKey: string
let hostCa: string
let person: { readonly privateKey: string; readonly certificate: string }

type HostCertificate = Output<'sshHostCertificate.sign'>
const sign = (changes: Partial<Raw<'sshHostCertificate.sign'>> = {}): Promise<HostCertificate> =>
  system.node.call('sshHostCertificate.sign', { host: 'box', purpose: 'known to clients', ...changes })

/** The host shows this certificate from now on. */
const show = async ({ certificate }: HostCertificate): Promise<void> => {
  await writeFile(join(directory, 'host-cert.pub'), `${certificate}\n`)
  await sshd.halt()
  await sshd.resume()
}
const comeBy = (knownHosts: string) => logIn(sshd, person, { knownHosts })

beforeAll(async () => {
  system = await startAccessSystem()
  directory = await mkdtemp(join(tmpdir(), 'gh-host-cert-'))
  const { documents } = system.node.ssh
  hostCa = documents.hostCaPublicKey
  sshd = await startSshd({
    trustedUserCaKeys: await documents.caPublicKey(),
    configuration: [`HostCertificate ${directory}/host-cert.pub`],
  })
  hostKey = fingerprint(parsePublicKeyLine(sshd.hostPublicKeyLine))
})
afterAll(async () => {
  await sshd.stop()
  await system.close()
  await rm(directory, { recursive: true })
})
beforeEach(async () => {
  await system.node.db.updateTable('ssh_host').set({ removed_at: system.now() }).execute()
  await system.node.db.deleteFrom('ssh_host_key').execute()
  const place = { address: '127.0.0.1', port: sshd.port, user: sshd.user, access: 'ca' } as const
  await system.node.call('sshHost.register', { name: 'box', ...place })
  const pair = await generateEd25519()
  const { certificate } = await system.node.call('sshCertificate.sign', {
    host: 'box',
    publicKey: formatPublicKey(pair.publicKey),
    purpose: 'look around',
    ttlSeconds: 600,
  })
  person = { privateKey: formatPrivateKey(pair.privateKey), certificate }
})

describe('a host certificate', () => {
  test('makes a host known to a client that has the host CA alone', async () => {
    const signed = await sign()
    expect(signed.names).toEqual(['127.0.0.1', 'box'])
    await show(signed)
    expect(await comeBy(`@cert-authority 127.0.0.1,[127.0.0.1]:* ${hostCa}`)).toBe('in')
    expect(await comeBy(`@cert-authority db-1 ${hostCa}`)).toBe('unknown host')
    const other = formatPublicKey((await generateEd25519()).publicKey)
    expect(await comeBy(`@cert-authority * ${other}`)).toBe('unknown host')
    // the CA of people's certificates says nothing of hosts
    expect(await comeBy(`@cert-authority * ${await system.node.ssh.documents.caPublicKey()}`)).toBe('unknown host')
  })

  test('is for the names that were signed, the pinned key and its time, and says nothing of people', async () => {
    await show(await sign({ names: ['DB-1.example.org'] }))
    expect(await comeBy(`@cert-authority * ${hostCa}`)).toBe('unknown host')
    const certificate = parseCertificate((await sign({ ttlSeconds: 86_400 })).certificate)
    expect(certificate).toMatchObject({ kind: 'host', sshPrincipals: ['127.0.0.1', 'box'], serial: expect.any(BigInt) })
    expect(fingerprint(certificate.key)).toBe(hostKey)
    expect(certificate.validBeforeSeconds - certificate.validAfterSeconds).toBe(86_400n + 60n)
    expect(await system.node.call('sshHost.get', { id: 'box' })).toMatchObject({
      certifiedNames: ['127.0.0.1', 'box'],
      certifiedUntil: new Date(Number(certificate.validBeforeSeconds) * 1000),
    })
  })

  test("is refused for a name or an address that is another host's, and for what is no name", async () => {
    const { id } = await system.node.call('sshHost.get', { id: 'box' })
    const other = formatPublicKey((await generateEd25519()).publicKey)
    await system.node.db
      .insertInto('ssh_host')
      .values({
        ...(await system.node.db.selectFrom('ssh_host').selectAll().where('id', '=', id).executeTakeFirstOrThrow()),
        id: '01980000-0000-7000-8000-00000000cccc',
        name: 'bank',
        address: 'bank.example.org',
        host_key: other,
        certified_names: ['vault.example.org'],
      })
      .execute()
    for (const name of ['bank', 'BANK.example.org', 'vault.example.org'])
      await expect(sign({ names: [name] }), name).rejects.toMatchObject({ code: 'conflict' })
    // nor is another host called by what one is certified for
    await sign({ names: ['db-9', '10.9.9.9'] })
    for (const changed of [{ name: 'db-9' }, { name: 'DB-9' }, { address: '10.9.9.9' }])
      await expect(system.node.call('sshHost.update', { id: 'bank', ...changed })).rejects.toMatchObject({
        code: changed.name === 'DB-9' ? 'invalid-input' : 'conflict',
      })
    for (const name of ['*', '*.example.org', 'a,b', 'a b', '-oProxyCommand=x', ''])
      await expect(sign({ names: [name] }), name).rejects.toMatchObject({ code: 'invalid-input' })
  })
})

describe('keys that were a host’s before', () => {
  const made = async (): Promise<string> => formatPublicKey((await generateEd25519()).publicKey)
  const formerKeys = async (): Promise<readonly string[]> =>
    (await system.node.call('sshHost.get', { id: 'box' })).formerHostKeys
  const pinned = (): string => sshd.hostPublicKeyLine

  test('are told after it was repinned, and no more once one of them is its key again', async () => {
    await sign()
    const { id } = await system.node.call('sshHost.get', { id: 'box' })
    const before = await made()
    await system.node.db.updateTable('ssh_host').set({ host_key: before }).where('id', '=', id).execute()
    await system.node.call('sshHost.repin', { id: 'box', hostKey: pinned(), reason: 'reinstalled' })
    expect(await formerKeys()).toEqual([before])
    await sign()
    expect(await formerKeys()).toEqual([before])
    await system.node.db
      .updateTable('ssh_host')
      .set({ former_keys: [pinned(), before] })
      .where('id', '=', id)
      .execute()
    await sign()
    expect(await formerKeys()).toEqual([before])
  })

  test('and those of removed hosts of its names are refused by a client that trusts the host CA', async () => {
    const gone = await sign({ names: ['127.0.0.1'] })
    await show(gone)
    const { id } = await system.node.call('sshHost.get', { id: 'box' })
    // another machine is registered in its place, and is certified
    await system.node.db.updateTable('ssh_host').set({ removed_at: system.now() }).where('id', '=', id).execute()
    const place = { address: '127.0.0.1', port: 1, user: sshd.user, access: 'ca', contactWaiver: 'a test' } as const
    const hasty = await system.addNode({ contactSeconds: 1 })
    await hasty.call('sshHost.register', { name: 'box', ...place, hostKey: await made() })
    await sign({ names: ['127.0.0.1'] })
    expect(await formerKeys()).toEqual([pinned()])
    const trust = `@cert-authority 127.0.0.1,[127.0.0.1]:* ${hostCa}`
    expect(await comeBy(trust)).toBe('in')
    expect(await comeBy(`@revoked 127.0.0.1,[127.0.0.1]:* ${pinned()}\n${trust}`)).toBe('unknown host')
  })
})

describe('a host that asks for its certificate to be renewed', () => {
  const renewal = async (keyPath: string, changes: { readonly heardAt?: string } = {}) => {
    const asked = { fingerprint: hostKey, heardAt: system.now().toISOString(), ...changes }
    const child = spawn('ssh-keygen', ['-q', '-Y', 'sign', '-f', keyPath, '-n', HOST_CERTIFICATE_NAMESPACE])
    child.stdin.end(hostRenewalText({ ...asked, heardAt: new Date(asked.heardAt) }))
    const lines = (await child.stdout.setEncoding('utf8').toArray()).join('').split('\n')
    return { ...asked, signature: lines.filter((line) => !line.startsWith('-----')).join('') }
  }
  const renew = async (keyPath = join(sshd.directory, 'host_key'), changes = {}) =>
    system.node.call('sshHostCertificate.renew', await renewal(keyPath, changes))
  const entries = async () =>
    (await system.node.record()).filter((entry) => entry === 'sshHostCertificate.renew allowed').length

  test('gets the one that it has, and after half of its time a new one for the same names', async () => {
    const first = await sign({ names: ['db-1.example.org'], ttlSeconds: 7200 })
    const before = await entries()
    expect(await renew()).toEqual(first)
    system.advance(3500)
    expect(await renew()).toEqual(first)
    expect(await entries()).toBe(before)
    system.advance(200)
    const second = await renew()
    expect(second).toMatchObject({ names: ['db-1.example.org'], fingerprint: hostKey })
    expect(second.validBefore.getTime()).toBeGreaterThan(first.validBefore.getTime())
    expect(await entries()).toBe(before + 1)
    // a name that is another host's by now, as it may be since before that was refused, is not vouched for anew
    const { host_key: _, ...row } = await system.node.db
      .selectFrom('ssh_host')
      .selectAll()
      .where('removed_at', 'is', null)
      .executeTakeFirstOrThrow()
    const taken = { name: 'db-1.example.org', address: 'db-1.example.org', certified_names: null }
    await system.node.db
      .insertInto('ssh_host')
      .values({
        ...row,
        ...taken,
        id: '01980000-0000-7000-8000-00000000dddd',
        host_key: formatPublicKey((await generateEd25519()).publicKey),
      })
      .execute()
    system.advance(3700)
    await expect(renew()).rejects.toMatchObject({ code: 'conflict' })
  })

  test('is refused without its key, without a signature of a person, and with a proof of long ago', async () => {
    await expect(renew()).rejects.toMatchObject({ code: 'not-found' })
    await sign()
    const other = join(directory, `other-${system.now().getTime()}`)
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', other])
    await expect(renew(other)).rejects.toMatchObject({ code: 'host-key-mismatch' })
    const heardAt = new Date(system.now().getTime() - 3_600_000).toISOString()
    await expect(renew(undefined, { heardAt })).rejects.toMatchObject({
      code: 'invalid-input',
      details: { fields: [{ path: 'heardAt' }] },
    })
    const proof = await renewal(join(sshd.directory, 'host_key'))
    const later = new Date(Date.parse(proof.heardAt) + 1).toISOString()
    await expect(system.node.call('sshHostCertificate.renew', { ...proof, heardAt: later })).rejects.toMatchObject({
      code: 'host-key-mismatch',
    })
  })
})
