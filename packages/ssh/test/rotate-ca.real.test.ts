// The CA is rotated without a moment at which a host takes no certificate, and the one before is dead in the end.
import { spawn } from 'node:child_process'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSshd, type TestSshd } from '@gatehouse/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  fingerprint,
  formatPrivateKey,
  formatPublicKey,
  generateEd25519,
  HOST_REPORT_NAMESPACE,
  hostReportText,
  isSshSignatureOf,
  parseCertificate,
  parsePublicKeyLine,
  TRUSTED_CAS_NAMESPACE,
} from '../src/wire/index.ts'
import { startAccessSystem, type AccessNode, type AccessSystem } from './access-system.ts'
import { logIn } from './log-in.ts'

let system: AccessSystem
let other: AccessNode
let sshd: TestSshd
let directory: string

beforeAll(async () => {
  system = await startAccessSystem()
  other = await system.addNode()
  directory = await mkdtemp(join(tmpdir(), 'gh-rotate-'))
  await takeList()
  const { documents } = system.node.ssh
  sshd = await startSshd({ trustedUserCaKeys: await documents.caPublicKey(), revokedKeys: join(directory, 'krl') })
  await system.node.call('sshHost.register', {
    name: 'box',
    address: '127.0.0.1',
    port: sshd.port,
    user: sshd.user,
    access: 'ca',
  })
})
afterAll(async () => {
  await sshd.stop()
  await system.close()
  await rm(directory, { recursive: true })
})

async function takeList(): Promise<void> {
  await writeFile(join(directory, 'new'), (await system.node.ssh.documents.revocationList()).body)
  await rename(join(directory, 'new'), join(directory, 'krl'))
}

/** What the agent of the host does: takes the list and the CAs, and says what it has. */
async function follow(): Promise<void> {
  await takeList()
  const { body } = await system.node.ssh.documents.trustedCas(null)
  await writeFile(join(sshd.directory, 'user_ca_keys'), body)
  const { version } = await system.node.ssh.documents.revocationList()
  const lines = body.split('\n').filter((line) => line.startsWith('ssh-'))
  const report = {
    fingerprint: fingerprint(parsePublicKeyLine(sshd.hostPublicKeyLine)),
    listVersion: version,
    trusts: lines.map((line) => fingerprint(parsePublicKeyLine(line))),
    heardAt: system.now(),
  }
  const key = ['-f', join(sshd.directory, 'host_key')]
  const child = spawn('ssh-keygen', ['-q', '-Y', 'sign', ...key, '-n', HOST_REPORT_NAMESPACE])
  child.stdin.end(hostReportText(report))
  const signature = (await child.stdout.setEncoding('utf8').toArray()).join('').replace(/-----.*-----|\n/g, '')
  await system.node.call('sshHost.report', { ...report, heardAt: report.heardAt.toISOString(), signature })
}

const rotate = (step: 'begin' | 'switch' | 'finish', changes = {}) =>
  system.node.call('sshCa.rotate', { step, reason: 'once a year', ...changes })
const ca = () => system.node.call('sshCa.get', {})
const host = () => system.node.call('sshHost.get', { id: 'box' })
const signedBy = async (node = system.node) => {
  const pair = await generateEd25519()
  const { certificate } = await node.call('sshCertificate.sign', {
    host: 'box',
    publicKey: formatPublicKey(pair.publicKey),
    purpose: 'look around',
    ttlSeconds: 3600,
  })
  return {
    credential: { privateKey: formatPrivateKey(pair.privateKey), certificate },
    ca: formatPublicKey(parseCertificate(certificate).caKey),
  }
}
const bare = (line: string | null): string => (line ?? '').split(' ').slice(0, 2).join(' ')

