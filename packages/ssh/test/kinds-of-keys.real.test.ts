// Certificates for people's own keys of every kind that we sign: stock keys, a stock sshd, and ssh-keygen's reading of
// those of authenticators, which no program can stand in for at a log-in.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startSshd, type TestSshd } from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ed25519RawBytes, formatPublicKey, generateEd25519, parseCertificate } from '../src/wire/index.ts'
import { startAccessSystem, type AccessSystem } from './access-system.ts'
import { logIn } from './log-in.ts'

const run = promisify(execFile)

let system: AccessSystem
let sshd: TestSshd
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gh-kinds-'))
  system = await startAccessSystem()
  sshd = await startSshd({ trustedUserCaKeys: await system.node.ssh.documents.caPublicKey() })
  await system.node.call('sshHost.register', {
    name: 'box',
    address: sshd.address,
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

const sign = (publicKey: string, more: Record<string, unknown> = {}) =>
  system.node.call('sshCertificate.sign', { host: 'box', publicKey, purpose: 'look around', ttlSeconds: 600, ...more })

/** A key as `ssh-keygen -t ed25519-sk` writes it: its public half is all that is signed. */
const securityKey = async (): Promise<string> => {
  const raw = ed25519RawBytes((await generateEd25519()).publicKey)
  const fields = ['sk-ssh-ed25519@openssh.com', raw, 'ssh:'].map((field) => {
    const bytes = Buffer.from(field)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    return Buffer.concat([length, bytes])
  })
  return `sk-ssh-ed25519@openssh.com ${Buffer.concat(fields).toString('base64')} key@ring`
}
/** What `ssh-keygen -L` says of a certificate. */
const described = async (certificate: string): Promise<string> => {
  const path = join(directory, 'described-cert.pub')
  await writeFile(path, `${certificate}\n`)
  return (await run('ssh-keygen', ['-L', '-f', path])).stdout
}

test.each([
  ['rsa', '3072'],
  ['ecdsa', '256'],
  ['ecdsa', '384'],
  ['ecdsa', '521'],
])('a person logs in by a certificate for their %s key of %s bits', async (type, bits) => {
  const path = join(directory, `${type}${bits}`)
  await run('ssh-keygen', ['-q', '-t', type, '-b', bits, '-N', '', '-C', '', '-f', path])
  const { certificate } = await sign(await readFile(`${path}.pub`, 'utf8'))
  expect(await logIn(sshd, { privateKey: await readFile(path, 'utf8'), certificate })).toBe('in')
})

describe("an authenticator's key", () => {
  test('gets a certificate that asks for its owner where that was asked for', async () => {
    const signed = await sign(await securityKey(), { verifyRequired: true })
    const said = await described(signed.certificate)
    expect(said).toContain('Type: sk-ssh-ed25519-cert-v01@openssh.com user certificate')
    expect(said).toMatch(/Critical Options:\s+source-address 127\.0\.0\.1\/32\s+verify-required\s+Extensions/)
    expect(parseCertificate(signed.certificate).criticalOptions.has('verify-required')).toBe(true)
  })

  test('gets one that only wants a touch where it was not, and never one that does without', async () => {
    const said = await described((await sign(await securityKey())).certificate)
    expect(said).not.toContain('verify-required')
    expect(said).not.toContain('no-touch-required')
  })
})

test('a key in a file cannot ask for its owner', async () => {
  const { publicKey } = await generateEd25519()
  await expect(sign(formatPublicKey(publicKey), { verifyRequired: true })).rejects.toMatchObject({
    code: 'invalid-input',
    details: { fields: [expect.objectContaining({ path: 'verifyRequired' })] },
  })
})

test('an rsa key that is too short today is refused with its length', async () => {
  const path = join(directory, 'short')
  await run('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', path])
  await expect(sign(await readFile(`${path}.pub`, 'utf8'))).rejects.toMatchObject({
    code: 'invalid-input',
    details: { fields: [{ path: 'publicKey', message: expect.stringContaining('2048 bits') }] },
  })
})
