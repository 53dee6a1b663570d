// Log-ins by one-time passwords: a real sshd asks PAM, PAM our helper, and the helper a whole gateway. The host is set
// up by the script that the command line prints.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { builtPrograms, startSshd, type TestSshd } from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHttpServer } from '../src/http-server.ts'
import { codeOf, dataOf, startChain, type Chain } from './chain-gateway.ts'

const run = promisify(execFile)

/** Only root may give PAM a service; that one is where Linux has it. */
const canAskPam = userInfo().uid === 0 && existsSync('/etc/pam.d')
const user = userInfo().username

describe.runIf(canAskPam)('by a one-time password', () => {
  let chain: Chain
  let server: ReturnType<typeof createHttpServer>
  let sshd: TestSshd
  let home: string

  beforeAll(async () => {
    chain = await startChain({ tracesPerSecond: 1, people: ['ada-admin'] })
    server = createHttpServer(chain.gateway.app.fetch).listen(0, '127.0.0.1')
    await once(server, 'listening')
    home = await mkdtemp(join(tmpdir(), 'gh-otp-'))
    const pam = ['auth required pam_unix.so', 'account required pam_permit.so', 'session required pam_permit.so']
    sshd = await startSshd({ pam })
    await call('sshHost.register', {
      name: 'box',
      address: sshd.address,
      port: sshd.port,
      user,
      access: 'ca',
      sourceAddresses: ['127.0.0.1'],
      otpAddresses: ['127.0.0.1'],
    })
    await setUp()
  })
  afterAll(async () => {
    server.close()
    await sshd.stop()
    await chain.stop()
    await rm(home, { recursive: true })
  })

  const call = async (name: Parameters<Chain['trpc']>[0], input: unknown): Promise<Record<string, unknown>> => {
    const answer = await chain.trpc(name, input, { as: 'ada-admin' })
    expect([name, codeOf(answer)]).toEqual([name, 'ok'])
    return dataOf(answer)
  }
  const issue = (more: object = {}) => call('sshOtp.issue', { host: 'box', purpose: 'tests', ...more })

  /** The command line, as somebody who is logged in. */
  const gatehouse = async (...words: readonly string[]) => {
    const { port } = server.address() as AddressInfo // listening on TCP
    const env = {
      ...process.env,
      GATEHOUSE_URL: `http://127.0.0.1:${port}`,
      GATEHOUSE_TOKEN: chain.tokens.get('ada-admin'),
      GATEHOUSE_CONFIG_HOME: home,
    }
    const { cli } = await builtPrograms()
    return run(process.execPath, [cli, ...words], { env })
  }

  /** Runs the printed script, in the directory of this sshd in place of the machine's own. */
  const setUp = async (): Promise<void> => {
    const { stdout } = await gatehouse('ssh-host', 'setup', '--host', 'box', '--otp')
    mkdirSync(join(sshd.directory, 'run'))
    const script = stdout
      .replaceAll('/etc/pam.d/sshd', String(sshd.pamFile))
      .replaceAll('/etc/ssh/', `${sshd.directory}/`)
      .replaceAll('/usr/local/sbin/gatehouse', `${sshd.directory}/gatehouse`)
      .replaceAll('/run/', `${sshd.directory}/run/`)
    await writeFile(join(home, 'setup.sh'), script)
    await run('sh', [join(home, 'setup.sh')])
    await sshd.halt()
    await sshd.resume()
  }

  /** ssh as somebody has it who types the password. */
  const sshAs = async (typed: string, words: readonly string[], bind = '127.0.0.1') => {
    const askpass = join(home, 'askpass')
    await writeFile(askpass, '#!/bin/sh\nprintf "%s\\n" "$TYPED"\n')
    await chmod(askpass, 0o700)
    await writeFile(join(home, 'known_hosts'), `[127.0.0.1]:${sshd.port} ${sshd.hostPublicKeyLine}\n`)
    const options = [
      'PreferredAuthentications=keyboard-interactive',
      'NumberOfPasswordPrompts=1',
      `UserKnownHostsFile=${home}/known_hosts`,
      `BindAddress=${bind}`,
      'LogLevel=ERROR',
    ].flatMap((option) => ['-o', option])
    const env = { ...process.env, TYPED: typed, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' }
    return spawn('ssh', ['-F', 'none', ...options, '-p', String(sshd.port), '-l', user, '127.0.0.1', ...words], { env })
  }
  const logIn = async (typed: unknown, bind?: string): Promise<'in' | 'refused'> => {
    const child = await sshAs(String(typed), ['echo in'], bind)
    let said = ''
    let wrong = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (wrong += text))
    child.stdin.end()
    const [code] = await once(child, 'close')
    if (code === 0 && said === 'in\n') return 'in'
    expect(wrong).toContain('Permission denied')
    return 'refused'
  }

  test('somebody logs in once', async () => {
    const { otp, leaseId } = await issue()
    expect(await logIn(otp)).toBe('in')
    expect(await logIn(otp)).toBe('refused')
    expect(await call('lease.get', { id: leaseId })).toMatchObject({ state: 'expired', role: `${user}@box` })
  })

  test('nobody logs in by one that was revoked, by none, or by what is none', async () => {
    const { otp, leaseId } = await issue()
    await call('lease.revoke', { id: leaseId, reason: 'typed into a chat' })
    for (const typed of [otp, '', 'correct horse battery staple', 'verify-echo-request'])
      expect([typed, await logIn(typed)]).toEqual([typed, 'refused'])
  })

  test('nobody logs in from where people may not, and the password is spent', async () => {
    const { otp } = await issue()
    expect(await logIn(otp, '127.0.0.2')).toBe('refused')
    expect(await logIn(otp)).toBe('refused')
  })

  test('a session goes on when its password is spent and its lease has ended', async () => {
    const { otp, leaseId } = await issue()
    const child = await sshAs(String(otp), ['cat'])
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const said = async () => (await lines.next()).value as unknown
    child.stdin.write('before\n')
    expect(await said()).toBe('before')
    expect(await call('lease.get', { id: leaseId })).toMatchObject({ state: 'expired' })
    child.stdin.write('after\n')
    expect(await said()).toBe('after')
    child.stdin.end()
    await once(child, 'close')
  })

  test('`ssh connect --otp` asks for one, types it, and leaves none behind', async () => {
    const { stdout, stderr } = await gatehouse('ssh', 'connect', 'box', '--otp', '--', 'echo', 'in')
    expect(stdout).toBe('in\n')
    expect(stderr).toMatch(/^one-time password for 15 min · lease [0-9a-f-]+ · audited\nrevoked\n$/)
    const { items } = await call('lease.list', { backend: 'ssh-otp', state: 'active' })
    expect(items).toEqual([])
  })

  test('`ssh connect --otp` takes a password away by which nobody logged in', async () => {
    await sshd.halt()
    const failed = await gatehouse('ssh', 'connect', 'box', '--otp', '--', 'echo', 'in').catch(
      (error: unknown) => error,
    )
    await sshd.resume()
    expect(failed).toMatchObject({ code: 255, stdout: '', stderr: expect.stringMatching(/\nrevoked\n$/) })
    const [newest] = (await call('lease.list', { backend: 'ssh-otp', first: 1 }))['items'] as readonly unknown[]
    expect(newest).toMatchObject({ state: 'revoked', reason: 'connection ended' })
  })

  test('nobody logs in while Gatehouse does not answer, and they do with the same password once it does', async () => {
    const { otp } = await issue()
    const { port } = server.address() as AddressInfo // listening on TCP
    await new Promise((resolve) => server.close(resolve))
    expect(await logIn(otp)).toBe('refused')
    server = createHttpServer(chain.gateway.app.fetch).listen(port, '127.0.0.1')
    await once(server, 'listening')
    expect(await logIn(otp)).toBe('in')
  })
})
