import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  buildRevocationList,
  formatAuthorizedKey,
  formatPublicKey,
  formatSshSignature,
  generateEd25519,
  isSshSignatureOf,
  parsePublicKeyLine,
  parseRevocationList,
  isRevoked,
  isKeyRevoked,
  parseCertificate,
  randomSerial,
  renderBlock,
  signEd25519,
  signHostCertificate,
  signSshMessage,
  signUserCertificate,
  SshWireError,
  withAgent,
  ANY_SOURCE_ADDRESS,
  type AgentCredential,
  type CertificateAuthority,
  type Ed25519KeyPair,
  type SignedCertificate,
  type UserCertificateRequest,
} from '../src/wire/index.ts'
import { concatBytes, encodeString } from '../src/wire/binary.ts'
import { encodeCertificateBody, formatCertificate } from '../src/wire/certificate.ts'
import { encodeSignature } from '../src/wire/ed25519.ts'
import { startTestSshd, testAccounts, type TestSshd } from './sshd.ts'

const run = promisify(execFile)

let directory: string
let ca: Ed25519KeyPair
let user: Ed25519KeyPair
let authority: CertificateAuthority

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gh-wire-'))
  ca = await generateEd25519('ca')
  user = await generateEd25519('user')
  authority = { publicKey: ca.publicKey, sign: (data) => signEd25519(ca.privateKey, data) }
})
afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

const request = (changes: Partial<UserCertificateRequest> = {}): UserCertificateRequest => {
  const now = new Date()
  return {
    key: user.publicKey,
    serial: randomSerial(),
    keyId: 'lease=1 user=ada purpose=test',
    sshPrincipals: [testAccounts.own],
    sourceAddresses: ['127.0.0.1'],
    extensions: ['permit-pty'],
    now,
    validBefore: new Date(now.getTime() + 600_000),
    ...changes,
  }
}

const file = async (name: string, content: string | Uint8Array): Promise<string> => {
  const path = join(directory, name)
  await writeFile(path, content, { mode: 0o600 })
  return path
}

const keygen = async (...options: readonly string[]): Promise<{ code: number; output: string }> => {
  try {
    const { stdout, stderr } = await run('ssh-keygen', options, { env: { ...process.env, TZ: 'UTC' } })
    return { code: 0, output: stdout + stderr }
  } catch (cause) {
    // execFile's error carries the output
    const { code, stdout, stderr } = cause as { code: number; stdout: string; stderr: string }
    return { code, output: stdout + stderr }
  }
}

