import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { createServer } from 'node:net'
import { execFileSync } from 'node:child_process'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openHostAccess, scanHostKeys, type HostAccess, type HostTarget } from '../src/host-access/index.ts'
import {
  fingerprint,
  formatAuthorizedKey,
  formatPublicKey,
  generateEd25519,
  parsePublicKeyLine,
  randomSerial,
  signEd25519,
  signUserCertificate,
  type AgentCredential,
  type Ed25519KeyPair,
} from '../src/wire/index.ts'
import { startTestSshd, testAccounts, type TestSshd } from './sshd.ts'

const isRoot = userInfo().uid === 0

let sshd: TestSshd
let ca: Ed25519KeyPair
let management: Ed25519KeyPair
/** Ours alone, so that what is left in it was left by us. */
let temporary: string
const usualTemporary = tmpdir()
let files: string
let access: HostAccess

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'gh-test-'))
  await chmod(temporary, 0o755)
  process.env['TMPDIR'] = temporary
  sshd = await startTestSshd([
    'TrustedUserCAKeys %d/ca.pub',
    'AuthorizedKeysFile %d/keys',
    'Subsystem sftp internal-sftp',
  ])
  ca = await generateEd25519('ca')
  management = await generateEd25519('management')
  await writeFile(join(sshd.directory, 'ca.pub'), `${formatPublicKey(ca.publicKey)}\n`)
  const line = formatAuthorizedKey({
    key: management.publicKey,
    comment: 'gatehouse',
    expiresAt: null,
    allow: [],
    sourceAddresses: ['127.0.0.1'],
    forceCommand: 'internal-sftp',
  })
  await writeFile(join(sshd.directory, 'keys'), `${line}\n`)
})
afterAll(async () => {
  await sshd.stop()
  process.env['TMPDIR'] = usualTemporary
  await rm(temporary, { recursive: true })
})

beforeEach(async () => {
  files = join(sshd.directory, `files-${Math.floor(performance.now())}`)
  await mkdir(files)
  if (isRoot) await chown(files, ...plainIds())
  access = openHostAccess({ host: target(), credential: await certified() })
})
afterEach(async () => {
  await access.close()
  await chmod(files, 0o755)
})

const plainIds = (): [number, number] => {
  const ids = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, testAccounts.plain])))
  return [ids[0] ?? 0, ids[1] ?? 0]
}

const target = (changes: Partial<HostTarget> = {}): HostTarget => ({
  address: '127.0.0.1',
  port: sshd.port,
  user: testAccounts.plain,
  hostKeyLine: sshd.hostKeyLine,
  ...changes,
})

const certified = async (
  changes: { sshPrincipals?: readonly string[]; sourceAddresses?: readonly string[]; forceCommand?: string } = {},
): Promise<AgentCredential> => {
  const { privateKey, publicKey } = await generateEd25519()
  const now = new Date()
  const certificate = await signUserCertificate(
    {
      key: publicKey,
      serial: randomSerial(),
      keyId: 'gatehouse',
      sshPrincipals: [testAccounts.plain],
      sourceAddresses: ['127.0.0.1'],
      forceCommand: 'internal-sftp',
      extensions: [],
      now,
      validBefore: new Date(now.getTime() + 180_000),
      ...changes,
    },
    { publicKey: ca.publicKey, sign: (data) => signEd25519(ca.privateKey, data) },
  )
  return { privateKey, certificate }
}

/** A file of the account's own. */
const put = async (name: string, content: string | Uint8Array, mode = 0o640): Promise<string> => {
  const path = join(files, name)
  await writeFile(path, content)
  await chmod(path, mode)
  if (isRoot) await chown(path, ...plainIds())
  return path
}

const problemOf = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'none',
    (cause: unknown) => (cause instanceof Error && 'problem' in cause ? cause.problem : cause),
  )

const leftovers = async (): Promise<readonly string[]> =>
  (await readdir(files)).filter((name) => name.includes('gatehouse'))

/** Private temp directories of agents that still exist. */
const agentDirectories = async (): Promise<number> =>
  (await readdir(tmpdir())).filter((name) => /^gh-[A-Za-z0-9]{6}$/.test(name)).length

