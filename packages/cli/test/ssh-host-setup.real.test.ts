import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  type Stats,
} from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { operations, type Input } from '@gatehouse/contract'
import {
  allowedSignersLine,
  buildRevocationList,
  fingerprint,
  formatPublicKey,
  generateEd25519,
  HOST_REPORT_NAMESPACE,
  hostReportText,
  isSshSignatureOf,
  parsePublicKeyLine,
  randomSerial,
  REVOCATION_LIST_NAMESPACE,
  signEd25519,
  signHostCertificate,
  signSshMessage,
  TRUSTED_CAS_HEAD,
  TRUSTED_CAS_HOST,
  TRUSTED_CAS_NAMESPACE,
  type Ed25519KeyPair,
  type PublicKey,
  type SshSignedMessage,
} from '@gatehouse/ssh/wire'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FILE_BLOCKS_MAX } from '../src/ssh-host-agent.ts'
import { managementKeyLine, type HostSetup } from '../src/ssh-host-setup-facts.ts'
import { setupScript } from '../src/ssh-host-setup.ts'
import {
  asRoot,
  includeLine,
  makeHostKey,
  makeHostRoot,
  type HostKeyFile,
  type HostRoot,
  type Ran,
} from './host-root.ts'
import { penaltiesPath } from './sshd-with-penalties.ts'

const runFile = promisify(execFile)

let base: string
let root: HostRoot
let server: Server
let ca: PublicKey
let signer: Ed25519KeyPair
let hostCa: Ed25519KeyPair
/** The CAs that hosts are to trust, and since which version; null: none but the first. */
let cas: { readonly version: number; readonly body: string; readonly by: Ed25519KeyPair } | null = null
/** What the server answers to a host that wants its certificate renewed. */
let certificate: string
/** What the server sends for a list, and what signs it; null: it is not there. */
let served: { readonly krl: Uint8Array; readonly by: Ed25519KeyPair; readonly namespace: string } | null
const reports: unknown[] = []
let setup: HostSetup
let pinned: HostKeyFile
/** Where another sshd lies than the machine's own; null: nowhere. */
let sshdPath: string | null = null

const list = (serials: readonly bigint[]): Uint8Array =>
  buildRevocationList({
    version: BigInt(serials.length + 1),
    generatedAt: new Date(1_800_000_000_000),
    comment: '',
    certificates: [{ caKey: ca, serials: serials.length === 0 ? [1n] : serials }],
    keys: [],
  })

const serve = (krl: Uint8Array, changes: Partial<NonNullable<typeof served>> = {}): void => {
  served = { krl, by: signer, namespace: REVOCATION_LIST_NAMESPACE, ...changes }
}
const heardAt = '2026-11-23T19:00:00.000Z'

const signedBy = async (by: Ed25519KeyPair, message: SshSignedMessage): Promise<string> => {
  const sign = (data: Uint8Array) => signEd25519(by.privateKey, data)
  return Buffer.from(await signSshMessage(message, { publicKey: by.publicKey, sign })).toString('base64')
}

const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (request.url === '/trpc/sshHost.report') {
    reports.push(JSON.parse((await request.setEncoding('utf8').toArray()).join('')))
    return void response.writeHead(200).end('{}')
  }
  if (request.url === '/trpc/sshHostCertificate.renew')
    return void response.writeHead(200).end(JSON.stringify({ result: { data: { names: ['db-1'], certificate } } }))
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
  if (pathname === '/ssh/user_ca_keys' && searchParams.get('host') === pinned.fingerprint && cas !== null) {
    const signature = await signedBy(cas.by, { message: cas.body, namespace: TRUSTED_CAS_NAMESPACE })
    return void response.writeHead(200, { 'Gatehouse-Signature': signature }).end(cas.body)
  }
  if (served === null) return void response.writeHead(503).end('busy')
  const { krl, by, namespace } = served
  response.writeHead(200, {
    'Gatehouse-Time': heardAt,
    'Gatehouse-Cas': String(cas?.version ?? 0),
    'Gatehouse-Signature': await signedBy(by, { message: krl, namespace }),
  })
  response.end(Buffer.from(krl))
}