describe('ssh-keygen -L', () => {
  test('shows a user certificate as it was asked for', async () => {
    const signed = await signUserCertificate(
      request({
        serial: 9_223_372_036_854_775_807n,
        sshPrincipals: ['deploy', 'svc_1'],
        sourceAddresses: ['2001:db8::/32', '10.0.0.0/8'],
        forceCommand: 'echo "a b"',
        extensions: ['permit-user-rc', 'permit-agent-forwarding', 'permit-X11-forwarding'],
        now: new Date('2026-03-01T12:00:00Z'),
        validBefore: new Date('2026-03-01T13:00:00Z'),
      }),
      authority,
    )
    const { code, output } = await keygen('-L', '-f', await file('user-cert.pub', `${signed.line}\n`))
    expect(code).toBe(0)
    expect(
      output
        .split('\n')
        .slice(1)
        .map((line) => line.trim())
        .filter((line) => line !== '' && !line.includes('SHA256')),
    ).toEqual([
      'Type: ssh-ed25519-cert-v01@openssh.com user certificate',
      'Key ID: "lease=1 user=ada purpose=test"',
      'Serial: 9223372036854775807',
      'Valid: from 2026-03-01T11:59:00 to 2026-03-01T13:00:00',
      'Principals:',
      'deploy',
      'svc_1',
      'Critical Options:',
      'force-command echo "a b"',
      'source-address 10.0.0.0/8,2001:db8::/32',
      'Extensions:',
      'permit-X11-forwarding',
      'permit-agent-forwarding',
      'permit-user-rc',
    ])
  })

  test.each(['ed25519', 'rsa', 'ecdsa'])('shows a host certificate for an %s host key', async (type) => {
    const path = join(directory, `host-${type}`)
    await keygen('-q', '-t', type, '-N', '', '-f', path)
    const key = parsePublicKeyLine(await readFile(`${path}.pub`, 'utf8'))
    const signed = await signHostCertificate(
      { ...request(), key, sshPrincipals: ['web1.example', '10.0.0.5'] },
      authority,
    )
    const { output } = await keygen('-L', '-f', await file(`host-${type}-cert.pub`, signed.line))
    expect(output).toMatch(/host certificate/)
    expect(output).toMatch(
      /Principals:\s+web1\.example\s+10\.0\.0\.5\s+Critical Options: \(none\)\s+Extensions: \(none\)/,
    )
  })

  test('a certificate of ssh-keygen -s reads here as the same facts', async () => {
    const caPath = join(directory, 'stock-ca')
    await keygen('-q', '-t', 'ed25519', '-N', '', '-f', caPath)
    await file('stock.pub', formatPublicKey(user.publicKey))
    await keygen(
      '-q',
      '-s',
      caPath,
      '-I',
      'id 1',
      '-n',
      'a,b',
      '-z',
      '18446744073709551615',
      '-V',
      '20260301120000Z:forever',
      '-O',
      'clear',
      '-O',
      'source-address=10.0.0.0/8',
      '-O',
      'permit-pty',
      join(directory, 'stock.pub'),
    )
    const certificate = parseCertificate(await readFile(join(directory, 'stock-cert.pub'), 'utf8'))
    expect(certificate).toMatchObject({
      kind: 'user',
      keyId: 'id 1',
      sshPrincipals: ['a', 'b'],
      serial: 2n ** 64n - 1n,
      validAfterSeconds: 1772366400n,
      validBeforeSeconds: 2n ** 64n - 1n,
    })
    expect([...certificate.criticalOptions]).toEqual([['source-address', '10.0.0.0/8']])
    expect([...certificate.extensions.keys()]).toEqual(['permit-pty'])
  })
})

describe('ssh-keygen -Q', () => {
  test('finds revoked exactly what our list names: a serial of one ca, and a plain key', async () => {
    const [gone, good] = [
      await signUserCertificate(request(), authority),
      await signUserCertificate(request(), authority),
    ]
    const lost = await generateEd25519()
    const list = buildRevocationList({
      version: 3n,
      generatedAt: new Date(),
      comment: 'gatehouse',
      certificates: [{ caKey: ca.publicKey, serials: [1n, gone.serial] }],
      keys: [lost.publicKey],
    })
    const path = await file('list.krl', list)
    const query = async (name: string, line: string) => (await keygen('-Q', '-f', path, await file(name, line))).output
    expect(await query('gone.pub', gone.line)).toMatch(/REVOKED/)
    expect(await query('good.pub', good.line)).toMatch(/: ok/)
    expect(await query('lost.pub', formatPublicKey(lost.publicKey))).toMatch(/REVOKED/)
    expect(await query('user.pub', formatPublicKey(user.publicKey))).toMatch(/: ok/)
    const shown = (await keygen('-Q', '-l', '-f', path)).output
    expect(shown).toContain('# KRL version 3')
    expect(shown).toContain(`serial: ${gone.serial}`)
  })

  test('an empty list revokes nothing and is readable, and a thousand serials fit', async () => {
    const serials = Array.from({ length: 1000 }, randomSerial)
    const signed = await signUserCertificate(request(), authority)
    const base = { version: 1n, generatedAt: new Date(), comment: '', keys: [] }
    const empty = await file(
      'empty.krl',
      buildRevocationList({ ...base, certificates: [{ caKey: ca.publicKey, serials: [] }] }),
    )
    const full = await file(
      'full.krl',
      buildRevocationList({ ...base, certificates: [{ caKey: ca.publicKey, serials: [...serials, signed.serial] }] }),
    )
    const path = await file('one.pub', signed.line)
    expect((await keygen('-Q', '-f', empty, path)).output).toMatch(/: ok/)
    expect((await keygen('-Q', '-f', full, path)).output).toMatch(/REVOKED/)
  })

  test('a list of ssh-keygen with ranges, bitmaps, key ids and hashes is understood here', async () => {
    const serials = [
      'serial: 5',
      'serial: 6-9',
      'serial: 100',
      'serial: 102',
      'serial: 104',
      'serial: 1000000-2000000',
      'id: bad id',
      `sha256: ${formatPublicKey(user.publicKey)}`,
    ].join('\n')
    const path = join(directory, 'stock.krl')
    const { output } = await keygen(
      '-k',
      '-f',
      path,
      '-s',
      await file('ca.pub', formatPublicKey(ca.publicKey)),
      '-z',
      '12',
      await file('spec', `${serials}\n`),
    )
    expect(output).toContain('Revoking')
    const list = parseRevocationList(await readFile(path))
    const other = await generateEd25519()
    const answers = await Promise.all(
      [5n, 7n, 9n, 10n, 100n, 101n, 102n, 104n, 1_500_000n, 2_000_001n].map(async (serial) =>
        isRevoked(list, await signUserCertificate(request({ key: other.publicKey, serial }), authority)),
      ),
    )
    expect(answers).toEqual([true, true, true, false, true, false, true, true, true, false])
    expect(
      isRevoked(list, await signUserCertificate(request({ key: other.publicKey, keyId: 'bad id' }), authority)),
    ).toBe(true)
    expect(isKeyRevoked(list, user.publicKey)).toBe(true)
    expect(list.version).toBe(12n)
  })
})