describe('getting in', () => {
  test('a certificate and a restricted management key both reach the host, and nothing stays behind', async () => {
    const before = await agentDirectories()
    for (const credential of [await certified(), { privateKey: management.privateKey }]) {
      const host = openHostAccess({ host: target(), credential })
      await host.probe()
      expect(await agentDirectories()).toBe(before + 1)
      await host.close()
    }
    expect(await agentDirectories()).toBe(before)
  })

  test('a host with another key than the pinned one is told nothing', async () => {
    const logBefore = sshd.log().length
    const other = formatPublicKey((await generateEd25519()).publicKey)
    const host = openHostAccess({ host: target({ hostKeyLine: other }), credential: await certified() })
    expect(await problemOf(host.readFile(join(files, 'x')))).toBe('host-key-mismatch')
    await expect(host.probe()).rejects.toThrow(fingerprint(parsePublicKeyLine(sshd.hostKeyLine)))
    await host.close()
    expect(sshd.log().slice(logBefore)).not.toMatch(/Accepted|Postponed/)
  })

  test('a pinned key of a type that the host does not have is a mismatch, too', async () => {
    const path = join(sshd.directory, 'other-type')
    execFileSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-f', path])
    const host = openHostAccess({
      host: target({ hostKeyLine: await readFile(`${path}.pub`, 'utf8') }),
      credential: await certified(),
    })
    expect(await problemOf(host.probe())).toBe('host-key-mismatch')
    await host.close()
  })

  test('a credential that the host does not take is `permission-denied`', async () => {
    const stranger = { privateKey: (await generateEd25519()).privateKey }
    for (const credential of [
      stranger,
      await certified({ sshPrincipals: ['somebody'] }),
      await certified({ sourceAddresses: ['10.0.0.0/8'] }),
    ]) {
      const host = openHostAccess({ host: target(), credential })
      expect(await problemOf(host.probe())).toBe('permission-denied')
      await host.close()
    }
  })

  test('nobody listening, somebody who hangs up, and somebody who is no ssh server are `unreachable`', async () => {
    const server = createServer((socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(
      0,
      '127.0.0.1',
    )
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const first = openHostAccess({ host: target({ port }), credential: await certified() })
    expect(await problemOf(first.probe())).toBe('unreachable')
    await new Promise((resolve) => server.close(resolve))
    const second = openHostAccess({ host: target({ port }), credential: await certified() })
    expect(await problemOf(second.probe())).toBe('unreachable')
    await Promise.all([first.close(), second.close()])
  })

  test('a host without sftp, and one whose shell talks in its place, are `unsupported`', async () => {
    const bare = await startTestSshd(['TrustedUserCAKeys %d/ca.pub', 'AuthorizedKeysFile none'])
    await writeFile(join(bare.directory, 'ca.pub'), `${formatPublicKey(ca.publicKey)}\n`)
    const without = openHostAccess({
      host: target({ port: bare.port, hostKeyLine: bare.hostKeyLine }),
      credential: await certified(),
    })
    expect(await problemOf(without.probe())).toBe('unsupported')
    await bare.stop()
    const talking = openHostAccess({
      host: target({ user: testAccounts.own }),
      credential: await certified({
        sshPrincipals: [testAccounts.own],
        forceCommand: 'echo welcome to this host; sleep 5',
      }),
    })
    expect(await problemOf(talking.probe())).toBe('unsupported')
    await Promise.all([without.close(), talking.close()])
  })

  test('an address, user, port, key or path that ssh could read as another thing is refused at once', async () => {
    const changes: readonly Partial<HostTarget>[] = [
      { address: '-oProxyCommand=touch /x' },
      { address: 'a b' },
      { address: '' },
      { address: '$(id)' },
      { user: '-l' },
      { user: 'a b' },
      { port: 0 },
      { port: 65536 },
      { hostKeyLine: 'ssh-ed25519 AAAA' },
      { hostKeyLine: `@cert-authority * ${sshd.hostKeyLine}` },
    ]
    const credential = await certified()
    for (const change of changes)
      expect(
        await problemOf(openHostAccess({ host: target(change), credential }).probe()),
        JSON.stringify(change),
      ).toBe('invalid-target')
    for (const path of ['', 'a\nb', 'dir/', 'x'.repeat(2000)])
      expect(await problemOf(access.readFile(path))).toBe('invalid-target')
  })

  test("the first contact lists the host's keys, and a port without a server lists none", async () => {
    const keys = await scanHostKeys({ address: '127.0.0.1', port: sshd.port }, 10)
    expect(keys.map(fingerprint)).toEqual([fingerprint(parsePublicKeyLine(sshd.hostKeyLine))])
    expect(await problemOf(scanHostKeys({ address: '127.0.0.1', port: 1 }, 10))).toBe('unreachable')
  })

  test("the private key and the environment never reach a disk or the child's arguments", async () => {
    await access.probe()
    const children = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.startsWith('ssh -F none') && line.includes(String(sshd.port)))
    expect(children).toHaveLength(1)
    const directory = /IdentityAgent="([^"]+)\/agent"/.exec(children[0] ?? '')?.[1] ?? ''
    expect((await readdir(directory)).toSorted()).toEqual(['agent', 'known_hosts'])
    expect(await readFile(join(directory, 'known_hosts'), 'utf8')).toBe(
      `pinned ${sshd.hostKeyLine.split(' ').slice(0, 2).join(' ')}\n`,
    )
  })
})

