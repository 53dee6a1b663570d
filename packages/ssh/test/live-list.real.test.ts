// A host says which revocation list it has, and what it says is known for as long as it was heard.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Raw } from '@gatehouse/contract'
import { startSshd, timeoutOf, volume, type TestSshd } from '@gatehouse/testkit'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  fingerprint,
  formatPrivateKey,
  formatPublicKey,
  generateEd25519,
  HOST_REPORT_NAMESPACE,
  hostReportText,
  parsePublicKeyLine,
  REVOCATION_LIST_NAMESPACE,
  formatSshSignature,
} from '../src/wire/index.ts'
import { startAccessSystem, type AccessSystem } from './access-system.ts'
import { logIn } from './log-in.ts'

const run = promisify(execFile)

let system: AccessSystem
let sshd: TestSshd
let directory: string
let hostKey: string
let ca: string
let good: Signed
let gone: Signed

const revocationList = () => system.node.ssh.documents.revocationList()
/** As a host's agent does it: beside, then in place. */
const publishList = async (): Promise<void> => {
  await writeFile(join(directory, 'krl.new'), (await revocationList()).body)
  await rename(join(directory, 'krl.new'), join(directory, 'krl'))
}

beforeAll(async () => {
  system = await startAccessSystem()
  directory = await mkdtemp(join(tmpdir(), 'gh-live-'))
  await publishList()
  const { documents } = system.node.ssh
  sshd = await startSshd({ trustedUserCaKeys: await documents.caPublicKey(), revokedKeys: join(directory, 'krl') })
  hostKey = fingerprint(parsePublicKeyLine(sshd.hostPublicKeyLine))
  ca = fingerprint(parsePublicKeyLine(await documents.caPublicKey()))
  await system.node.call('sshHost.register', {
    name: 'box',
    address: '127.0.0.1',
    port: sshd.port,
    user: sshd.user,
    access: 'ca',
  })
  // sshd's clock is the real one: they are signed before tests move ours
  good = await signCertificate()
  gone = await signCertificate()
})
afterAll(async () => {
  await sshd.stop()
  await system.close()
  await rm(directory, { recursive: true })
})

/** What `ssh-keygen -Y sign` makes of a text, as one line. */
async function signed(text: string, keyPath: string): Promise<string> {
  const child = spawn('ssh-keygen', ['-q', '-Y', 'sign', '-f', keyPath, '-n', HOST_REPORT_NAMESPACE])
  child.stdin.end(text)
  const lines = (await child.stdout.setEncoding('utf8').toArray()).join('').split('\n')
  return lines.filter((line) => !line.startsWith('-----')).join('')
}

type Report = Omit<Raw<'sshHost.report'>, 'signature'>

const reportOf = async (changes: Partial<Report> = {}): Promise<Report> => ({
  fingerprint: hostKey,
  listVersion: (await revocationList()).version,
  trusts: [ca],
  heardAt: system.now().toISOString(),
  ...changes,
})
const textOf = (report: Report): string => hostReportText({ ...report, heardAt: new Date(report.heardAt) })
const send = async (report: Report, keyPath = join(sshd.directory, 'host_key')) =>
  system.node.call('sshHost.report', { ...report, signature: await signed(textOf(report), keyPath) })
const host = () => system.node.call('sshHost.get', { id: 'box' })

type Signed = Awaited<ReturnType<typeof signCertificate>>
async function signCertificate() {
  const pair = await generateEd25519()
  const certificate = await system.node.call('sshCertificate.sign', {
    host: 'box',
    publicKey: formatPublicKey(pair.publicKey),
    purpose: 'look around',
    ttlSeconds: 3600,
  })
  return { ...certificate, privateKey: formatPrivateKey(pair.privateKey) }
}
const revokeOne = async (): Promise<void> => {
  const { id } = await signCertificate()
  await system.node.call('sshCertificate.revoke', { id, reason: 'done' })
}

test('ssh-keygen takes a list with its signature from the signer that is published, and no other list', async () => {
  const { body, signature } = await revocationList()
  await writeFile(join(directory, 'signers'), `${system.node.ssh.documents.allowedSigners}\n`)
  await writeFile(join(directory, 'list.sig'), formatSshSignature(signature))
  const verify = async (bytes: Uint8Array, namespace: string): Promise<number> => {
    const place = (name: string) => join(directory, name)
    const files = ['-f', place('signers'), '-s', place('list.sig')]
    const child = spawn('ssh-keygen', ['-Y', 'verify', '-I', 'gatehouse', '-n', namespace, ...files])
    child.stdin.on('error', () => undefined).end(bytes)
    const [code] = (await once(child, 'exit')) as [number] // what Node documents for this event
    return code
  }
  expect(await verify(body, REVOCATION_LIST_NAMESPACE)).toBe(0)
  expect(await verify(body.subarray(0, -1), REVOCATION_LIST_NAMESPACE)).not.toBe(0)
  expect(await verify(body, HOST_REPORT_NAMESPACE)).not.toBe(0)
})