describe('ssh-keygen -Y', () => {
  const namespace = 'gatehouse-test'
  /** Runs it with a message on its standard input. */
  const keygenOn = async (message: string, options: readonly string[]): Promise<{ code: number; output: string }> => {
    const child = spawn('ssh-keygen', options)
    child.stdin.on('error', () => undefined).end(message)
    const [[code], output] = await Promise.all([
      once(child, 'close') as Promise<[number]>, // what Node documents for this event
      child.stdout.setEncoding('utf8').toArray(),
    ])
    return { code, output: output.join('') }
  }

  test.each([
    ['ed25519', []],
    ['ecdsa', ['-b', '256']],
    ['ecdsa', ['-b', '384']],
    ['ecdsa', ['-b', '521']],
    ['rsa', ['-b', '2048']],
  ])('signs by an %s key %j what is read here as signed by it, for this purpose alone', async (type, bits) => {
    const path = join(directory, `signer-${type}-${bits[1] ?? ''}`)
    await keygen('-q', '-t', type, ...bits, '-N', '', '-f', path)
    const key = parsePublicKeyLine(await readFile(`${path}.pub`, 'utf8'))
    // the numbers of an ECDSA signature differ in length from one to the next
    for (let turn = 0; turn < (type === 'ecdsa' ? 8 : 1); turn += 1) {
      const { output } = await keygenOn('a message', ['-q', '-Y', 'sign', '-f', path, '-n', namespace])
      const signature = Buffer.from(output.replace(/-----.*-----/g, ''), 'base64')
      expect(isSshSignatureOf(key, { message: 'a message', namespace }, signature)).toBe(true)
      expect(isSshSignatureOf(key, { message: 'another message', namespace }, signature)).toBe(false)
      expect(isSshSignatureOf(key, { message: 'a message', namespace: 'other' }, signature)).toBe(false)
      expect(isSshSignatureOf(user.publicKey, { message: 'a message', namespace }, signature)).toBe(false)
      expect(() => isSshSignatureOf(key, { message: 'a message', namespace }, signature.subarray(0, -1))).toThrow(
        SshWireError,
      )
    }
  })

  test('takes a signature of ours', async () => {
    const signature = await signSshMessage({ message: 'a message', namespace }, authority)
    const signers = await file('signers', `gatehouse ${formatPublicKey({ ...ca.publicKey, comment: '' })}\n`)
    const options = ['-Y', 'verify', '-f', signers, '-I', 'gatehouse', '-n', namespace]
    const given = ['-s', await file('message.sig', formatSshSignature(signature))]
    expect((await keygenOn('a message', [...options, ...given])).code).toBe(0)
    expect((await keygenOn('another message', [...options, ...given])).code).not.toBe(0)
  })
})

