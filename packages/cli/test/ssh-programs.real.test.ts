import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatPublicKey, generateEd25519, type Ed25519KeyPair } from '@gatehouse/ssh/wire'
import { builtPrograms, startSshd, type TestSshd } from '@gatehouse/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { freshConfigHome } from './run.ts'
import { signedBy, type SigningWish } from './signed-by.ts'
import { startWireServer, type Answer, type ReceivedCall, type WireServer } from './wire-server.ts'

const { cli: bin } = await builtPrograms()

/** Real programs that bring their own ssh, with the lines that `ssh config` prints and nothing else. */
let ca: Ed25519KeyPair
let sshd: TestSshd
let bastion: TestSshd
let server: WireServer
let directory: string
let configHome: string
/** The hosts that the control plane knows; tests add some, and change keys. */
let hosts: Map<string, { address: string; port: number; hostKey: string }>

beforeAll(async () => {
  ca = await generateEd25519()
  const trust = { trustedUserCaKeys: formatPublicKey(ca.publicKey), principals: 'bare' } as const
  ;[sshd, bastion] = await Promise.all([startSshd(trust), startSshd(trust)])
  server = await startWireServer(answer)
  directory = await mkdtemp(join(tmpdir(), 'gatehouse-programs-'))
})
afterAll(async () => {
  await server.close()
  await Promise.all([sshd.stop(), bastion.stop()])
  await rm(directory, { recursive: true, force: true })
})
beforeEach(() => {
  configHome = freshConfigHome()
  server.calls.length = 0
  hosts = new Map([
    ['db-1', { address: sshd.address, port: sshd.port, hostKey: sshd.hostPublicKeyLine }],
    ['bastion', { address: bastion.address, port: bastion.port, hostKey: bastion.hostPublicKeyLine }],
  ])
})
// ssh does not wait for its ProxyCommand: what a test has issued is gone before the next one counts
afterEach(() => until(() => count('sshCertificate.revoke') === count('sshCertificate.sign')))

const answer = async ({ name, input }: ReceivedCall): Promise<Answer> => {
  if (name === 'sshHost.list') return { output: { items: [...hosts.keys()].map(hostOf), nextCursor: null } }
  if (name === 'sshHost.get') {
    const { id } = input as { id: string }
    return hosts.has(id) ? { output: hostOf(id) } : { refusal: { code: 'not-found' }, status: 404 }
  }
  if (name === 'sshCertificate.sign') return { output: await signedBy(ca, input as SigningWish) }
  return name === 'sshCertificate.revoke' ? { output: {} } : { refusal: { code: 'not-found' }, status: 404 }
}

const hostOf = (name: string) => ({ id: `id-of-${name}`, name, user: sshd.user, access: 'ca', ...hosts.get(name) })

/** As long as a loaded machine may need; the condition itself is what is asserted. */
const UNTIL_MS_MAX = 60_000
const until = async (condition: () => boolean): Promise<void> => {
  for (const end = performance.now() + UNTIL_MS_MAX; !condition(); await sleep(50))
    if (performance.now() > end) throw new Error(`not within ${UNTIL_MS_MAX / 1000} s: ${called().join(' ')}`)
}

const called = (): readonly string[] => server.calls.map(({ name }) => name)
const count = (name: string): number => called().filter((call) => call === name).length

const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  GATEHOUSE_URL: server.url,
  GATEHOUSE_TOKEN: 'x',
  GATEHOUSE_CONFIG_HOME: configHome,
})

interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}
const run = (program: string, words: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Ran> =>
  new Promise((resolve) => {
    const env = { ...environment(), ...more }
    const child = execFile(program, words, { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }),
    )
    child.stdin?.end()
  })
const gatehouse = (...words: readonly string[]): Promise<Ran> => run(process.execPath, [bin, ...words])

