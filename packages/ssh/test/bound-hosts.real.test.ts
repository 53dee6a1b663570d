import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Raw } from '@gatehouse/contract'
import { startSshd, testSeed, volume, type TestSshd } from '@gatehouse/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  boundSshPrincipal,
  fingerprint,
  formatPrivateKey,
  formatPublicKey,
  generateEd25519,
  parseCertificate,
  parsePublicKeyLine,
} from '../src/wire/index.ts'
import { person, startAccessSystem, type AccessNode, type AccessSystem } from './access-system.ts'
import { logIn, type Credential } from './log-in.ts'

// Threats E11, E12: a credential wider than what was decided, and the server as a scanner.
let system: AccessSystem
/** Gives a host that does not answer a second, where the others give one as long as a busy machine may need. */
let hasty: AccessNode
let [a, b]: TestSshd[] = []
let pair: { privateKey: string; publicKey: string }

const tiers = ['development', 'staging', 'production'] as const
const roles = ['Admin', 'Operator', 'Developer'] as const
type Role = (typeof roles)[number]

const sshdA = (): TestSshd => must(a)
const sshdB = (): TestSshd => must(b)
function must<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('it was not started')
  return value
}

beforeAll(async () => {
  system = await startAccessSystem()
  hasty = await system.addNode({ contactSeconds: 1 })
  for (const id of tiers)
    await system.node.db.insertInto('workspace').values({ id, name: id, environment: id, archived_at: null }).execute()
  const trusted = { trustedUserCaKeys: await system.node.ssh.documents.caPublicKey() }
  ;[a, b] = await Promise.all([startSshd(trusted), startSshd(trusted)])
  const { privateKey, publicKey } = await generateEd25519()
  pair = { privateKey: formatPrivateKey(privateKey), publicKey: formatPublicKey(publicKey) }
})
afterAll(async () => {
  await a?.stop()
  await b?.stop()
  await system.close()
})
beforeEach(() => actAs('Operator'))

/** What was registered before is gone, and its keys are nobody's again. */
async function forgetHosts(): Promise<void> {
  const left = await system.node.db.selectFrom('ssh_host').select('id').where('removed_at', 'is', null).execute()
  for (const { id } of left) await system.node.call('sshHost.remove', { id, reason: 'next', machineGone: true })
  await system.node.db.deleteFrom('ssh_host_key').execute()
}

const actAs = (role: Role): void => void Object.assign(person, { roles: [role] })

type Registration = Partial<Raw<'sshHost.register'>> & { name: string }
const registration = (sshd: TestSshd, changes: Registration): Raw<'sshHost.register'> => ({
  address: '127.0.0.1',
  port: sshd.port,
  user: sshd.user,
  access: 'ca',
  ...changes,
})
const register = (sshd: TestSshd, changes: Registration) =>
  system.node.call('sshHost.register', registration(sshd, changes))
/** Where nobody answers, or nobody that counts. */
const registerInVain = (changes: Registration, node = hasty) =>
  node.call('sshHost.register', registration(sshdA(), changes))
const sign = async (host: string, node = system.node): Promise<Credential> => {
  const input = { host, publicKey: pair.publicKey, purpose: 'test', ttlSeconds: 600 }
  const { certificate } = await node.call('sshCertificate.sign', input)
  return { privateKey: pair.privateKey, certificate }
}

describe('a certificate opens the one host that it was decided for (threat E11)', () => {
  // A day each pair of tiers with one of the roles, each role from each tier and to each; the long tests have all.
  const pairs = tiers.flatMap((from, row) =>
    tiers.map((to, column) => {
      const role = roles[(row + column + testSeed()) % roles.length] ?? 'Admin'
      return [from, to, volume<readonly Role[]>({ full: roles, sample: [role] })] as const
    }),
  )
  type Tier = (typeof tiers)[number]
  /** Of each tier a host that certificates are for, and another one. */
  let hosts: ReadonlyMap<`${'own' | 'other'}-${Tier}`, TestSshd>
  const hostOf = (whose: 'own' | 'other', tier: Tier): TestSshd => must(hosts.get(`${whose}-${tier}`))

  beforeAll(async () => {
    actAs('Admin')
    const trusted = { trustedUserCaKeys: await system.node.ssh.documents.caPublicKey() }
    hosts = new Map(
      await Promise.all(
        (['own', 'other'] as const)
          .flatMap((whose) => tiers.map((tier) => ({ name: `${whose}-${tier}` as const, workspace: tier })))
          .map(async (place) => {
            const sshd = await startSshd(trusted)
            await register(sshd, place)
            return [place.name, sshd] as const
          }),
      ),
    )
  })
  afterAll(async () => {
    await Promise.all([...hosts.values()].map((sshd) => sshd.stop()))
  })

  test.each(pairs)("a %s host's certificate is refused on a %s host, for %s", async (from, to, those) => {
    for (const role of those) {
      actAs(role)
      const credential = await sign(`own-${from}`)
      const tried = [hostOf('own', from), hostOf('other', to)].map((sshd) => logIn(sshd, credential))
      expect([role, ...(await Promise.all(tried))]).toEqual([role, 'in', 'refused'])
    }
  })
})