describe('reading', () => {
  test('gives the bytes as they are, empty, binary and long', async () => {
    for (const content of [Buffer.alloc(0), Buffer.from([0, 255, 10, 13, 200]), Buffer.alloc(300_000, 'abc')]) {
      const path = await put('file', content)
      const read = await access.readFile(path)
      expect(Buffer.compare(read?.bytes ?? Buffer.from('missing'), content)).toBe(0)
      expect(read?.stat).toMatchObject({ kind: 'file', sizeBytes: content.length, mode: 0o640 })
    }
  })

  test('odd names are names, not patterns', async () => {
    const path = await put('a *? [x] "q" \'s\' \\ ä $(id)', 'odd')
    expect(Buffer.from((await access.readFile(path))?.bytes ?? []).toString()).toBe('odd')
    expect(await access.readFile(join(files, '*'))).toBeNull()
  })

  test('only what the host says is not there is missing', async () => {
    expect(await access.readFile(join(files, 'missing'))).toBeNull()
    expect(await access.stat(join(files, 'missing'))).toBeNull()
    expect(await access.readFile(join(files, 'no-directory/missing'))).toBeNull()
  })

  /**
   * sftp(1) calls the second and third of these "not found"; whoever believed it would write a new file over somebody's
   * keys.
   */
  test('what may not be read or entered, a directory and a link are unreadable, not missing', async () => {
    const secret = await put('secret', 'x', 0o000)
    await mkdir(join(files, 'closed'))
    await writeFile(join(files, 'closed/file'), 'x')
    await chmod(join(files, 'closed'), 0o000)
    await symlink(secret, join(files, 'link'))
    for (const path of [secret, join(files, 'closed/file'), join(files, 'closed/missing'), join(files, 'link'), files])
      expect(await problemOf(access.readFile(path)), path).toBe('unreadable')
    await chmod(join(files, 'closed'), 0o755)
  })

  test('a file beyond the limit is not read', async () => {
    expect(await problemOf(access.readFile(await put('large', Buffer.alloc(1024 * 1024 + 1))))).toBe('unreadable')
  })
})