beforeAll(async () => {
  ca = (await generateEd25519()).publicKey
  signer = await generateEd25519()
  hostCa = await generateEd25519()
  server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = mkdtempSync(join(tmpdir(), 'gatehouse-setup-'))
  pinned = await makeHostKey(base)
  setup = {
    serverUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // listening on TCP
    name: 'db-1',
    hostKey: pinned.hostKey,
    fingerprint: pinned.fingerprint,
    accounts: ['deploy', 'first.last'],
    unbound: false,
    caLine: formatPublicKey(ca),
    authorityLine: null,
    signersLine: allowedSignersLine(signer.publicKey),
    hostCaFingerprint: fingerprint(hostCa.publicKey),
    certified: false,
    managementLine: formatPublicKey((await generateEd25519('gatehouse-management')).publicKey),
    access: 'ca',
    user: 'root',
    authorizedKeysPath: null,
    gatewayAddresses: ['192.0.2.7', '2001:db8::1'],
  }
})
afterAll(async () => {
  server.close()
  await once(server, 'close')
  rmSync(base, { recursive: true })
})

/** A host that nobody has set up. */
const freshHost = (): void => {
  root = makeHostRoot(base)
  configure([includeLine(root)])
}
beforeEach(() => {
  cas = null
  serve(list([]))
})

const at = (path: string): string => root.at(path)
const read = (path: string): string => root.read(path)
const snapshot = (): string => root.snapshot()
/** A configuration as this machine's own sshd takes it. */
const configure = (lines: readonly string[]): void =>
  root.configure([...lines, `HostKey ${pinned.path}`, 'PermitRootLogin prohibit-password'])
const runIn = (changes: Partial<HostSetup> = {}, args: readonly string[] = []): Promise<Ran> =>
  root.run(setupScript({ ...setup, ...changes }), { args, path: sshdPath })

