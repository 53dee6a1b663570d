import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect as connectTo, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { formatPublicKey, generateEd25519, type Ed25519KeyPair } from '@gatehouse/ssh/wire'
import { builtPrograms, startSshd, type TestSshd } from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshConfigHome } from './run.ts'
import { signedBy, type SigningWish } from './signed-by.ts'
import { startWireServer, type Answer, type ReceivedCall, type WireServer } from './wire-server.ts'

const { cli: bin } = await builtPrograms()
/** As it stands in a checkout: whatever Node runs it, it finds the pinned one. */
const binOfCheckout = join(import.meta.dirname, '..', 'bin', 'gatehouse.js')

let ca: Ed25519KeyPair
let sshd: TestSshd
let server: WireServer
/** What the control plane answers to a revocation; tests change it. */
let revocation: () => Answer
let pinnedKey: string

beforeAll(async () => {
  ca = await generateEd25519()
  sshd = await startSshd({ trustedUserCaKeys: formatPublicKey(ca.publicKey), principals: 'bare' })
  server = await startWireServer(answer)
})
afterAll(async () => {
  await server.close()
  await sshd.stop()
})

const answer = async ({ name, input }: ReceivedCall): Promise<Answer> => {
  if (name === 'sshHost.get')
    return {
      output: {
        id: 'h1',
        name: 'db-1',
        address: sshd.address,
        port: sshd.port,
        user: sshd.user,
        access: 'ca',
        hostKey: pinnedKey,
      },
    }
  if (name === 'sshCertificate.sign') return { output: await signedBy(ca, input as SigningWish) }
  return name === 'sshCertificate.revoke' ? revocation() : { refusal: { code: 'not-found' }, status: 404 }
}

const fresh = (): void => {
  server.calls.length = 0
  revocation = () => ({ output: { id: 'cert1', state: 'revoked' } })
  pinnedKey = sshd.hostPublicKeyLine
}
/** A token of a type; what else it says is the server's to read. */
const tokenOf = (typ: string): string => `${Buffer.from(JSON.stringify({ typ })).toString('base64url')}.e30.x`
const environment = (token = 'x'): NodeJS.ProcessEnv => ({
  ...process.env,
  GATEHOUSE_URL: server.url,
  GATEHOUSE_TOKEN: token,
  GATEHOUSE_CONFIG_HOME: freshConfigHome(),
})
interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}
const connect = (words: readonly string[], stdin = '', host = 'db-1'): Promise<Ran> =>
  run(['ssh', 'connect', host, ...words], stdin)
const run = (words: readonly string[], stdin = '', token = 'x'): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [bin, ...words], { env: environment(token) }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }),
    )
    child.stdin?.end(stdin)
  })