describe('what a certificate names (threat E11)', () => {
  beforeEach(forgetHosts)

  test('its principal is the account at the fingerprint of the pinned key, for Gatehouse itself as well', async () => {
    await register(sshdA(), { name: 'a' })
    const { certificate = '' } = await sign('a')
    expect(parseCertificate(certificate).sshPrincipals).toEqual([
      boundSshPrincipal(sshdA().user, parsePublicKeyLine(sshdA().hostPublicKeyLine)),
    ])
    expect((await system.node.call('sshHost.check', { id: 'a' })).reachable).toBe(true)
    expect(sshdA().log()).toMatch(/Accepted publickey .* ID gatehouse host=/)
  })

  test('a host that is unbound by an Admin gets the bare account, which no bound host takes', async () => {
    await register(sshdA(), { name: 'a', unbound: true })
    const bare = await sign('a')
    expect(parseCertificate(bare.certificate ?? '').sshPrincipals).toEqual([sshdA().user])
    expect(await Promise.all([logIn(sshdA(), bare), logIn(sshdB(), bare)])).toEqual(['refused', 'refused'])
    expect(await system.node.call('sshHost.get', { id: 'a' })).toMatchObject({ unbound: true })
  })
})

describe('an entry for another machine gives nothing (threat E11)', () => {
  beforeEach(forgetHosts)

  // side by side: each of them takes its whole time, twice
  test("nothing that is not there gets a certificate, with no key, nor what only shows another machine's", async () => {
    const made = formatPublicKey((await generateEd25519()).publicKey)
    const { liar, port: liarsPort } = await startLiar()
    const outcomes = await Promise.all(
      (
        [
          ['phantom', 1, made],
          ['borrower', 2, sshdB().hostPublicKeyLine],
          ['liar', liarsPort, sshdA().hostPublicKeyLine],
        ] as const
      ).map(([name, port, hostKey]) => {
        const asked = registerInVain({ name, port, hostKey }).then(() => sign(name, hasty))
        return asked.then(
          () => 'signed',
          (error: { code: string }) => error.code,
        )
      }),
    )
    liar.close()
    expect(outcomes).toEqual(['host-unreachable', 'host-unreachable', expect.stringMatching(/^host-/)])
  })

  test('an Admin waives the contact with a reason that every view shows; the certificate stays bound', async () => {
    await registerInVain({
      name: 'later',
      port: 1,
      hostKey: sshdA().hostPublicKeyLine,
      contactWaiver: 'behind a bastion',
    })
    const credential = await sign('later')
    expect(await logIn(sshdB(), credential)).toBe('refused')
    expect(await system.node.call('sshHost.get', { id: 'later' })).toMatchObject({
      contactWaiver: 'behind a bastion',
      keySeenAt: null,
    })
  })

  test('ten registrations at once of one machine make one host', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => register(sshdA(), { name: `n-${index}` })),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test("a removed host's key comes back in its own workspace, elsewhere only by an Admin", async () => {
    await register(sshdA(), { name: 'first', workspace: 'production' })
    await system.node.call('sshHost.remove', { id: 'first', reason: 'gone' })
    await expect(register(sshdA(), { name: 'again', workspace: 'development' })).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(await register(sshdA(), { name: 'again', workspace: 'production' })).toMatchObject({ name: 'again' })
    await system.node.call('sshHost.remove', { id: 'again', reason: 'gone' })
    actAs('Admin')
    expect(await register(sshdA(), { name: 'third', workspace: 'development' })).toMatchObject({ name: 'third' })
  })
})

describe('one machine is one host (threat E11)', () => {
  beforeAll(async () => {
    actAs('Operator')
    await forgetHosts()
    await register(sshdA(), { name: 'first', workspace: 'production' })
  })

  test.each([
    ['the same address', {}],
    ['the same address in another spelling', { address: '::ffff:127.0.0.1' }],
    ['another name for it', { address: 'localhost' }],
    ['another workspace', { workspace: 'development' }],
    ['the management key', { access: 'managementKey' as const, authorizedKeysPath: '/root/.ssh/authorized_keys' }],
    // nobody answers there
    ['another address, with the same key', { address: '127.0.0.2', hostKey: 'the same' }],
  ])('a second registration by %s is refused, and tells only Admins which entry it meets', async (_, changes) => {
    const told = async () => {
      const wish = { name: 'second', ...changes }
      const asked =
        'hostKey' in changes ? registerInVain({ ...wish, hostKey: sshdA().hostPublicKeyLine }) : register(sshdA(), wish)
      const error: unknown = await asked.catch((cause: unknown) => cause)
      return JSON.stringify([(error as { code: string }).code, (error as { details: unknown }).details])
    }
    actAs('Operator')
    const toOperator = await told()
    expect(toOperator).toContain('conflict')
    expect(toOperator).not.toContain('first')
    actAs('Admin')
    expect(await told()).toContain('first')
  })
})