describe.runIf(asRoot)('the script that sets a host up', () => {
  beforeEach(freshHost)

  test('is one that a POSIX shell can read, in every form', async () => {
    for (const access of ['ca', 'managementKey'] as const)
      for (const unbound of [true, false]) {
        writeFileSync(at('check.sh'), setupScript({ ...setup, access, unbound }))
        await runFile('sh', ['-n', at('check.sh')])
      }
  })

  test("lays down CA, list, principals bound to the host, sshd's lines and the timer, and can run again", async () => {
    expect(await runIn()).toMatchObject({ code: 0 })
    const first = snapshot()
    expect(await runIn()).toMatchObject({ code: 0 })
    expect(snapshot()).toBe(first)
    expect(read('etc/ssh/gatehouse_ca.pub')).toBe(`${formatPublicKey(ca)}\n`)
    expect(read('etc/ssh/gatehouse_principals/deploy')).toBe(`deploy@${setup.fingerprint}\n`)
    expect(read('etc/ssh/gatehouse_principals/first.last')).toBe(`first.last@${setup.fingerprint}\n`)
    expect(statSync(at('etc/ssh/gatehouse.krl')).mode & 0o777).toBe(0o644)
    expect(read('etc/ssh/sshd_config.d/50-gatehouse.conf')).toBe(
      `TrustedUserCAKeys ${at('etc/ssh/gatehouse_ca.pub')}\nRevokedKeys ${at('etc/ssh/gatehouse.krl')}\n` +
        `AuthorizedPrincipalsFile ${at('etc/ssh/gatehouse_principals/')}%u\n`,
    )
    expect(read('etc/systemd/system/gatehouse-krl.timer')).toContain('OnUnitActiveSec=1min')
    expect(read('etc/systemd/system/gatehouse-krl-follow.service')).toContain('gatehouse-krl follow\nRestart=always')
  })

  test('lays down the CA of the authority that signs for the host beside ours', async () => {
    const other = formatPublicKey((await generateEd25519()).publicKey)
    expect(await runIn({ authorityLine: other })).toMatchObject({ code: 0 })
    expect(read('etc/ssh/gatehouse_ca.pub')).toBe(`${formatPublicKey(ca)}\n${other}\n`)
  })

  test('stops on a machine that has not the pinned key, and changes nothing', async () => {
    const before = snapshot()
    const other = (await generateEd25519()).publicKey
    const { code, output } = await runIn({ hostKey: formatPublicKey(other), fingerprint: fingerprint(other) })
    expect([code, output]).toEqual([1, expect.stringContaining('does not have the key that is pinned for db-1')])
    expect(snapshot()).toBe(before)
  })

  test('writes no Include where sshd_config has none: its lines stand at the top, before any Match', async () => {
    configure(['Match User nobody', '  PermitTTY no', 'Match all'])
    const before = read('etc/ssh/sshd_config')
    expect(await runIn()).toMatchObject({ code: 0 })
    expect(read('etc/ssh/sshd_config')).not.toContain('Include')
    expect(existsSync(at('etc/ssh/sshd_config.d/50-gatehouse.conf'))).toBe(false)
    expect(await runIn()).toMatchObject({ code: 0 })
    expect(read('etc/ssh/sshd_config').match(/TrustedUserCAKeys/g)).toHaveLength(1)
    expect(read('etc/ssh/sshd_config').endsWith(before)).toBe(true)
  })

  test.each([
    ['sshd_config', 'TrustedUserCAKeys'],
    ['a file of sshd_config.d', 'TrustedUserCAKeys'],
    ['a Match', 'TrustedUserCAKeys'],
    ['a Match of a file from elsewhere', 'AuthorizedPrincipalsFile'],
    ['sshd_config', 'RevokedKeys'],
    ['sshd_config', 'AuthorizedPrincipalsFile'],
  ])("never replaces what %s says of another CA's %s", async (place, name) => {
    writeFileSync(at('etc/ssh/other'), `${formatPublicKey(ca)}\n`)
    const line = `${name} ${at('etc/ssh/other')}`
    if (place === 'a file of sshd_config.d') writeFileSync(at('etc/ssh/sshd_config.d/10-other.conf'), `${line}\n`)
    else if (place === 'a Match of a file from elsewhere') {
      writeFileSync(at('home/sshd'), `Match User deploy\n${line}\nMatch all\n`)
      configure([includeLine(root), `Include ${at('home/sshd')}`])
    } else configure([includeLine(root), ...(place === 'a Match' ? ['Match User deploy', line, 'Match all'] : [line])])
    const before = snapshot()
    const { code, output } = await runIn()
    expect([code, output]).toEqual([1, expect.stringContaining(`${name.toLowerCase()} set to ${at('etc/ssh/other')}`)])
    expect(snapshot()).toBe(before)
  })

  test.each([
    ['PubkeyAuthentication no', 'takes no keys of'],
    ['PubkeyAcceptedAlgorithms rsa-sha2-512', 'takes no Ed25519 certificates'],
    ['CASignatureAlgorithms rsa-sha2-512', 'takes no certificate that an Ed25519 key has signed'],
    ['AllowUsers root backup first.last', 'does not let deploy in'],
    ['DenyUsers dep*', 'does not let deploy in'],
    ['AllowGroups wheel root', 'does not let deploy in'],
    ['DenyGroups roo?', 'does not let root in'],
    ['AuthenticationMethods publickey,keyboard-interactive', 'asks deploy for more than a certificate'],
  ])('names the line `%s`, by which sshd would refuse certificates, and changes nothing', async (line, why) => {
    configure([includeLine(root), 'UsePAM yes', line])
    const before = snapshot()
    const { code, output } = await runIn()
    expect([code, output]).toEqual([1, expect.stringContaining(why)])
    expect(output).toContain(`${at('etc/ssh/sshd_config')}:3: ${line}`)
    expect(snapshot()).toBe(before)
  })

  test('with --check says that nothing stands in the way, set up or not, and changes nothing', async () => {
    configure([includeLine(root), 'AllowUsers deploy first.* root@192.0.2.*'])
    for (const isSetUp of [false, true]) {
      if (isSetUp) expect(await runIn()).toMatchObject({ code: 0 })
      const before = snapshot()
      expect(await runIn({}, ['--check'])).toMatchObject({
        code: 0,
        output: expect.stringContaining('stands in the way'),
      })
      expect(snapshot()).toBe(before)
    }
  })

  test('puts everything back when the list cannot be fetched', async () => {
    const before = snapshot()
    served = null
    const { code, output } = await runIn()
    expect([code, output]).toEqual([1, expect.stringContaining('everything is as it was')])
    expect(snapshot()).toBe(before)
  })

  test('puts everything back when sshd does not take the result', async () => {
    const before = snapshot()
    // a CA line that sshd takes, and a principals setting that it does not
    const script = setupScript(setup).replace(/^AuthorizedPrincipalsFile .*$/m, 'AuthorizedPrincipalsFile')
    expect(await root.run(script)).toMatchObject({ code: 1 })
    expect(snapshot()).toBe(before)
  })

  test('does nothing on a machine whose configuration sshd does not take', async () => {
    configure(['NoSuchSetting yes'])
    const before = snapshot()
    expect((await runIn()).output).toContain('mend that first')
    expect(snapshot()).toBe(before)
  })

  test('is undone by --undo, to the byte', async () => {
    for (const lines of [[includeLine(root)], ['LogLevel INFO']]) {
      configure(lines)
      const before = snapshot()
      expect(await runIn()).toMatchObject({ code: 0 })
      expect(await runIn({}, ['--undo'])).toMatchObject({ code: 0 })
      expect(snapshot()).toBe(before)
    }
  })

  describe('the management key', () => {
    const keys = (): string => at('home/keys')
    const withKey = (): Partial<HostSetup> => ({ access: 'managementKey', authorizedKeysPath: keys() })

    test('starts a line of its own where the last line had no end, once, and --undo takes it out', async () => {
      writeFileSync(keys(), 'ssh-ed25519 AAAA somebody', { mode: 0o600 })
      expect(await runIn(withKey())).toMatchObject({ code: 0 })
      expect(await runIn(withKey())).toMatchObject({ code: 0 })
      expect(readFileSync(keys(), 'utf8')).toBe(`ssh-ed25519 AAAA somebody\n${managementKeyLine(setup)}\n`)
      const facts: Stats = statSync(keys())
      expect(facts.mode & 0o777).toBe(0o600)
      expect(await runIn(withKey(), ['--undo'])).toMatchObject({ code: 0 })
      expect(readFileSync(keys(), 'utf8')).toBe('ssh-ed25519 AAAA somebody\n')
    })

    test('follows a gateway that has moved', async () => {
      expect(await runIn(withKey())).toMatchObject({ code: 0 })
      expect(await runIn({ ...withKey(), gatewayAddresses: ['198.51.100.1'] })).toMatchObject({ code: 0 })
      expect(readFileSync(keys(), 'utf8')).toBe(
        `${managementKeyLine({ ...setup, gatewayAddresses: ['198.51.100.1'] })}\n`,
      )
    })

    test("is written with no more than the account's rights where the directory is not root's", async () => {
      const name = 'nobody'
      const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' })))
      const [home, ours, theirs] = [at('home/nobody'), at('etc/root-alone'), at('home/nobody/authorized_keys')]
      for (const path of [base, at('')]) chmodSync(path, 0o755)
      mkdirSync(home)
      chownSync(home, uid ?? -1, gid ?? -1)
      const withLink = { access: 'managementKey', user: name, authorizedKeysPath: theirs } as const
      // a link to a file that is not there yet: root would make it, and give it to the account
      symlinkSync(ours, theirs)
      expect(await runIn(withLink)).toMatchObject({ code: 0 })
      expect([existsSync(ours), lstatSync(theirs).isFile()]).toEqual([false, true])
      expect(await runIn(withLink, ['--undo'])).toMatchObject({ code: 0 })
      // and one to a file that only root reads and writes
      rmSync(theirs)
      symlinkSync(ours, theirs)
      writeFileSync(ours, 'of root', { mode: 0o600 })
      expect(await runIn(withLink)).toMatchObject({ code: 1 })
      expect([readFileSync(ours, 'utf8'), existsSync(at('etc/ssh/gatehouse_ca.pub'))]).toEqual(['of root', false])
      rmSync(theirs)
      expect(await runIn(withLink)).toMatchObject({ code: 0 })
      expect(readFileSync(theirs, 'utf8')).toBe(`${managementKeyLine(setup)}\n`)
      expect(statSync(theirs)).toMatchObject({ uid, gid })
      expect(await runIn(withLink, ['--undo'])).toMatchObject({ code: 0 })
      expect(readFileSync(theirs, 'utf8')).toBe('')
    })

    test('does sftp only, and from the gateway only', () => {
      expect(managementKeyLine(setup)).toBe(
        `restrict,command="internal-sftp",from="192.0.2.7,2001:db8::1" ${setup.managementLine}`,
      )
    })
  })

  test('tells a running sshd, which then knows the CA', async () => {
    const port = await freePort()
    configure([
      includeLine(root),
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `PidFile ${at('run/sshd.pid')}`,
      'LogLevel VERBOSE',
    ])
    const child: ChildProcess = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', at('etc/ssh/sshd_config')])
    let log = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (log += text))
    for (let tries = 0; !existsSync(at('run/sshd.pid')) && tries < 100; tries += 1) await sleep(50)
    expect(await runIn()).toMatchObject({ code: 0 })
    for (let tries = 0; !log.includes('SIGHUP') && tries < 100; tries += 1) await sleep(50)
    child.kill()
    expect(log).toContain('Received SIGHUP; restarting')
  })

  describe('with an sshd that shuts out who fails to log in (OpenSSH 9.8 and later)', () => {
    const ours = 'PerSourcePenaltyExemptList 192.0.2.7,2001:db8::1'
    const inForce = (): string => read('etc/ssh/sshd_config.d/50-gatehouse.conf')
    beforeEach(async () => {
      sshdPath = await penaltiesPath(base, at('etc/ssh/sshd_config'))
    })
    afterEach(() => {
      sshdPath = null
    })

    test('the addresses of Gatehouse are taken out of that, once, and --undo puts them back', async () => {
      for (const lines of [[includeLine(root)], ['LogLevel INFO']]) {
        configure(lines)
        const before = snapshot()
        for (const _ of ['once', 'again']) expect(await runIn()).toMatchObject({ code: 0 })
        expect(snapshot().split(ours)).toHaveLength(2)
        expect(await runIn({}, ['--undo'])).toMatchObject({ code: 0 })
        expect(snapshot()).toBe(before)
      }
    })

    test("a list of somebody else's stays the only one, where Gatehouse is in it", async () => {
      configure([includeLine(root), 'PerSourcePenaltyExemptList 198.51.100.0/24,2001:db8::1,192.0.2.7'])
      expect(await runIn()).toMatchObject({ code: 0 })
      expect(inForce()).not.toContain('PerSourcePenaltyExemptList')
    })

    test("a list of somebody else's without Gatehouse is named, with what is to be added", async () => {
      const line = 'PerSourcePenaltyExemptList 192.0.2.7'
      configure([includeLine(root), line])
      const before = snapshot()
      for (const args of [[], ['--check']]) {
        const { code, output } = await runIn({}, args)
        expect([code, output]).toEqual([1, expect.stringContaining('add 2001:db8::1 to its list of exceptions')])
        expect(output).toContain(`${at('etc/ssh/sshd_config')}:2: ${line}`)
        expect(snapshot()).toBe(before)
      }
    })

    test('nothing is taken out where this sshd shuts nobody out', async () => {
      configure([includeLine(root), 'PerSourcePenalties no'])
      expect(await runIn()).toMatchObject({ code: 0 })
      expect(inForce()).not.toContain('PerSourcePenaltyExemptList')
    })
  })

  describe('the host certificate', () => {
    const certify = async (changes: { readonly by?: Ed25519KeyPair; readonly key?: PublicKey } = {}) => {
      const { by = hostCa, key = parsePublicKeyLine(setup.hostKey) } = changes
      const now = new Date()
      const signed = await signHostCertificate(
        {
          key,
          serial: randomSerial(),
          keyId: 'db-1',
          sshPrincipals: ['db-1'],
          now,
          validBefore: new Date(now.getTime() + 86_400_000),
        },
        { publicKey: by.publicKey, sign: (data) => signEd25519(by.privateKey, data) },
      )
      certificate = signed.line
    }
    const path = 'etc/ssh/gatehouse_host-cert.pub'
    const renew = () => runFile('sh', [at('usr/local/sbin/gatehouse-krl'), 'certify'])

    test('of a host that is certified is fetched, shown by sshd, renewed, and undone', async () => {
      const before = snapshot()
      await certify()
      expect(await runIn({ certified: true })).toMatchObject({ code: 0 })
      expect(read(path)).toBe(`${certificate}\n`)
      expect(read('etc/ssh/sshd_config.d/50-gatehouse.conf')).toContain(`HostCertificate ${at(path)}\n`)
      await certify()
      await renew()
      expect(read(path)).toBe(`${certificate}\n`)
      expect(await runIn({ certified: true }, ['--undo'])).toMatchObject({ code: 0 })
      expect(snapshot()).toBe(before)
    })

    test('is never one of another CA, for another key, or none at all', async () => {
      await certify()
      expect(await runIn({ certified: true })).toMatchObject({ code: 0 })
      const good = read(path)
      await certify({ by: await generateEd25519() })
      await expect(renew()).rejects.toThrow()
      await certify({ key: (await generateEd25519()).publicKey })
      await expect(renew()).rejects.toThrow()
      certificate = 'none'
      await expect(renew()).rejects.toThrow()
      expect(read(path)).toBe(good)
    })
  })
})