describe('writing', () => {
  test('replaces a file whole, with its mode and owner, and leaves nothing beside it', async () => {
    const path = await put('keys', 'old', 0o604)
    const bytes = Buffer.alloc(100_000, 'new\n')
    const before = await lstat(path)
    await access.writeFileAtomically({ path, bytes, mode: 'keep', expected: await access.readFile(path) })
    const after = await lstat(path)
    expect(await readFile(path)).toEqual(bytes)
    expect({ mode: after.mode, uid: after.uid, gid: after.gid }).toEqual({
      mode: before.mode,
      uid: before.uid,
      gid: before.gid,
    })
    expect(after.ino).not.toBe(before.ino)
    expect(await leftovers()).toEqual([])
  })

  test('makes a new file with 0600, and its directory with 0700', async () => {
    const path = join(files, '.ssh/authorized_keys')
    await access.writeFileAtomically({ path, bytes: Buffer.from('line\n'), mode: 'keep', expected: null })
    expect(await readFile(path, 'utf8')).toBe('line\n')
    expect((await lstat(path)).mode & 0o777).toBe(0o600)
    expect((await lstat(join(files, '.ssh'))).mode & 0o777).toBe(0o700)
  })

  test("a change of another's meanwhile is found even with the same size and second, and wins", async () => {
    const path = await put('keys', 'aaaa')
    const expected = await access.readFile(path)
    const { atime, mtime } = await lstat(path)
    await writeFile(path, 'bbbb')
    await utimes(path, atime, mtime)
    expect(
      await problemOf(access.writeFileAtomically({ path, bytes: Buffer.from('cccc'), mode: 'keep', expected })),
    ).toBe('changed')
    expect(await readFile(path, 'utf8')).toBe('bbbb')
    expect(await leftovers()).toEqual([])
  })

  test('a file that has appeared, gone or lost its rights meanwhile is left as it is', async () => {
    const appeared = await put('appeared', 'theirs')
    expect(
      await problemOf(
        access.writeFileAtomically({ path: appeared, bytes: Buffer.from('ours'), mode: 'keep', expected: null }),
      ),
    ).toBe('changed')
    const gone = await put('gone', 'x')
    const expected = await access.readFile(gone)
    await rm(gone)
    expect(
      await problemOf(access.writeFileAtomically({ path: gone, bytes: Buffer.from('ours'), mode: 'keep', expected })),
    ).toBe('changed')
    const closed = await put('closed', 'theirs')
    const readable = await access.readFile(closed)
    await chmod(closed, 0o000)
    expect(
      await problemOf(
        access.writeFileAtomically({ path: closed, bytes: Buffer.from('ours'), mode: 'keep', expected: readable }),
      ),
    ).toBe('unreadable')
    await chmod(closed, 0o600)
    expect([await readFile(appeared, 'utf8'), await readFile(closed, 'utf8')]).toEqual(['theirs', 'theirs'])
    expect((await readdir(files)).toSorted()).toEqual(['appeared', 'closed'])
  })

  test("of twenty writers at once the file is one's whole, and none that was told `changed` has written", async () => {
    const path = await put('contended', 'start')
    const hosts = await Promise.all(
      Array.from({ length: 20 }, async () => openHostAccess({ host: target(), credential: await certified() })),
    )
    const start = await access.readFile(path)
    const outcomes = await Promise.all(
      hosts.map(async (host, index) =>
        problemOf(
          host.writeFileAtomically({ path, bytes: Buffer.from(`writer ${index}`), mode: 'keep', expected: start }),
        ),
      ),
    )
    await Promise.all(hosts.map((host) => host.close()))
    expect(outcomes.filter((outcome) => outcome !== 'none' && outcome !== 'changed')).toEqual([])
    expect(outcomes.map((outcome, index) => (outcome === 'none' ? `writer ${index}` : ''))).toContain(
      await readFile(path, 'utf8'),
    )
    expect(await leftovers()).toEqual([])
  }, 30_000)

  test('where nothing may be written, the old file stays and the failure is `unwritable`', async () => {
    const path = await put('keys', 'old')
    const expected = await access.readFile(path)
    await chmod(files, 0o555)
    expect(
      await problemOf(access.writeFileAtomically({ path, bytes: Buffer.from('new'), mode: 'keep', expected })),
    ).toBe('unwritable')
    expect(await readFile(path, 'utf8')).toBe('old')
  })

  test.runIf(isRoot)("root puts a user's file back with the user's ownership", async () => {
    const path = await put('users', 'old', 0o600)
    const root = openHostAccess({
      host: target({ user: testAccounts.own }),
      credential: await certified({ sshPrincipals: [testAccounts.own] }),
    })
    await root.writeFileAtomically({
      path,
      bytes: Buffer.from('new'),
      mode: 'keep',
      expected: await root.readFile(path),
    })
    await root.close()
    const { uid, gid, mode } = await lstat(path)
    expect([uid, gid, mode & 0o777]).toEqual([...plainIds(), 0o600])
  })

  test('a host that goes away in the middle is `unreachable`, and the old file stays', async () => {
    const path = await put('keys', 'old')
    const expected = await access.readFile(path)
    const pid = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
      .split('\n')
      .find((line) => line.includes('ssh -F none') && line.includes(String(sshd.port)))
      ?.trim()
      .split(' ')[0]
    process.kill(Number(pid), 'SIGKILL')
    expect(
      await problemOf(access.writeFileAtomically({ path, bytes: Buffer.from('new'), mode: 'keep', expected })),
    ).toBe('unreachable')
    expect(await readFile(path, 'utf8')).toBe('old')
  })
})