test('a rotation begins with a next CA, which signs once hosts trust it, and a day later ends the other', async () => {
  const first = bare((await ca()).caPublicKey)
  await follow()
  const begun = await rotate('begin')
  expect(begun).toMatchObject({ behind: ['box'], signing: fingerprint(parsePublicKeyLine(first)) })
  const next = bare((await ca()).nextCaPublicKey)
  expect(begun.trusted).toHaveLength(2)
  await expect(rotate('begin')).rejects.toMatchObject({ code: 'conflict' })

  // the host does not trust it yet: nothing is signed by it
  expect((await signedBy(other)).ca).toBe(first)
  expect(await host()).toMatchObject({ trustsCa: true, followsCa: false })
  await expect(rotate('switch')).rejects.toMatchObject({
    code: 'conflict',
    details: { hint: expect.stringMatching(/box/) },
  })
  expect(await system.node.internal('sshCa.advance', {})).toEqual({ step: null })

  const old = await signedBy()
  system.advance(1)
  await follow()
  expect(await host()).toMatchObject({ followsCa: true })
  expect(await system.node.internal('sshCa.advance', {})).toEqual({ step: 'switch' })
  expect(await ca()).toMatchObject({ nextCaPublicKey: null })
  for (const node of [system.node, other]) {
    const fresh = await signedBy(node)
    expect(fresh.ca).toBe(next)
    expect(await logIn(sshd, fresh.credential)).toBe('in')
  }
  expect(await logIn(sshd, old.credential)).toBe('in')
  expect(await system.node.call('sshHost.check', { id: 'box' })).toMatchObject({ reachable: true })

  system.advance(24 * 3600)
  expect(await system.node.internal('sshCa.advance', {})).toEqual({ step: null })
  system.advance(2 * 3600)
  expect(await system.node.internal('sshCa.advance', {})).toEqual({ step: 'finish' })
  await takeList()
  // its clock is the real one: what the CA before has signed is refused by its key, though it is in its time
  expect(await logIn(sshd, old.credential)).toBe('refused')
  await follow()
  expect(await ca()).toMatchObject({ nextCaPublicKey: null, previousCaPublicKey: null })
  expect(bare((await ca()).caPublicKey)).toBe(next)
  const kept = await system.node.db
    .selectFrom('ssh_authority')
    .select('private_key')
    .where('stage', '=', 'retired')
    .execute()
  expect(kept.map(({ private_key: key }) => key.length)).toEqual([0])
})

test('the CAs to trust are signed, and their version is that of the list by which hosts learn of them', async () => {
  const { documents } = system.node.ssh
  const { body, version, signature } = await documents.trustedCas(null)
  expect(body.split('\n')[0]).toBe(`# gatehouse user cas ${version}`)
  const signer = parsePublicKeyLine(documents.listSignerPublicKey)
  expect(isSshSignatureOf(signer, { message: body, namespace: TRUSTED_CAS_NAMESPACE }, signature)).toBe(true)
  await rotate('begin')
  const list = await documents.revocationList()
  expect([list.casVersion, (await documents.trustedCas(null)).version]).toEqual([list.version, list.version])
  expect(list.version).toBeGreaterThan(version)
})

test('whoever cannot wait switches without the hosts that do not follow, and ends the one before at once', async () => {
  expect((await rotate('switch', { withoutHosts: true })).behind).toEqual(['box'])
  expect(await host()).toMatchObject({ trustsCa: false })
  const [kept, lost] = await Promise.allSettled([rotate('finish'), rotate('finish')])
  expect([kept.status, lost.status].toSorted()).toEqual(['fulfilled', 'rejected'])
  system.advance(1)
  await follow()
  expect(await host()).toMatchObject({ trustsCa: true, followsCa: true })
  await expect(rotate('switch')).rejects.toMatchObject({ code: 'conflict' })
})

test('a node does not start with an authority whose public key in the database is of another key', async () => {
  const { publicKey } = await generateEd25519()
  const changing = system.node.db.updateTable('ssh_authority').set({ public_key: formatPublicKey(publicKey) })
  await changing.where('purpose', '=', 'hostCa').execute()
  await expect(system.addNode()).rejects.toThrow('is not that of its private key')
})