test('a list of a hundred thousand serials loads', async () => {
  const serials = Array.from({ length: 100_000 }, randomSerial)
  const list = buildRevocationList({
    version: 1n,
    generatedAt: new Date(),
    comment: '',
    certificates: [{ caKey: ca.publicKey, serials }],
    keys: [],
  })
  const path = await file('long.krl', list)
  const shown = async (serial: bigint): Promise<string> => {
    const { line } = await signUserCertificate(request({ serial }), authority)
    return (await keygen('-Q', '-f', path, await file('long-cert.pub', line))).output
  }
  expect(await shown(serials[77_777] ?? 0n)).toContain('REVOKED')
  expect(await shown(serials.reduce((most, one) => (one > most ? one : most)) + 1n)).toContain('ok')
})

/** E6: what sshd itself does with our certificates. */
describe('a real sshd', () => {
  let sshd: TestSshd

  beforeAll(async () => {
    sshd = await startTestSshd([
      'TrustedUserCAKeys %d/ca.pub',
      'RevokedKeys %d/krl',
      'AuthorizedKeysFile %d/keys',
      'Subsystem sftp internal-sftp',
    ])
    await writeFile(join(sshd.directory, 'ca.pub'), `${formatPublicKey(ca.publicKey)}\n`)
    await writeFile(join(sshd.directory, 'keys'), '')
    await publishRevoked([])
  })
  afterAll(async () => {
    await sshd.stop()
  })

  const publishRevoked = async (serials: readonly bigint[]): Promise<void> => {
    const list = buildRevocationList({
      version: BigInt(Date.now()),
      generatedAt: new Date(),
      comment: '',
      certificates: [{ caKey: ca.publicKey, serials }],
      keys: [],
    })
    await writeFile(join(sshd.directory, 'krl.new'), list)
    await rename(join(sshd.directory, 'krl.new'), join(sshd.directory, 'krl'))
  }

  const logIn = async (
    credential: AgentCredential,
    { bind = '127.0.0.1', login = testAccounts.own }: { bind?: string; login?: string } = {},
  ): Promise<string> =>
    withAgent(credential, async ({ socketPath, directory: agentDirectory }) => {
      const knownHosts = join(agentDirectory, 'known_hosts')
      await writeFile(knownHosts, `[127.0.0.1]:${sshd.port} ${sshd.hostKeyLine}\n`)
      const options = [
        `IdentityAgent=${socketPath}`,
        'IdentityFile=none',
        `UserKnownHostsFile=${knownHosts}`,
        'BatchMode=yes',
        `BindAddress=${bind}`,
      ].flatMap((option) => ['-o', option])
      try {
        return (
          await run('ssh', ['-F', 'none', ...options, '-p', String(sshd.port), '-l', login, '127.0.0.1', 'echo in'])
        ).stdout.trim()
      } catch (cause) {
        return String(cause).includes('Permission denied (publickey)') ? 'refused' : `failed: ${String(cause)}`
      }
    })

  const withCertificate = (certificate: Pick<SignedCertificate, 'blob'>): AgentCredential => ({
    privateKey: user.privateKey,
    certificate,
  })

  test('lets a good certificate in, and says its key id in the log', async () => {
    expect(await logIn(withCertificate(await signUserCertificate(request(), authority)))).toBe('in')
    expect(sshd.log()).toContain('ID lease=1 user=ada purpose=test (serial')
  })

  test('refuses another principal, another source address and another ca', async () => {
    const stranger = await generateEd25519()
    const impostor = {
      publicKey: stranger.publicKey,
      sign: (data: Uint8Array) => signEd25519(stranger.privateKey, data),
    }
    expect(
      await logIn(withCertificate(await signUserCertificate(request({ sshPrincipals: ['somebody'] }), authority))),
    ).toBe('refused')
    expect(await logIn(withCertificate(await signUserCertificate(request(), authority)), { bind: '127.0.0.2' })).toBe(
      'refused',
    )
    expect(
      await logIn(
        withCertificate(await signUserCertificate(request({ sourceAddresses: ['10.0.0.0/8', '::1'] }), authority)),
      ),
    ).toBe('refused')
    expect(await logIn(withCertificate(await signUserCertificate(request(), impostor)))).toBe('refused')
    expect(
      await logIn(
        withCertificate(await signUserCertificate(request({ sourceAddresses: ['::ffff:127.0.0.0/104'] }), authority)),
        { bind: '127.0.0.2' },
      ),
    ).toBe('in')
    expect(
      await logIn(
        withCertificate(await signUserCertificate(request({ sourceAddresses: ANY_SOURCE_ADDRESS }), authority)),
        { bind: '127.0.0.3' },
      ),
    ).toBe('in')
  })

  test('refuses a certificate one second after its end', async () => {
    const validBefore = new Date(Date.now() + 3000)
    const certificate = await signUserCertificate(request({ validBefore }), authority)
    expect(await logIn(withCertificate(certificate))).toBe('in')
    await new Promise((resolve) => setTimeout(resolve, validBefore.getTime() + 1000 - Date.now()))
    expect(await logIn(withCertificate(certificate))).toBe('refused')
  }, 20_000)

  test('refuses a revoked serial at once and without a reload, and only that one', async () => {
    const [gone, good] = [
      await signUserCertificate(request(), authority),
      await signUserCertificate(request(), authority),
    ]
    expect(await logIn(withCertificate(gone))).toBe('in')
    await publishRevoked([gone.serial])
    expect(await logIn(withCertificate(gone))).toBe('refused')
    expect(await logIn(withCertificate(good))).toBe('in')
    await publishRevoked([])
  })

  test("refuses a host certificate, and one that was signed with another certificate's key", async () => {
    expect(await logIn(withCertificate(await signHostCertificate(request(), authority)))).toBe('refused')
    const middle = await signUserCertificate(request(), authority)
    const body = { ...middle, caKey: { ...user.publicKey, blob: middle.blob } }
    const signed = encodeCertificateBody(body)
    const nested = {
      ...middle,
      blob: concatBytes(signed, encodeString(encodeSignature(signEd25519(user.privateKey, signed)))),
    }
    expect(formatCertificate(nested)).toContain('ssh-ed25519-cert-v01')
    expect(await logIn(withCertificate(nested))).not.toBe('in')
  })

  test('runs a forced command instead of what was asked for', async () => {
    expect(
      await logIn(
        withCertificate(
          await signUserCertificate(request({ forceCommand: 'echo "forced: $SSH_ORIGINAL_COMMAND"' }), authority),
        ),
      ),
    ).toBe('forced: echo in')
  })

  test('takes our authorized_keys line until its time is up, and from its addresses only', async () => {
    const line = (changes: { expiresAt?: Date; sourceAddresses?: readonly string[] } = {}) =>
      formatAuthorizedKey({
        key: user.publicKey,
        comment: 'gatehouse:key-1',
        allow: [],
        expiresAt: new Date(Date.now() + 600_000),
        sourceAddresses: ['127.0.0.1'],
        ...changes,
      })
    const put = (text: string) => writeFile(join(sshd.directory, 'keys'), renderBlock([text]))
    const plain = { privateKey: user.privateKey }
    expect(await logIn(plain)).toBe('refused')
    await put(line())
    expect(await logIn(plain)).toBe('in')
    expect(await logIn(plain, { bind: '127.0.0.2' })).toBe('refused')
    await put(line({ expiresAt: new Date(Date.now() - 2000) }))
    expect(await logIn(plain)).toBe('refused')
    await put(line({ sourceAddresses: ['127.0.0.0/8', '2001:db8::/32'] }))
    expect(await logIn(plain, { bind: '127.0.0.2' })).toBe('in')
    await put(
      formatAuthorizedKey({
        key: user.publicKey,
        comment: 'c',
        allow: [],
        expiresAt: null,
        sourceAddresses: ['127.0.0.1'],
        forceCommand: 'echo "a \'b\'"',
      }),
    )
    expect(await logIn(plain)).toBe("a 'b'")
  })
})
