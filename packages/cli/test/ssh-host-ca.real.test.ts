// A host with a certificate is known by the host CA, to `ssh connect` and to plain ssh with the lines of `ssh config`.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  formatPublicKey,
  generateEd25519,
  parsePublicKeyLine,
  randomSerial,
  signEd25519,
  signHostCertificate,
  type Ed25519KeyPair,
} from '@gatehouse/ssh/wire'
import { builtPrograms, startSshd, type TestSshd } from '@gatehouse/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { freshConfigHome } from './run.ts'
import { signedBy, type SigningWish } from './signed-by.ts'
import { startWireServer, type Answer, type ReceivedCall, type WireServer } from './wire-server.ts'

const { cli: bin } = await builtPrograms()
const tomorrow = new Date(Date.now() + 86_400_000)
const yesterday = new Date(Date.now() - 86_400_000)

let userCa: Ed25519KeyPair
let hostCa: Ed25519KeyPair
let sshd: TestSshd
let server: WireServer
let directory: string
let configHome: string
/** What the control plane says of the host. */
let certified: { readonly certifiedNames: readonly string[] | null; readonly certifiedUntil: string | null }
let pinned: string
let former: readonly string[]

beforeAll(async () => {
  ;[userCa, hostCa] = await Promise.all([generateEd25519(), generateEd25519()])
  directory = await mkdtemp(join(tmpdir(), 'gatehouse-host-ca-'))
  sshd = await startSshd({
    trustedUserCaKeys: formatPublicKey(userCa.publicKey),
    principals: 'bare',
    configuration: [`HostCertificate ${directory}/host-cert.pub`],
  })
  server = await startWireServer(answer)
})
afterAll(async () => {
  await server.close()
  await sshd.stop()
  await rm(directory, { recursive: true })
})
beforeEach(async () => {
  configHome = freshConfigHome()
  server.calls.length = 0
  certified = { certifiedNames: ['127.0.0.1', 'db-1'], certifiedUntil: tomorrow.toISOString() }
  // nobody's key: who gets in knows the host by something else
  pinned = formatPublicKey((await generateEd25519()).publicKey)
  former = []
})

const answer = async ({ name, input }: ReceivedCall): Promise<Answer> => {
  const { address, port, user } = sshd
  const host = {
    id: 'h1',
    name: 'db-1',
    address,
    port,
    user,
    access: 'ca',
    hostKey: pinned,
    formerHostKeys: former,
    ...certified,
  }
  if (name === 'sshHost.get') return { output: host }
  if (name === 'sshHost.list') return { output: { items: [host], nextCursor: null } }
  if (name === 'sshCa.get') return { output: { hostCaPublicKey: formatPublicKey(hostCa.publicKey) } }
  if (name === 'sshCertificate.sign') return { output: await signedBy(userCa, input as SigningWish) }
  return name === 'sshCertificate.revoke' ? { output: {} } : { refusal: { code: 'not-found' }, status: 404 }
}

interface Shown {
  readonly names?: readonly string[]
  readonly by?: Ed25519KeyPair
  readonly key?: string
}
/** The certificate that the host shows from now on. */
const show = async ({ names = ['127.0.0.1', 'db-1'], by = hostCa, key = sshd.hostPublicKeyLine }: Shown = {}) => {
  const now = new Date()
  const { line } = await signHostCertificate(
    {
      key: parsePublicKeyLine(key),
      serial: randomSerial(),
      keyId: 'db-1',
      sshPrincipals: names,
      now,
      validBefore: tomorrow,
    },
    { publicKey: by.publicKey, sign: (data) => signEd25519(by.privateKey, data) },
  )
  await writeFile(join(directory, 'host-cert.pub'), `${line}\n`)
  await sshd.halt()
  await sshd.resume()
}

const run = (program: string, words: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const env = { ...process.env, GATEHOUSE_URL: server.url, GATEHOUSE_TOKEN: 'x', GATEHOUSE_CONFIG_HOME: configHome }
    execFile(program, words, { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    ).stdin?.end()
  })
const gatehouse = (...words: readonly string[]) => run(process.execPath, [bin, ...words])

const ways = {
  'ssh connect': () => gatehouse('ssh', 'connect', 'db-1', '--', 'echo', 'in'),
  'plain ssh': async () => {
    const config = join(configHome, 'config')
    await writeFile(config, (await gatehouse('ssh', 'config')).stdout)
    return run('ssh', ['-F', config, 'db-1', 'echo', 'in'])
  },
} as const

describe.each(Object.keys(ways) as (keyof typeof ways)[])('%s', (way) => {
  const comes = async (): Promise<'in' | 'unknown host'> => {
    const { code, stdout, stderr } = await ways[way]()
    if (code === 0 && stdout === 'in\n') return 'in'
    expect([code, stderr]).toEqual([255, expect.stringContaining('Host key verification failed')])
    return 'unknown host'
  }

  test('knows a host by the CA alone, whatever key it has', async () => {
    await show()
    expect(await comes()).toBe('in')
    expect(server.calls.filter(({ name }) => name === 'sshCa.get').length).toBeGreaterThan(0)
  })

  test('takes no certificate of another CA, or for other names', async () => {
    await show({ by: await generateEd25519() })
    expect(await comes()).toBe('unknown host')
    await show({ names: ['db-2'] })
    expect(await comes()).toBe('unknown host')
  })

  test('takes no certificate of a key that was another one before', async () => {
    await show()
    former = [sshd.hostPublicKeyLine]
    expect(await comes()).toBe('unknown host')
  })

  test('goes by the pinned key alone where the host has no certificate, or had one', async () => {
    await show()
    for (const none of [
      { certifiedNames: null, certifiedUntil: null },
      { certifiedNames: ['127.0.0.1', 'db-1'], certifiedUntil: yesterday.toISOString() },
    ]) {
      certified = none
      expect(await comes()).toBe('unknown host')
    }
    expect(server.calls.map(({ name }) => name)).not.toContain('sshCa.get')
    pinned = sshd.hostPublicKeyLine
    expect(await comes()).toBe('in')
  })

  test('knows a host by its pinned key where its certificate is no good any more', async () => {
    await show({ by: await generateEd25519() })
    pinned = sshd.hostPublicKeyLine
    expect(await comes()).toBe('in')
  })
})

test('a name of the host is no pattern, whatever the server says', async () => {
  certified = { certifiedNames: ['*'], certifiedUntil: tomorrow.toISOString() }
  expect((await gatehouse('ssh', 'connect', 'db-1', '--', 'true')).code).toBe(1)
  expect(server.calls.map(({ name }) => name)).not.toContain('sshCertificate.sign')
  expect((await gatehouse('ssh', 'config')).code).toBe(1)
})