const start = (words: readonly string[]): ChildProcess =>
  spawn(process.execPath, [bin, 'ssh', 'connect', 'db-1', ...words], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
/** All that a port of this machine says; asked again until somebody listens. */
const readAll = async (port: number): Promise<string> => {
  for (let tries = 0; ; tries += 1) {
    try {
      const socket = connectTo({ host: '127.0.0.1', port })
      let text = ''
      socket.setEncoding('utf8').on('data', (part: string) => (text += part))
      await once(socket, 'end')
      return text
    } catch (error) {
      if (tries > 50) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo // listening on TCP
  probe.close()
  return port
}
const called = (): readonly string[] => server.calls.map(({ name }) => name)

describe('ssh connect', () => {
  test('runs a command on the host, prints its answer alone on standard output, and revokes', async () => {
    fresh()
    const { code, stdout, stderr } = await connect(['--', 'echo', 'hello from', '$((40+2))'])
    expect([code, stdout]).toEqual([0, 'hello from 42\n'])
    expect(stderr).toMatch(/^certificate for 15 min · lease [0-9a-f]{8}-[0-9a-f]{4} · audited\nrevoked\n$/)
    expect(called()).toEqual(['sshHost.get', 'sshCertificate.sign', 'sshCertificate.revoke'])
    expect(server.calls[2]?.input).toEqual({ id: 'cert1', reason: 'connection ended' })
  })

  test('sends what was asked for, and a public key only', async () => {
    fresh()
    await connect(['--login', sshd.user, '--ttl', '30m', '--purpose', 'look', '--workspace', 'w', '--', 'true'])
    expect(server.calls[1]?.input).toEqual({
      host: 'db-1',
      login: sshd.user,
      ttlSeconds: 1800,
      purpose: 'look',
      workspace: 'w',
      publicKey: expect.stringMatching(/^ssh-ed25519 AAAA[^ ]+$/),
    })
  })

  test('has the exit code of the remote command', async () => {
    fresh()
    expect((await connect(['--', 'exit', '42'])).code).toBe(42)
  })

  test('hands standard input through', async () => {
    fresh()
    expect((await connect(['--', 'wc', '-c'], 'x'.repeat(100_000))).stdout.trim()).toBe('100000')
  })

  test('leaves the certificate with --keep', async () => {
    fresh()
    await connect(['--keep', '--', 'true'])
    expect(called()).toEqual(['sshHost.get', 'sshCertificate.sign'])
  })

  test('refuses a host that shows another key than the pinned one, and still revokes', async () => {
    fresh()
    pinnedKey = formatPublicKey((await generateEd25519()).publicKey)
    const { code, stdout, stderr } = await connect(['--', 'echo', 'owned'])
    expect([code, stdout]).toEqual([255, ''])
    expect(stderr).toContain('Host key verification failed')
    expect(called()).toContain('sshCertificate.revoke')
  })

  test('says it when the certificate could not be revoked, and what to do, and keeps the exit code', async () => {
    fresh()
    revocation = () => ({ refusal: { code: 'forbidden', policies: ['no-more'] }, status: 403 })
    const { code, stderr } = await connect(['--quiet', '--', 'exit', '7'])
    expect(code).toBe(7)
    expect(stderr).toMatch(
      new RegExp(
        '^gatehouse: the certificate was not revoked: denied by no-more · it ends by itself in 15 min · ' +
          'gatehouse ssh-certificate revoke cert1 --reason',
      ),
    )
  })

  test('says that an emergency has taken the certificate along, and of another session that it has not', async () => {
    fresh()
    revocation = () => ({ refusal: { code: 'unauthenticated' }, status: 401 })
    const words = ['ssh', 'connect', 'db-1', '--', 'exit', '7']
    const ended = await run(words, '', tokenOf('bg+jwt'))
    expect(ended.code).toBe(7)
    expect(ended.stderr).toMatch(/audited\nthe emergency session has ended, and the certificate ends with it\n$/)
    const other = await run(words, '', tokenOf('at+jwt'))
    expect(other.stderr).toContain('the certificate was not revoked')
  })

  test('tries again when the gateway is just restarting', async () => {
    fresh()
    let attempt = 0
    revocation = () => (attempt++ === 0 ? { refusal: { code: 'unavailable' }, status: 503 } : { output: {} })
    expect((await connect(['--', 'true'])).stderr).toContain('revoked\n')
    expect(called().filter((name) => name === 'sshCertificate.revoke')).toHaveLength(2)
  })

  test('is content with a certificate that was ended meanwhile', async () => {
    fresh()
    revocation = () => ({ refusal: { code: 'lease-ended' }, status: 409 })
    expect((await connect(['--', 'true'])).stderr).toMatch(/revoked\n$/)
  })

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('revokes also when it is ended by %s', async (signal) => {
    fresh()
    const child = start(['--', 'echo', 'there;', 'sleep', '60'])
    await once(child.stdout ?? child, 'data')
    child.kill(signal)
    const [code] = await once(child, 'exit')
    expect(code).not.toBe(0)
    expect(called()).toEqual(['sshHost.get', 'sshCertificate.sign', 'sshCertificate.revoke'])
  })

  test('asks for nothing when the wish itself is wrong', async () => {
    fresh()
    expect((await connect(['--login', 'a,b', '--', 'id'])).code).toBe(2)
    expect(called()).toEqual([])
  })

  test('takes user@host, and one account only', async () => {
    fresh()
    const words = ['--', 'true']
    const { code } = await connect(words, '', `${sshd.user}@db-1`)
    expect(code).toBe(0)
    expect(server.calls[1]?.input).toMatchObject({ host: 'db-1', login: sshd.user })
    expect((await connect(['--login', 'other', ...words], '', `${sshd.user}@db-1`)).code).toBe(2)
  })

  test.each([
    ['-L', (here: number, there: number) => `${here}:127.0.0.1:${there}`],
    ['-R', (here: number, there: number) => `127.0.0.1:${here}:127.0.0.1:${there}`],
  ])("passes ssh's own %s through, glued or not", async (option, forward) => {
    fresh()
    const echo = createServer((socket) => socket.end('through')).listen(0, '127.0.0.1')
    await once(echo, 'listening')
    const { port } = echo.address() as AddressInfo // listening on TCP
    for (const glue of [true, false]) {
      const here = await freePort()
      const word = forward(here, port)
      const child = start([...(glue ? [`${option}${word}`] : [option, word]), '--', 'echo', 'there;', 'sleep', '20'])
      await once(child.stdout ?? child, 'data')
      expect(await readAll(here)).toBe('through')
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
    echo.close()
  })

  test.each([['-oProxyCommand=id'], ['-L', '-oProxyCommand=id'], ['-D', 'a b']])(
    'asks for nothing when a forwarding is %s %s',
    async (...words) => {
      fresh()
      expect((await connect([...words, '--', 'id'])).code).toBe(2)
      expect(called()).toEqual([])
    },
  )

  test('names the way for git and scp, which bring their own ssh', async () => {
    fresh()
    const asGit = await connect(["git-upload-pack 'x'"])
    expect([asGit.code, asGit.stderr]).toEqual([2, expect.stringContaining('gatehouse ssh config')])
    const { stderr } = await run(['scp', 'a', 'db-1:b'])
    expect(stderr).toContain('gatehouse ssh config')
  })

  test('under an older Node the pinned one is found, and signals and exit codes pass through it', async () => {
    fresh()
    const child = spawn('/bin/sh', ['-c', `exec node "${binOfCheckout}" ssh connect db-1 -- exit 9`], {
      env: { ...environment(), PATH: '/usr/local/bin:/usr/bin:/bin' },
      stdio: 'ignore',
    })
    const [code] = await once(child, 'exit')
    expect(code).toBe(9)
  })
})