/** A file with the snippet. */
const config = async (...words: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await gatehouse('ssh', 'config', ...words)
  expect([code, stderr]).toEqual([0, expect.stringContaining('2 hosts')])
  const path = join(await mkdtemp(join(directory, 'config-')), 'config')
  await writeFile(path, stdout)
  return path
}

describe('programs that bring their own ssh', () => {
  test('ssh gets a certificate for the account of the host, which is taken away when it ends', async () => {
    const { code, stdout, stderr } = await run('ssh', ['-F', await config('--purpose', 'look'), 'db-1', 'echo', 'in'])
    expect([code, stdout, stderr]).toEqual([0, 'in\n', ''])
    const wish = server.calls.find(({ name }) => name === 'sshCertificate.sign')?.input
    expect(wish).toMatchObject({ host: 'db-1', login: sshd.user, purpose: 'look', ttlSeconds: 900 })
    await until(() => count('sshCertificate.revoke') === 1)
  })

  // ssh takes names of hosts in any case everywhere but in its own `Host`
  test('a name in another case is the same host, with the account that it is registered with', async () => {
    hosts.set('db-1', { ...hostOf('db-1'), user: 'deploy' } as never)
    const { stdout } = await run('ssh', ['-F', await config(), '-G', 'DB-1'])
    expect(stdout).toContain('\nuser deploy\n')
    expect(stdout).toContain('proxycommand')
  })

  test('scp, sftp, rsync and git go the same way', async () => {
    const cfg = await config()
    const there = await mkdtemp(join(directory, 'there-'))
    const file = join(there, 'a')
    await writeFile(file, 'content')
    await writeFile(join(there, 'batch'), `get ${file} ${there}/by-sftp\n`)
    const repository = join(there, 'repository')
    const git = (...words: readonly string[]) =>
      run('git', ['-C', there, ...words], { GIT_SSH_COMMAND: `ssh -F ${cfg}` })
    await git('init', '--quiet', repository)
    await git('-C', repository, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-m', 'one', '--allow-empty')
    const runs = await Promise.all([
      run('scp', ['-q', '-F', cfg, file, `db-1:${there}/by-scp`]),
      run('sftp', ['-q', '-F', cfg, '-b', join(there, 'batch'), 'db-1']),
      run('rsync', ['-e', `ssh -F ${cfg}`, file, `db-1:${there}/by-rsync`]),
      git('clone', '--quiet', `db-1:${repository}`, join(there, 'by-git')),
    ])
    expect(runs.map(({ code, stderr }) => [code, stderr])).toEqual(runs.map(() => [0, '']))
    for (const name of ['by-scp', 'by-sftp', 'by-rsync'])
      expect(await readFile(join(there, name), 'utf8'), name).toBe('content')
    expect((await git('-C', join(there, 'by-git'), 'log', '--format=%s')).stdout).toBe('one\n')
  })

  test('connections that stand at the same time share what is there, and each ends well', async () => {
    const cfg = await config()
    const runs = await Promise.all(
      Array.from({ length: 4 }, (_, index) => run('ssh', ['-F', cfg, 'db-1', 'echo', `${index}`])),
    )
    expect(runs.map(({ code, stdout, stderr }) => [code, stdout, stderr])).toEqual(
      runs.map((_, index) => [0, `${index}\n`, '']),
    )
  })

  test('a connection that others go through, as ansible has it, keeps one certificate to its end', async () => {
    const cfg = await config()
    const through = ['-F', cfg, '-o', `ControlPath=${join(directory, 'm')}`, 'db-1']
    const kept = ['-o', 'ControlMaster=auto', '-o', 'ControlPersist=60s', ...through]
    for (const word of ['one', 'two']) {
      const { stdout, stderr } = await run('ssh', [...kept, 'echo', word])
      expect([stdout, stderr]).toEqual([`${word}\n`, ''])
    }
    expect([count('sshCertificate.sign'), count('sshCertificate.revoke')]).toEqual([1, 0])
    await run('ssh', ['-O', 'exit', ...through])
  })

  test.skipIf(!onPath('ansible'))('an ansible ping works', async () => {
    // which of this machine's Pythons works is not what is tested
    const { stdout: python } = await run('python3', ['-c', 'import sys; print(sys.executable)'])
    const interpreter = `ansible_python_interpreter=${python.trim()}`
    const { stdout } = await run('ansible', ['all', '-i', 'db-1,', '-m', 'ping', '-e', interpreter], {
      ANSIBLE_SSH_ARGS: `-F ${await config()} -o ControlMaster=no`,
    })
    expect(stdout).toContain('pong')
  })

  test('a host that shows another key than the pinned one is refused, whatever was pinned before', async () => {
    const cfg = await config()
    hosts.set('db-1', { ...hostOf('db-1'), hostKey: formatPublicKey((await generateEd25519()).publicKey) } as never)
    const { code, stdout, stderr } = await run('ssh', ['-F', cfg, 'db-1', 'echo', 'owned'])
    expect([code, stdout]).toEqual([255, ''])
    expect(stderr).toContain('Host key verification failed')
  })

  test('a host that is registered later is found, and one that is gone is said', async () => {
    const cfg = await config()
    const known = join(configHome, 'ssh')
    await run('find', [
      known,
      '-name',
      'hosts.json',
      '-exec',
      'sed',
      '-i',
      's/"askedAt": "20/"askedAt": "19/',
      '{}',
      ';',
    ])
    hosts.set('web-9', { address: sshd.address, port: sshd.port, hostKey: sshd.hostPublicKeyLine })
    expect((await run('ssh', ['-F', cfg, 'Web-9', 'echo', 'new'])).stdout).toBe('new\n')
    hosts.delete('web-9')
    const gone = await run('ssh', ['-F', cfg, 'web-9', 'true'])
    expect([gone.code, gone.stderr]).toEqual([255, expect.stringContaining('gatehouse: ')])
  })

  test('every other host is left as it is, and its name is told to nobody', async () => {
    const cfg = await config()
    for (const name of ['github.example', '10.0.0.1', 'db-11'])
      expect((await run('ssh', ['-F', cfg, '-G', name])).stdout).not.toContain('proxycommand')
    expect((await run('ssh', ['-F', cfg, '-G', 'db-1'])).stdout).toContain('proxycommand')
    expect(JSON.stringify(server.calls)).not.toMatch(/github|10\.0\.0\.1|db-11/)
  })

  test('with --names, only such names start anything', async () => {
    const { stdout } = await run('ssh', ['-F', await config('--names', 'db-*,x?'), '-G', 'db-1'])
    expect(stdout).toContain('proxycommand')
    expect((await run('ssh', ['-F', await config('--names', 'web-*'), '-G', 'db-1'])).stdout).not.toContain(
      'proxycommand',
    )
    expect((await gatehouse('ssh', 'config', '--names', 'a b')).code).toBe(2)
  })

  test('a host behind others is reached through them, with a certificate for each', async () => {
    const cfg = await config('--jump', 'bastion')
    expect((await run('ssh', ['-F', cfg, 'db-1', 'echo', 'behind'])).stdout).toBe('behind\n')
    expect(bastion.log()).toContain('Accepted publickey')
    const connected = await gatehouse('ssh', 'connect', '-J', 'bastion', 'db-1', '--', 'echo', 'too')
    expect([connected.code, connected.stdout]).toEqual([0, 'too\n'])
    expect(connected.stderr).toMatch(/^certificate for 15 min .*\nrevoked\nrevoked\n$/)
    const signed = server.calls.filter(({ name }) => name === 'sshCertificate.sign')
    expect(signed.map(({ input }) => (input as { host: string }).host).toSorted()).toEqual([
      'bastion',
      'bastion',
      'db-1',
      'db-1',
    ])
  })

  test('an account that none can be is refused as it was typed, and nothing is issued', async () => {
    // a shell reads the command: unquoted, `dom\deploy` was asked for as `domdeploy`, who may be somebody
    const { code, stderr } = await run('ssh', ['-F', await config(), 'dom\\deploy@db-1', 'true'])
    expect([code, stderr]).toEqual([255, expect.stringContaining('account of the host')])
    expect(count('sshCertificate.sign')).toBe(0)
  })

  test('another port than the registered one is refused, and nothing is issued', async () => {
    const { code, stderr } = await gatehouse('ssh', 'proxy', 'db-1', '2')
    expect([code, stderr]).toEqual([2, expect.stringContaining(`registered with port ${sshd.port}`)])
    expect(count('sshCertificate.sign')).toBe(0)
  })

  test('what lies beside ssh is for its owner alone, and has no secret', async () => {
    await run('ssh', ['-F', await config(), 'db-1', 'true'])
    const { stdout } = await run('find', [join(configHome, 'ssh'), '-type', 'f'])
    for (const path of stdout.trim().split('\n')) {
      expect((await stat(path)).mode & 0o077, path).toBe(0)
      expect(await readFile(path, 'utf8')).not.toContain('PRIVATE')
    }
  })
})

describe('ssh agent', () => {
  test('a command finds certificates in it, which are gone when it ends', async () => {
    const { code, stdout } = await gatehouse('ssh', 'agent', 'db-1,bastion', '--', 'ssh-add', '-l')
    expect([code, stdout.match(/gatehouse (db-1|bastion) \(ED25519-CERT\)/g)]).toEqual([
      0,
      ['gatehouse db-1 (ED25519-CERT)', 'gatehouse bastion (ED25519-CERT)'],
    ])
    expect([count('sshCertificate.sign'), count('sshCertificate.revoke')]).toEqual([2, 2])
  })

  test('ssh logs in by it, and is shown the certificate of the host where it is', async () => {
    const known = join(directory, 'known_hosts')
    await writeFile(known, `[127.0.0.1]:${sshd.port} ${sshd.hostPublicKeyLine}\n`)
    const ssh = [
      'ssh',
      '-vF',
      'none',
      '-o',
      `UserKnownHostsFile=${known}`,
      '-p',
      `${sshd.port}`,
      '127.0.0.1',
      'echo',
      'by agent',
    ]
    const { code, stdout, stderr } = await gatehouse('ssh', 'agent', 'bastion,db-1', '--', ...ssh)
    expect([code, stdout]).toEqual([0, 'by agent\n'])
    expect(stderr).not.toContain('Offering public key: gatehouse bastion')
  })

  test('listens where it is told, for its owner alone, until it is told to stop', async () => {
    const path = join(await mkdtemp(join(directory, 'agent-')), 'socket')
    const child = spawn(process.execPath, [bin, 'ssh', 'agent', 'db-1', '--socket', path], {
      env: environment(),
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const [line] = await once(child.stdout, 'data')
    expect(String(line)).toBe(`SSH_AUTH_SOCK='${path}'; export SSH_AUTH_SOCK;\n`)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await run('ssh-add', ['-l'], { SSH_AUTH_SOCK: path })).stdout).toContain('gatehouse db-1')
    const second = await gatehouse('ssh', 'agent', 'db-1', '--socket', path, '--', 'true')
    expect([second.code, second.stderr]).toEqual([2, expect.stringContaining("another agent's")])
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(existsSync(path)).toBe(false)
  })

  test('never takes the place of a file', async () => {
    const path = join(directory, 'precious')
    await mkdir(directory, { recursive: true })
    await writeFile(path, 'precious')
    const { code } = await gatehouse('ssh', 'agent', 'db-1', '--socket', path, '--', 'true')
    expect([code, await readFile(path, 'utf8')]).toEqual([2, 'precious'])
  })
})

function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((place) => existsSync(join(place, program)))
}