describe('a report of a host', () => {
  test('that its pinned key signed says from when on what was revoked is refused there', async () => {
    expect(await host()).toMatchObject({
      listVersion: null,
      listFreshAt: null,
      listBehindSeconds: null,
      reportedAt: null,
      trustsCa: null,
    })
    const report = await reportOf()
    await send(report)
    system.advance(40)
    const { listBehindSeconds, ...told } = await host()
    expect(told).toMatchObject({
      listVersion: report.listVersion,
      listFreshAt: new Date(report.heardAt),
      trustsCa: true,
    })
    expect(listBehindSeconds).toBeGreaterThanOrEqual(40)
    expect((await system.node.call('sshHost.list', {})).items).toContainEqual(expect.objectContaining(told))
  })

  test('with the list of before the newest counts for before it, and for no longer', async () => {
    const before = await reportOf()
    system.advance(10)
    await revokeOne()
    // it had heard of us before the revocation, and had the newest list of then
    await send(before)
    expect(await host()).toMatchObject({ listFreshAt: new Date(before.heardAt) })
    system.advance(10)
    const late = await reportOf({ listVersion: before.listVersion })
    await send(late)
    expect(await host()).toMatchObject({ listFreshAt: new Date(before.heardAt), listVersion: before.listVersion })
    system.advance(10)
    const caughtUp = await reportOf()
    await send(caughtUp)
    expect(await host()).toMatchObject({ listFreshAt: new Date(caughtUp.heardAt) })
  })

  test('leaves an entry where the host trusts other CAs, and none where it was heard or has taken a list', async () => {
    const entries = async () => (await system.node.record()).filter((entry) => entry.startsWith('sshHost.report'))
    system.advance(1)
    await send(await reportOf())
    const before = await entries()
    for (let beat = 0; beat < 5; beat += 1) {
      system.advance(30)
      if (beat === 2) await revokeOne()
      await send(await reportOf())
    }
    expect(await entries()).toEqual(before)
    expect((await host()).listBehindSeconds).toBeLessThan(30)
    const healthOf = async (secondsLater: number) => {
      const { parts } = await system.node.ssh.status(new Date(system.now().getTime() + secondsLater * 1000))
      return parts.find(({ name }) => name === 'revocation lists')
    }
    expect(await healthOf(0)).toMatchObject({ health: 'ok' })
    expect(await healthOf(600)).toMatchObject({ health: 'degraded', message: '1 host without the current list' })
    system.advance(30)
    await send(await reportOf({ trusts: [] }))
    expect(await host()).toMatchObject({ trustsCa: false })
    expect(await entries()).toEqual([...before, 'sshHost.report allowed'])
  })

  test('is refused where another key signed it, where it says something else, and for no known host', async () => {
    const mismatch = { code: 'host-key-mismatch' }
    const other = join(directory, 'other')
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', other])
    system.advance(1)
    const report = await reportOf()
    await expect(send(report, other)).rejects.toMatchObject(mismatch)
    const signature = await signed(textOf(report), join(sshd.directory, 'host_key'))
    const changed = { ...report, listVersion: report.listVersion + 1, signature }
    await expect(system.node.call('sshHost.report', changed)).rejects.toMatchObject(mismatch)
    const nobody = fingerprint((await generateEd25519()).publicKey)
    await expect(send({ ...report, fingerprint: nobody })).rejects.toMatchObject(mismatch)
    await expect(system.node.call('sshHost.report', { ...report, signature: 'AAAA' })).rejects.toMatchObject(mismatch)
    expect((await host()).listFreshAt?.toISOString()).not.toBe(report.heardAt)
  })

  test('is taken once, and never after a newer one; nor from a time that was not given yet', async () => {
    system.advance(1)
    const first = await reportOf()
    system.advance(1)
    const second = await reportOf()
    await send(second)
    await expect(send(second)).rejects.toMatchObject({ code: 'conflict' })
    await expect(send(first)).rejects.toMatchObject({ code: 'conflict' })
    const ahead = await reportOf({ heardAt: new Date(system.now().getTime() + 60_000).toISOString() })
    await expect(send(ahead)).rejects.toMatchObject({
      code: 'invalid-input',
      details: { fields: [{ path: 'heardAt' }] },
    })
    expect(await host()).toMatchObject({ listFreshAt: new Date(second.heardAt) })
  })
})

/** What a busy year takes back in a day. */
const revokedCount = volume({ full: 100_000, sample: 3000 })

test(
  'a list of a hundred thousand serials is one that sshd reads',
  async () => {
    await addRevoked(revokedCount)
    await system.node.call('sshCertificate.revoke', { id: gone.id, reason: 'done' })
    expect((await revocationList()).certificates).toBeGreaterThan(revokedCount)
    await publishList()
    expect(await logIn(sshd, { privateKey: gone.privateKey, certificate: gone.certificate })).toBe('refused')
    expect(await logIn(sshd, { privateKey: good.privateKey, certificate: good.certificate })).toBe('in')
  },
  timeoutOf(30_000),
)

/** Certificates that were taken back and would still be good, each with its lease. */
async function addRevoked(count: number): Promise<void> {
  const { db } = system.node
  const { id: hostId } = await host()
  const [now, end] = [system.now(), new Date(system.now().getTime() + 3_600_000)]
  await sql`insert into lease (id, backend, role, workspace_id, purpose, principal_type, principal_id, principal_name,
      state, issued_at, expires_at)
    select ('10000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'ssh-certificate', 'r', 'default', 'p',
      'User', 'u', 'u', 'revoked', ${now}, ${end} from generate_series(1, ${sql.lit(count)}) as n`.execute(db)
  await sql`insert into ssh_certificate (id, lease_id, host_id, workspace_id, serial, key_id, ssh_principals,
      source_addresses, public_key, fingerprint, certificate, valid_after, valid_before, state, revoked_at)
    select lease.id, lease.id, ${hostId}, 'default', 9000000000000000 + row_number() over (), 'k', '{a}', '{}', 'p',
      'f', 'c', ${now}, ${end}, 'revoked', ${now} from lease where lease.role = 'r'`.execute(db)
}