describe.runIf(asRoot)('what the script lays down to keep the list of a host', () => {
  // set up once: each test begins with the same list and the same CA
  beforeAll(async () => {
    serve(list([2n]))
    freshHost()
    expect(await runIn()).toMatchObject({ code: 0 })
  })
  beforeEach(() => {
    serve(list([2n]))
    writeFileSync(at('etc/ssh/gatehouse.krl'), list([2n]))
    writeFileSync(at('etc/ssh/gatehouse_ca.pub'), `${formatPublicKey(ca)}\n`)
  })

  const fetchOnce = () => runFile('sh', [at('usr/local/sbin/gatehouse-krl'), 'once'])
  const installed = (): Buffer => readFileSync(at('etc/ssh/gatehouse.krl'))

  // An unreadable RevokedKeys locks everybody out of the host; an older one brings back what was revoked.
  test.each([
    ['an error page', () => (served = null)],
    ['half a list', () => serve(list([2n, 3n, 4n]).subarray(0, 60))],
    ['something else', () => serve(Buffer.from('<html>'))],
    ['an older list', () => serve(list([]))],
    ['a list that another signed', async () => serve(list([2n, 3n, 4n]), { by: await generateEd25519() })],
    ['a list that was signed for something else', () => serve(list([2n, 3n, 4n]), { namespace: 'file' })],
    ['a list that cannot be read', () => serve(Buffer.from(list([2n, 3n, 4n])).fill(0, 0, 4))],
  ])('never lets %s take the place of a good list, and takes a new one when there is one', async (_, spoil) => {
    await spoil()
    await expect(fetchOnce()).rejects.toThrow()
    expect(installed().equals(list([2n]))).toBe(true)
    serve(list([5n, 6n]))
    await fetchOnce()
    expect(installed().equals(list([5n, 6n]))).toBe(true)
    expect(statSync(at('etc/ssh/gatehouse.krl')).mode & 0o777).toBe(0o644)
    expect(readdirSync(at('etc/ssh')).filter((name) => /krl\.\w{6}$/.test(name))).toEqual([])
  })

  test('writes no more of an answer than a list can be long', async () => {
    serve(Buffer.alloc(FILE_BLOCKS_MAX * 512 + 1))
    const { stderr } = await fetchOnce().then(
      () => ({ stderr: 'it was taken' }),
      (error: { readonly stderr: string }) => error,
    )
    expect(stderr).toMatch(/writing|limit/i)
    expect(stderr).not.toMatch(/taken|signed/)
    expect(installed().equals(list([2n]))).toBe(true)
  })

  test('puts a good list in the place of one that was damaged', async () => {
    writeFileSync(at('etc/ssh/gatehouse.krl'), 'x')
    await fetchOnce()
    expect(installed().equals(list([2n]))).toBe(true)
  })

  test('follows a rotation of the CA, and takes no older set and none that another signed', async () => {
    const next = formatPublicKey((await generateEd25519()).publicKey)
    const headOf = (version: number): string =>
      `${TRUSTED_CAS_HEAD}${version}\n${TRUSTED_CAS_HOST}${pinned.fingerprint}\n`
    const offer = (version: number, by: Ed25519KeyPair, lines: readonly string[]): void => {
      cas = { version, by, body: `${headOf(version)}${lines.join('\n')}\n` }
    }
    const trusted = (): string => read('etc/ssh/gatehouse_ca.pub')
    const before = trusted()
    offer(7, await generateEd25519(), [next])
    await fetchOnce()
    expect(trusted()).toBe(before)
    offer(7, signer, ['no key'])
    await fetchOnce()
    expect(trusted()).toBe(before)
    offer(7, signer, [formatPublicKey(ca), next])
    await fetchOnce()
    const both = trusted()
    expect(both).toBe(`${headOf(7)}${formatPublicKey(ca)}\n${next}\n`)
    expect(reports.at(-1)).toMatchObject({ trusts: [fingerprint(ca), fingerprint(parsePublicKeyLine(next))] })
    // an older set, with a header that says otherwise
    offer(6, signer, [formatPublicKey(ca)])
    cas = { ...(cas ?? { by: signer, body: '' }), version: 8 }
    await fetchOnce()
    expect(trusted()).toBe(both)
    // what is for another host, or for all of them
    for (const host of [`${TRUSTED_CAS_HOST}${fingerprint(hostCa.publicKey)}\n`, '']) {
      cas = { by: signer, version: 9, body: `${TRUSTED_CAS_HEAD}9\n${host}${formatPublicKey(hostCa.publicKey)}\n` }
      await fetchOnce()
      expect(trusted()).toBe(both)
    }
  })

  test('reports which list and which CA the host has, signed by the host key', async () => {
    reports.length = 0
    await fetchOnce()
    const [raw] = reports
    const report = operations['sshHost.report'].input.parse(raw) as Input<'sshHost.report'>
    expect(report).toMatchObject({ fingerprint: setup.fingerprint, listVersion: 2, trusts: [fingerprint(ca)] })
    expect(report.heardAt.toISOString()).toBe(heardAt)
    expect(
      isSshSignatureOf(
        parsePublicKeyLine(setup.hostKey),
        { message: hostReportText(report), namespace: HOST_REPORT_NAMESPACE },
        Buffer.from(report.signature, 'base64'),
      ),
    ).toBe(true)
  })
})

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo // listening on TCP
  probe.close()
  return port
}
