// The script by which a host takes one-time passwords, and the helper that it lays down, without PAM: a real sshd reads
// what was written, and the helper is run as PAM runs it. A log-in by PAM is in the gateway's tests.
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { fingerprint, formatPublicKey, generateEd25519 } from '@gatehouse/ssh/wire'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { helperScript } from '../src/ssh-host-otp-script.ts'
import { otpSetupScript, type OtpSetup } from '../src/ssh-host-otp-setup.ts'
import {
  asRoot,
  includeLine,
  makeHostKey,
  makeHostRoot,
  type HostKeyFile,
  type HostRoot,
  type Ran,
} from './host-root.ts'

const runFile = promisify(execFile)

let base: string
let root: HostRoot
let pinned: HostKeyFile
let server: Server
let setup: OtpSetup
/** What is answered to whatever is asked; tests change it. */
let answer: (request: IncomingMessage, response: ServerResponse) => void
let asked: { readonly path: string; readonly body: string }[]

beforeAll(async () => {
  server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push({ path: request.url ?? '', body })
      answer(request, response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = mkdtempSync(join(tmpdir(), 'gatehouse-otp-'))
  pinned = await makeHostKey(base)
  setup = {
    serverUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // listening on TCP
    name: 'db-1',
    hostKey: pinned.hostKey,
    fingerprint: pinned.fingerprint,
    accounts: ['deploy', 'first.last'],
  }
})
afterAll(async () => {
  server.close()
  await once(server, 'close')
  rmSync(base, { recursive: true })
})

const says =
  (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}) =>
  (_: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(status, headers)
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
const good = (username: string) => ({ result: { data: { message: null, username, ip: '192.0.2.7', role: 'x' } } })

beforeEach(() => {
  asked = []
  answer = says({ data: { message: 'verify-echo-response' } })
  root = makeHostRoot(base)
  writeFileSync(at('etc/pam.d/sshd'), '# as it was\n@include common-auth\n')
  configure([includeLine(root)])
})

const at = (path: string): string => root.at(path)
const read = (path: string): string => root.read(path)
const snapshot = (): string => root.snapshot()
const configure = (lines: readonly string[], usePam = 'yes'): void =>
  root.configure([...lines, `HostKey ${pinned.path}`, `UsePAM ${usePam}`, 'KbdInteractiveAuthentication no'])
const runIn = (changes: Partial<OtpSetup> = {}, args: readonly string[] = []): Promise<Ran> =>
  root.run(otpSetupScript({ ...setup, ...changes }), { args })

const settingFor = async (account: string, name: string): Promise<string | undefined> => {
  const facts = `user=${account},host=localhost,addr=127.0.0.1`
  const { stdout } = await runFile('/usr/sbin/sshd', ['-T', '-C', facts, '-f', at('etc/ssh/sshd_config')])
  return stdout
    .split('\n')
    .find((line) => line.startsWith(`${name} `))
    ?.split(' ')[1]
}

describe.runIf(asRoot)('the script by which a host takes one-time passwords', () => {
  test.each([
    ['a file of its own', (): readonly string[] => [includeLine(root)]],
    ['a block at the top', (): readonly string[] => ['Match User nobody', '  PermitTTY no', 'Match all']],
  ])('opens it for the accounts of the host and for no others, by %s, and can run again', async (_, lines) => {
    configure(lines())
    expect(await runIn()).toMatchObject({ code: 0 })
    const first = snapshot()
    expect(await runIn()).toMatchObject({ code: 0 })
    expect(snapshot()).toBe(first)
    for (const account of setup.accounts) expect(await settingFor(account, 'kbdinteractiveauthentication')).toBe('yes')
    expect(await settingFor('somebody', 'kbdinteractiveauthentication')).toBe('no')
    expect(read('etc/pam.d/sshd')).toBe(
      '# BEGIN GATEHOUSE OTP (written by its setup script)\n' +
        'auth [success=ignore default=2] pam_succeed_if.so quiet user in deploy:first.last\n' +
        `auth [success=ignore default=die] pam_exec.so quiet expose_authtok ${at('usr/local/sbin/gatehouse-otp')}\n` +
        'auth [success=done default=die] pam_permit.so\n' +
        '# END GATEHOUSE OTP\n# as it was\n@include common-auth\n',
    )
    expect(statSync(at('usr/local/sbin/gatehouse-otp')).mode & 0o777).toBe(0o755)
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

  test('changes nothing where it could not work, and says what is in the way', async () => {
    const refusals: readonly (readonly [() => void, string])[] = [
      [() => configure(['NoSuchSetting yes']), 'mend that first'],
      [() => configure([], 'no'), 'set UsePAM yes'],
      [() => configure(['UseDNS yes']), 'set UseDNS no'],
      [() => configure(['AuthenticationMethods publickey']), 'leaves no room for a password of deploy'],
      [() => void (answer = says('<html>log in first</html>')), 'does not answer as Gatehouse does'],
      [() => rmSync(at('etc/pam.d/sshd')), 'does not ask PAM by that name'],
    ]
    for (const [spoil, words] of refusals) {
      configure([includeLine(root)])
      answer = says({ data: { message: 'verify-echo-response' } })
      spoil()
      const before = snapshot()
      const { code, output } = await runIn()
      expect([code, output]).toEqual([1, expect.stringContaining(words)])
      expect(snapshot()).toBe(before)
    }
  })

  test('stops on a machine that has not the pinned key', async () => {
    const other = (await generateEd25519()).publicKey
    const before = snapshot()
    const { code, output } = await runIn({ hostKey: formatPublicKey(other), fingerprint: fingerprint(other) })
    expect([code, output]).toEqual([1, expect.stringContaining('does not have the key that is pinned for db-1')])
    expect(snapshot()).toBe(before)
  })

  test('puts everything back when sshd does not take the result', async () => {
    const before = snapshot()
    const script = otpSetupScript(setup).replace('  KbdInteractiveAuthentication yes', '  NoSuchSetting')
    expect(await root.run(script)).toMatchObject({ code: 1 })
    expect(snapshot()).toBe(before)
    expect(existsSync(at('usr/local/sbin/gatehouse-otp'))).toBe(false)
  })
})

describe('the helper', () => {
  const otp = 'k3fd-9xq2-7w0m-rt4a-8zch-n5pv'
  interface Login {
    readonly typed?: string
    readonly user?: string
    readonly from?: string
  }
  /** Runs it as PAM does: what was typed and a zero byte on standard input, and no environment but PAM's. */
  const letsIn = ({ typed = otp, user = 'deploy', from = '192.0.2.9' }: Login = {}): Promise<boolean> =>
    new Promise((resolve) => {
      const path = at('helper')
      writeFileSync(path, `${helperScript(setup).join('\n')}\n`)
      const env = { PAM_USER: user, PAM_RHOST: from, PAM_SERVICE: 'sshd', PAM_TYPE: 'auth' }
      const child = execFile('sh', [path], { env }, (error) => resolve(error === null))
      child.stdin?.on('error', () => undefined) // it may refuse before it has read
      child.stdin?.end(`${typed}\0`)
    })

  test('lets in where Gatehouse names the account, and says all that it knows of the log-in', async () => {
    answer = says(good('deploy'))
    expect(await letsIn()).toBe(true)
    expect(asked.map(({ path }) => path)).toEqual(['/trpc/sshOtp.verify'])
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
      otp,
      account: 'deploy',
      clientAddress: '192.0.2.9',
      hostFingerprint: pinned.fingerprint,
    })
    expect(await letsIn({ from: '2001:db8::7' })).toBe(true)
  })

  test.each([
    ['names another account', says(good('root'))],
    ['names one that only ends or begins so', says(good('deploy2'))],
    ['refuses', says({ error: { data: { refusal: { code: 'invalid-credentials' } } } }, 401)],
    ['refuses, whatever else it says', says(good('deploy'), 401)],
    ['is sent elsewhere', says('', 302, { location: 'https://example.org/' })],
    ['is a page of somebody else', says('<html>200</html>')],
    ['says nothing', says('')],
    ['breaks off', (_: IncomingMessage, response: ServerResponse) => void response.destroy()],
  ])('lets nobody in where the answer %s', async (_, says) => {
    answer = says
    expect(await letsIn()).toBe(false)
    expect(asked).toHaveLength(1)
  })

  test.each([
    ['nothing', { typed: '' }],
    ['a password of the system', { typed: 'correct horse' }],
    ['what would be more than a text in JSON', { typed: '"}' }],
    ['a probe of Vault', { typed: 'VERIFY' }],
    ['an account that is none', { user: 'a"b' }],
    ['a name instead of an address', { from: 'gateway.example.org' }],
    ['no address', { from: '' }],
  ])('does not ask about %s', async (_, login) => {
    answer = says(good('deploy'))
    expect(await letsIn(login)).toBe(false)
    expect(asked).toEqual([])
  })

  test('lets nobody in where nobody answers', async () => {
    const reached = setup.serverUrl
    setup = { ...setup, serverUrl: 'http://127.0.0.1:1' }
    expect(await letsIn()).toBe(false)
    setup = { ...setup, serverUrl: reached }
  })
})