describe('what is known of a host changes', () => {
  beforeEach(forgetHosts)

  test('after a move the key must be seen anew; names and addresses keep to their rule', async () => {
    await register(sshdA(), { name: 'a' })
    expect((await system.node.call('sshHost.get', { id: 'a' })).keySeenAt).not.toBeNull()
    const changed = await system.node.call('sshHost.update', {
      id: 'a',
      name: 'renamed',
      address: 'LOCALHOST',
      principals: [sshdA().user, 'first.last', 'Administrator', 'administrator'],
    })
    expect(changed).toMatchObject({
      name: 'renamed',
      address: 'localhost',
      keySeenAt: null,
      principals: [sshdA().user, 'first.last', 'Administrator'],
    })
    expect(await logIn(sshdA(), await sign('RENAMED'))).toBe('in')
    const other = await system.node.call('sshCertificate.sign', {
      host: 'renamed',
      login: 'ADMINISTRATOR',
      publicKey: pair.publicKey,
      purpose: 'case',
      ttlSeconds: 60,
    })
    expect(other.sshPrincipals[0]).toMatch(/^Administrator@SHA256:/)
  })

  test('a reinstalled machine: both keys are shown, and the new one is pinned once it is confirmed', async () => {
    await register(sshdA(), { name: 'a' })
    const before = await sign('a')
    const { id } = await system.node.call('sshHost.get', { id: 'a' })
    // the entry is the same, the machine there is another
    await system.node.db.updateTable('ssh_host').set({ port: sshdB().port }).where('id', '=', id).execute()
    const shown = await system.node.call('sshHost.repin', { id: 'a', reason: 'reinstalled' })
    const keyB = fingerprint(parsePublicKeyLine(sshdB().hostPublicKeyLine))
    expect(shown).toMatchObject({ repinned: false, shown: { fingerprint: keyB } })
    expect(shown.pinned.fingerprint).toBe(fingerprint(parsePublicKeyLine(sshdA().hostPublicKeyLine)))
    expect(shown.host.hostKeyFingerprint).toBe(shown.pinned.fingerprint)
    await expect(
      system.node.call('sshHost.repin', { id: 'a', reason: 'x', fingerprint: shown.pinned.fingerprint }),
    ).rejects.toMatchObject({ code: 'invalid-input' })
    const done = await system.node.call('sshHost.repin', { id: 'a', reason: 'reinstalled', fingerprint: keyB })
    expect(done).toMatchObject({ repinned: true, host: { hostKeyFingerprint: keyB, keySeenAt: expect.any(Date) } })
    expect(await logIn(sshdB(), await sign('a'))).toBe('in')
    expect(await logIn(sshdB(), before)).toBe('refused')
  })

  test('what may be left out is taken away again by an empty text, and stays where nothing is said', async () => {
    await register(sshdA(), { name: 'a', authorizedKeysPath: '/etc/ssh/keys/%u', contactWaiver: 'behind a bastion' })
    const update = (change: object) => system.node.call('sshHost.update', { id: 'a', ...change })
    const all = { authorizedKeysPath: '/etc/ssh/keys/%u', contactWaiver: 'behind a bastion' }
    expect(await update({ port: sshdA().port })).toMatchObject(all)
    expect(await update({ authorizedKeysPath: '' })).toMatchObject({ ...all, authorizedKeysPath: null })
    expect(await update({ contactWaiver: '' })).toMatchObject({ authorizedKeysPath: null, contactWaiver: null })
  })

  test('a host is removed with its certificates; a key that may be on it is listed, unless it is gone', async () => {
    const file = join(sshdA().directory, 'keys')
    writeFileSync(file, '')
    await register(sshdA(), { name: 'a', authorizedKeysPath: file })
    const certificate = await system.node.call('sshCertificate.sign', {
      host: 'a',
      publicKey: pair.publicKey,
      purpose: 'x',
      ttlSeconds: 600,
    })
    const key = await system.node.call('sshKey.generate', { host: 'a', purpose: 'x', ttlSeconds: 600 })
    await system.node.call('sshKey.deploy', { id: key.id })
    await expect(system.node.call('sshHost.remove', { id: 'a', reason: 'old' })).rejects.toMatchObject({
      code: 'conflict',
      details: { hint: expect.stringContaining(key.id) },
    })
    await expect(
      system.node.call('sshHost.update', { id: 'a', authorizedKeysPath: '/elsewhere' }),
    ).rejects.toMatchObject({ code: 'conflict', details: { hint: expect.stringContaining(key.id) } })
    expect(await system.node.call('sshHost.remove', { id: 'a', reason: 'burnt', machineGone: true })).toMatchObject({
      name: 'a',
      endedLeases: 2,
    })
    for (const id of [key.leaseId, certificate.leaseId])
      expect(await system.node.call('lease.get', { id })).toMatchObject({ state: 'revoked', reason: 'burnt' })
    await expect(system.node.call('sshHost.get', { id: 'a' })).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('the server is no scanner (threat E12)', () => {
  const contactSeconds = 2
  let scanner: AccessNode
  let quiet: Server
  let rude: Server
  beforeEach(forgetHosts)
  beforeAll(async () => {
    scanner = await system.addNode({ contactSeconds })
    quiet = createServer().listen(0, '127.0.0.1')
    rude = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1')
    await Promise.all([once(quiet, 'listening'), once(rude, 'listening')])
  })
  afterAll(() => {
    quiet.close()
    rude.close()
  })

  /**
   * Nobody who waited less knows more, and nobody waits much longer: all of them are asked at once, so a busy machine
   * makes all of them late.
   */
  const expectSameTimes = (seconds: readonly number[]): void => {
    expect(Math.min(...seconds)).toBeGreaterThan(contactSeconds - 0.1)
    expect(Math.max(...seconds) - Math.min(...seconds)).toBeLessThan(contactSeconds)
  }

  test('nothing there, somebody silent and somebody else answer the same after the same time', async () => {
    const ports = [1, (quiet.address() as AddressInfo).port, (rude.address() as AddressInfo).port]
    const answers = await Promise.all(
      ports.map(async (port) => {
        const begun = performance.now()
        const error: unknown = await registerInVain({ name: `x-${port}`, port }, scanner).catch(
          (cause: unknown) => cause,
        )
        const { code, details } = error as { code: string; details: unknown }
        return { said: JSON.stringify([code, details]), seconds: (performance.now() - begun) / 1000 }
      }),
    )
    expect(new Set(answers.map(({ said }) => said)).size).toBe(1)
    expectSameTimes(answers.map(({ seconds }) => seconds))
  })

  test('a check says and takes the same as well', async () => {
    const ports = [1, (quiet.address() as AddressInfo).port, (rude.address() as AddressInfo).port]
    const said = await Promise.all(
      ports.map(async (port) => {
        const hostKey = formatPublicKey((await generateEd25519()).publicKey)
        await registerInVain({ name: `x-${port}`, port, hostKey })
        const begun = performance.now()
        const host = await scanner.call('sshHost.check', { id: `x-${port}` })
        return { said: host.lastError, seconds: (performance.now() - begun) / 1000 }
      }),
    )
    expectSameTimes(said.map(({ seconds }) => seconds))
    expect(new Set(said.map((one) => one.said))).toEqual(new Set(['the host cannot be reached']))
  })

  test.each(['169.254.169.254', '0.0.0.0', 'fe80::1', '224.0.0.1', '2130706433', '0x7f000001', '127.1'])(
    '%s is refused before anything is sent',
    async (address) => {
      await expect(register(sshdA(), { name: 'x', address, sourceAddresses: ['192.0.2.1'] })).rejects.toMatchObject({
        code: 'invalid-input',
        details: { fields: [{ path: 'address', message: expect.any(String) }] },
      })
    },
  )
})

describe('what is never signed (threat A8)', () => {
  test("Gatehouse's own keys are nobody's", async () => {
    await forgetHosts()
    await register(sshdA(), { name: 'a' })
    const { documents } = system.node.ssh
    for (const publicKey of [await documents.caPublicKey(), documents.managementPublicKey])
      await expect(
        system.node.call('sshCertificate.sign', { host: 'a', publicKey, purpose: 'x', ttlSeconds: 60 }),
      ).rejects.toMatchObject({ code: 'invalid-input', details: { fields: [{ path: 'publicKey' }] } })
  })
})

/** A listener that forwards nothing and proves nothing: a real sshd's words without its key. */
async function startLiar(): Promise<{ liar: Server; port: number }> {
  mkdirSync(join(sshdA().directory, 'liar'), { recursive: true })
  const liar = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')).listen(0, '127.0.0.1')
  await once(liar, 'listening')
  return { liar, port: (liar.address() as AddressInfo).port }
}
