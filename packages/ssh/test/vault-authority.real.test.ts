// Certificates that the SSH CA of a real OpenBao signs, at a real sshd; and what of its answers is never given out.
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { askOpenBao, openBaoFacts, startSshd, type OpenBaoFacts, type TestSshd } from '@gatehouse/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  ANY_SOURCE_ADDRESS,
  fingerprint,
  formatPrivateKey,
  formatPublicKey,
  generateEd25519,
  isRevoked,
  parseCertificate,
  parsePublicKeyLine,
  parseRevocationList,
  randomSerial,
  signEd25519,
  signHostCertificate,
  signUserCertificate,
  type Ed25519KeyPair,
  type UserCertificateRequest,
} from '../src/wire/index.ts'
import { startAccessSystem, type AccessNode, type AccessSystem } from './access-system.ts'
import { logIn } from './log-in.ts'

let system: AccessSystem
/** Waits a second for an authority, where the other node waits as long as a busy machine may need. */
let hasty: AccessNode
let sshd: TestSshd
let directory: string
let person: { readonly privateKey: string; readonly publicKey: string }
let mounts = 0

let facts: OpenBaoFacts
const ask = (path: string, body?: unknown): Promise<unknown> => askOpenBao(facts, { path, body })

/** What the guide says that an engine needs: its role, and a policy for the token that asks it. */
const role = {
  key_type: 'ca',
  allow_user_certificates: true,
  allow_user_key_ids: true,
  allowed_users: '*',
  allowed_critical_options: 'source-address,verify-required',
  allowed_extensions: 'permit-pty,permit-port-forwarding',
  max_ttl: '24h',
}
const rights = (mount: string): string => `
  path "${mount}/config/ca" { capabilities = ["read"] }
  path "${mount}/sign/gatehouse" { capabilities = ["create", "update"] }`

interface Engine {
  readonly address: string
  readonly mount: string
  readonly role: string
  readonly token: string
}
/** An SSH engine with a CA of its own. */
async function startEngine(ca: object = { key_type: 'ed25519' }): Promise<Engine> {
  mounts += 1
  const mount = `ssh-${process.pid}-${mounts}`
  await ask(`sys/mounts/${mount}`, { type: 'ssh' })
  await ask(`${mount}/config/ca`, { generate_signing_key: true, ...ca })
  await ask(`${mount}/roles/gatehouse`, role)
  await ask(`sys/policies/acl/${mount}`, { policy: rights(mount) })
  const wish = { policies: [mount], no_parent: true, ttl: '1h' }
  const { auth } = (await ask('auth/token/create', wish)) as { auth: { client_token: string } } // as Vault answers
  return { address: facts.address, mount, role: 'gatehouse', token: auth.client_token }
}
const caOf = async ({ mount }: Engine): Promise<string> =>
  ((await ask(`${mount}/config/ca`)) as { data: { public_key: string } }).data.public_key.trim()

const configure = (name: string, engine: Engine, node = system.node) =>
  node.call('sshAuthority.configure', { name, ...engine })
const useFor = (authority: string) => system.node.call('sshHost.update', { id: 'box', authority })
const host = () => system.node.call('sshHost.get', { id: 'box' })
const sign = (changes: object = {}, node = system.node) =>
  node.call('sshCertificate.sign', {
    host: 'box',
    publicKey: person.publicKey,
    purpose: 'look around',
    ttlSeconds: 600,
    ...changes,
  })
const logInBy = ({ certificate }: { readonly certificate: string }, bind?: string) =>
  logIn(sshd, { privateKey: person.privateKey, certificate }, bind === undefined ? {} : { bind })

const hostKey = (): string => fingerprint(parsePublicKeyLine(sshd.hostPublicKeyLine))

/** What the agent of the host does: takes the list and the CAs, and says what it trusts. */
async function follow(): Promise<void> {
  const { documents } = system.node.ssh
  await writeFile(join(directory, 'new'), (await documents.revocationList()).body)
  await rename(join(directory, 'new'), join(directory, 'krl'))
  const { body } = await documents.trustedCas(hostKey())
  await writeFile(join(sshd.directory, 'user_ca_keys'), body)
  const trusts = body
    .split('\n')
    .flatMap((line) => (line.startsWith('ssh-') ? [fingerprint(parsePublicKeyLine(line))] : []))
  await system.node.db
    .updateTable('ssh_host')
    .set({ trusted_cas: trusts, reported_at: system.now() })
    .where('removed_at', 'is', null)
    .execute()
}

beforeAll(async () => {
  facts = await openBaoFacts()
  system = await startAccessSystem()
  hasty = await system.addNode({ contactSeconds: 1 })
  directory = await mkdtemp(join(tmpdir(), 'gh-vault-'))
  const { documents } = system.node.ssh
  await writeFile(join(directory, 'krl'), (await documents.revocationList()).body)
  sshd = await startSshd({ trustedUserCaKeys: await documents.caPublicKey(), revokedKeys: join(directory, 'krl') })
  const place = { address: '127.0.0.1', port: sshd.port, user: sshd.user, access: 'ca' } as const
  await system.node.call('sshHost.register', { name: 'box', ...place })
  const { privateKey, publicKey } = await generateEd25519()
  person = { privateKey: formatPrivateKey(privateKey), publicKey: formatPublicKey(publicKey) }
})
afterAll(async () => {
  await sshd.stop()
  await system.close()
  await rm(directory, { recursive: true })
})

/** No host has an authority, and nothing of one's is alive. */
const leaveAuthorities = async (): Promise<void> => {
  const { items } = await system.node.call('lease.list', { backend: 'ssh-certificate', state: 'active', first: 200 })
  for (const { id } of items) await system.node.call('lease.revoke', { id, reason: 'next test' })
  await useFor('gatehouse')
  await follow()
}

describe('an authority beside ours', () => {
  beforeEach(leaveAuthorities)

  test('signs for the hosts that name it, once they trust it; its certificates are leases like ours', async () => {
    const engine = await startEngine()
    const authority = await configure('bao', engine)
    expect(authority).toMatchObject({ name: 'bao', mount: engine.mount, publicKey: await caOf(engine), hosts: 0 })
    expect(JSON.stringify(authority)).not.toContain(engine.token)
    expect((await sign()).authority).toBeNull()

    expect(await useFor('bao')).toMatchObject({ authority: 'bao', trustsAuthority: false })
    expect((await system.node.call('sshAuthority.list', {})).items).toMatchObject([{ name: 'bao', hosts: 1 }])
    const before = await sign()
    expect(before.authority).toBeNull()
    await follow()
    expect(await host()).toMatchObject({ trustsAuthority: true, authorityPublicKey: await caOf(engine) })
    expect(await logInBy(before)).toBe('in')

    const entries = (await system.node.record()).length
    const signed = await sign()
    expect(signed).toMatchObject({ authority: 'bao', sshPrincipals: before.sshPrincipals })
    // it is outside: that it is asked is in the log before it is
    expect((await system.node.record()).slice(entries)).toEqual([
      'sshCertificate.sign intent',
      'sshCertificate.sign allowed',
    ])
    const certificate = parseCertificate(signed.certificate)
    expect(formatPublicKey(certificate.caKey)).toBe(await caOf(engine))
    expect(certificate.serial.toString()).toBe(signed.serial)
    expect([...certificate.criticalOptions]).toEqual([['source-address', '127.0.0.1/32']])
    const lease = await system.node.call('lease.get', { id: signed.leaseId })
    expect(lease).toMatchObject({ backend: 'ssh-certificate', state: 'active' })
    expect(Number(certificate.validBeforeSeconds) * 1000).toBeLessThanOrEqual(lease.expiresAt.getTime())
    expect(await logInBy(signed)).toBe('in')
    expect(await logInBy(signed, '127.0.0.2')).toBe('refused')
    expect((await system.node.call('sshCertificate.list', {})).items[0]).toMatchObject({ authority: 'bao' })
  })

  test('a certificate of its is refused once it is revoked, by its serial under its CA; others go on', async () => {
    await configure('bao-2', await startEngine())
    await useFor('bao-2')
    await follow()
    const [gone, good] = [await sign(), await sign()]
    expect([await logInBy(gone), await logInBy(good)]).toEqual(['in', 'in'])
    await system.node.call('sshCertificate.revoke', { id: gone.id, reason: 'done' })
    await follow()
    expect([await logInBy(gone), await logInBy(good)]).toEqual(['refused', 'in'])
    const list = parseRevocationList((await system.node.ssh.documents.revocationList()).body)
    expect([gone, good].map(({ certificate }) => isRevoked(list, parseCertificate(certificate)))).toEqual([true, false])
    await system.node.internal('lease.prove', {})
    const { state, evidence } = await system.node.call('lease.proof', { id: gone.leaseId })
    expect(state).toBe('refused')
    expect(evidence?.statement).toContain(fingerprint(parseCertificate(gone.certificate).caKey))
  })

  test('one host trusts it, and no other: whoever holds it opens what was given to it alone', async () => {
    await configure('bao-3', await startEngine())
    await useFor('bao-3')
    const { documents } = system.node.ssh
    const { authorityPublicKey } = await host()
    const other = fingerprint((await generateEd25519()).publicKey)
    expect((await documents.trustedCas(other)).body).not.toContain(authorityPublicKey)
    expect((await documents.trustedCas(null)).body).not.toContain(authorityPublicKey)
    const own = (await documents.trustedCas(hostKey())).body
    expect(own.split('\n').slice(1, 2)).toEqual([`# host ${hostKey()}`])
    expect(own).toContain(authorityPublicKey)
    expect(own).toContain(await documents.caPublicKey())
  })

  test('its CA is replaced without a moment at which a host takes none, and the one before ends', async () => {
    const [first, second] = [await startEngine(), await startEngine()]
    await configure('bao-4', first)
    await useFor('bao-4')
    await follow()
    const old = await sign()
    expect(await configure('bao-4', second)).toMatchObject({
      publicKey: await caOf(second),
      previousFingerprint: fingerprint(parsePublicKeyLine(await caOf(first))),
      hosts: 1,
    })
    // the host does not trust the new one yet: ours signs
    expect((await sign()).authority).toBeNull()
    await follow()
    const fresh = await sign()
    expect(formatPublicKey(parseCertificate(fresh.certificate).caKey)).toBe(await caOf(second))
    expect([await logInBy(old), await logInBy(fresh)]).toEqual(['in', 'in'])
    await expect(configure('bao-4', await startEngine())).rejects.toMatchObject({ code: 'conflict' })
    expect(await system.node.internal('sshCa.advance', {})).toEqual({ step: null })
    await system.node.db
      .updateTable('ssh_vault_authority')
      .set({ previous_until: system.now() })
      .where('previous_key', 'is not', null)
      .execute()
    expect(await system.node.internal('sshCa.advance', {})).toEqual({ step: 'finish' })
    await follow()
    expect([await logInBy(old), await logInBy(fresh)]).toEqual(['refused', 'in'])
  })

  test('cannot be removed, and no host taken from it, while something of its is alive', async () => {
    await configure('bao-5', await startEngine())
    await useFor('bao-5')
    await follow()
    const { leaseId } = await sign()
    const conflict = { code: 'conflict', details: { hint: expect.stringContaining('1 certificates') } }
    await expect(useFor('gatehouse')).rejects.toMatchObject(conflict)
    await expect(system.node.call('sshAuthority.remove', { id: 'bao-5', reason: 'x' })).rejects.toMatchObject({
      code: 'conflict',
    })
    await system.node.call('lease.revoke', { id: leaseId, reason: 'moved' })
    await useFor('gatehouse')
    expect(await system.node.call('sshAuthority.remove', { id: 'bao-5', reason: 'moved' })).toMatchObject({
      name: 'bao-5',
    })
    await expect(useFor('bao-5')).rejects.toMatchObject({ code: 'invalid-input' })
    const tokens = system.node.db.selectFrom('ssh_vault_authority').select('token').where('name', '=', 'bao-5')
    expect(await tokens.execute()).toEqual([{ token: null }])
  })
})

/** What the guide adds for `ssh-authority rotate`. */
const rotating = `
  path "auth/token/create-orphan" { capabilities = ["update", "sudo"] }
  path "auth/token/revoke-orphan" { capabilities = ["update", "sudo"] }`
const letRotate = ({ mount }: Engine): Promise<unknown> =>
  ask(`sys/policies/acl/${mount}`, { policy: rights(mount) + rotating })
const lookUp = (rootToken: string) => askOpenBao({ ...facts, rootToken }, { path: 'auth/token/lookup-self' })
const tokenRow = (id: string) =>
  system.node.db.selectFrom('ssh_vault_authority').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

describe('our token at an authority is replaced by one that nobody has seen', () => {
  beforeEach(leaveAuthorities)

  test('the one before opens nothing, and hosts are signed for all the while and after it', async () => {
    const engine = await startEngine()
    const { id } = await configure('rotated', engine)
    await letRotate(engine)
    await useFor('rotated')
    await follow()
    const answer = await system.node.call('sshAuthority.rotate', { id: 'rotated' })
    expect(answer).toMatchObject({ id, name: 'rotated', hosts: 1 })
    expect(JSON.stringify(answer)).not.toContain('token')
    await expect(lookUp(engine.token)).rejects.toThrow('403')
    expect(await logInBy(await sign())).toBe('in')
    expect(await system.node.call('sshAuthority.probe', { id })).toMatchObject({ usable: true, problem: null })
    expect(await tokenRow(id)).toMatchObject({ next_token: null, rotating_until: null })
  })

  test('one that may not end itself stays, is told what it lacks, and may be tried again at once', async () => {
    const engine = await startEngine()
    const { id } = await configure('unrotated', engine)
    const lacking = { code: 'conflict', details: { hint: expect.stringContaining('create-orphan') as string } }
    for (let times = 0; times < 2; times += 1)
      await expect(system.node.call('sshAuthority.rotate', { id })).rejects.toMatchObject(lacking)
    expect(await lookUp(engine.token)).toMatchObject({ data: { policies: expect.arrayContaining([engine.mount]) } })
    await letRotate(engine)
    await system.node.call('sshAuthority.rotate', { id })
    await expect(lookUp(engine.token)).rejects.toThrow('403')
  })

  // A node that dies between the two tokens must leave neither us without one nor the old one in force.
  test('a rotation that died once the one before had ended is finished by the next, and signing goes on', async () => {
    const engine = await startEngine()
    const { id } = await configure('died', engine)
    await letRotate(engine)
    const { token: before } = await tokenRow(id)
    await system.node.call('sshAuthority.rotate', { id })
    const { token: next } = await tokenRow(id)
    // as the row stood when the old token was ended and nothing more was written
    await system.node.db
      .updateTable('ssh_vault_authority')
      .set({ token: before, next_token: next })
      .where('id', '=', id)
      .execute()
    expect(await system.node.call('sshAuthority.probe', { id })).toMatchObject({ usable: true, problem: null })
    await system.node.call('sshAuthority.rotate', { id })
    const after = await tokenRow(id)
    expect(after).toMatchObject({ next_token: null, rotating_until: null })
    expect(after.token?.equals(next ?? Buffer.alloc(0))).toBe(false)
    expect(await system.node.call('sshAuthority.probe', { id })).toMatchObject({ usable: true, problem: null })
  })
})

describe('an authority is not configured', () => {
  const refusal = async (engine: Engine): Promise<string> => {
    const error: unknown = await configure('none', engine).catch((cause: unknown) => cause)
    expect((await system.node.call('sshAuthority.list', { first: 200 })).items.map(({ name }) => name)).not.toContain(
      'none',
    )
    return JSON.stringify([(error as { code: string }).code, (error as { details: unknown }).details])
  }

  test('whose CA is of a kind that hosts do not take', async () => {
    expect(await refusal(await startEngine({ key_type: 'ssh-rsa', key_bits: 2048 }))).toContain('key_type=ed25519')
  })

  test('whose token may not sign, whose role is none, or adds what nobody asked for', async () => {
    const engine = await startEngine()
    expect(await refusal({ ...engine, token: 'no such token' })).toContain('permission denied')
    expect(await refusal({ ...engine, mount: 'no-engine' })).toMatch(/conflict|unavailable/)
    await ask(`${engine.mount}/roles/gatehouse`, { ...role, allowed_critical_options: 'force-command' })
    expect(await refusal(engine)).toContain('conflict')
    await ask(`${engine.mount}/roles/gatehouse`, { ...role, max_ttl: '60s' })
    expect(await refusal(engine)).toContain('conflict')
  })

  test('at an address that is not for us to contact, or without TLS elsewhere', async () => {
    const engine = await startEngine()
    for (const address of ['http://192.0.2.1:8200', 'https://169.254.169.254', 'https://u:p@127.0.0.1', 'ftp://x'])
      expect(await refusal({ ...engine, address })).toMatch(/conflict|invalid-input/)
  })
})

/** Stands in for a Vault that is not to be trusted: real ones cannot be had to lie. */
describe('what an authority answers is given out only where it is just what was asked', () => {
  let liar: Server
  let ca: Ed25519KeyPair
  /** What it answers to a call; tests change it. */
  let answer: (asked: Asked) => Promise<unknown>

  interface Asked {
    readonly public_key: string
    readonly valid_principals: string
    readonly ttl: string
    readonly key_id: string
    readonly critical_options: Readonly<Record<string, string>>
    readonly extensions: Readonly<Record<string, string>>
  }

  const signed = async (asked: Asked, changes: Partial<UserCertificateRequest> = {}, by = ca): Promise<string> => {
    const now = system.now()
    const { line } = await signUserCertificate(
      {
        key: parsePublicKeyLine(asked.public_key),
        serial: randomSerial(),
        keyId: asked.key_id,
        sshPrincipals: asked.valid_principals.split(','),
        sourceAddresses: [asked.critical_options['source-address'] ?? ''],
        extensions: ['permit-pty', 'permit-port-forwarding'],
        now,
        validBefore: new Date(now.getTime() + Number.parseInt(asked.ttl) * 1000),
        ...changes,
      },
      { publicKey: by.publicKey, sign: (data) => signEd25519(by.privateKey, data) },
    )
    return line
  }
  const asHost = async ({ public_key, key_id, ttl }: Asked): Promise<string> => {
    const now = system.now()
    const { line } = await signHostCertificate(
      {
        key: parsePublicKeyLine(public_key),
        serial: randomSerial(),
        keyId: key_id,
        sshPrincipals: ['db-1'],
        now,
        validBefore: new Date(now.getTime() + Number.parseInt(ttl) * 1000),
      },
      { publicKey: ca.publicKey, sign: (data) => signEd25519(ca.privateKey, data) },
    )
    return line
  }
  const honestly = async (asked: Asked) => ({ data: { signed_key: await signed(asked) } })

  beforeAll(async () => {
    await leaveAuthorities()
    ca = await generateEd25519()
    liar = createServer((request, response) => {
      void (async () => {
        const text = (await request.setEncoding('utf8').toArray()).join('')
        const said =
          request.method === 'GET'
            ? { data: { public_key: formatPublicKey(ca.publicKey) } }
            : await answer(JSON.parse(text) as Asked)
        response.end(typeof said === 'string' ? said : JSON.stringify(said))
      })()
    })
    liar.listen(0, '127.0.0.1')
    await once(liar, 'listening')
    const { port } = liar.address() as AddressInfo // listening on TCP
    // it was an honest one when it was configured
    await configure('liar', await startEngine())
    await system.node.db
      .updateTable('ssh_vault_authority')
      .set({ address: `http://127.0.0.1:${port}`, public_key: formatPublicKey(ca.publicKey) })
      .where('name', '=', 'liar')
      .execute()
    await useFor('liar')
    await follow()
  })
  beforeEach(() => {
    answer = honestly
  })
  afterAll(() => {
    liar.closeAllConnections()
    liar.close()
  })

  const certificates = () => system.node.db.selectFrom('ssh_certificate').select('id').execute()
  const refusedBy = async (node = system.node): Promise<string> => {
    const before = await certificates()
    const error: unknown = await sign({}, node).catch((cause: unknown) => cause)
    const { code, details } = error as { code: string; details: unknown }
    expect(['conflict', 'unavailable']).toContain(code)
    expect(await certificates()).toEqual(before)
    return JSON.stringify(details)
  }

  test('an honest answer is, also by a clock that is a little ahead', async () => {
    expect((await sign()).authority).toBe('liar')
    answer = async (asked) => {
      const now = new Date(system.now().getTime() + 20_000)
      const validBefore = new Date(now.getTime() + Number.parseInt(asked.ttl) * 1000)
      return { data: { signed_key: await signed(asked, { now, validBefore }) } }
    }
    expect((await sign()).authority).toBe('liar')
  })

  // it answers in its own time, and whoever narrows the host is told at once that nobody gets more any more
  test('an answer that comes after the host was narrowed is none', async () => {
    const update = (change: object) => system.node.call('sshHost.update', { id: 'box', ...change })
    for (const change of [{ sourceAddresses: ['192.0.2.7'] }, { user: 'other', principals: ['other'] }]) {
      answer = async (asked) => {
        await update(change)
        return honestly(asked)
      }
      expect(await refusedBy()).toContain('does not give this any more')
      await update({ sourceAddresses: ['127.0.0.1'], user: sshd.user, principals: [sshd.user] })
    }
  })

  const inMinutes = (minutes: number): Date => new Date(system.now().getTime() + minutes * 60_000)
  test.each<[string, string, () => Promise<Partial<UserCertificateRequest>> | Partial<UserCertificateRequest>]>([
    ['for another key', 'the key that it is for', async () => ({ key: (await generateEd25519()).publicKey })],
    ['for another account', 'principals', () => ({ sshPrincipals: ['root'] })],
    ['for one account more', 'principals', () => ({ sshPrincipals: [`${sshd.user}@${hostKey()}`, 'root'] })],
    ['with another key id', 'key id', () => ({ keyId: 'lease=none' })],
    ['that lives longer than its lease', 'end', () => ({ validBefore: inMinutes(60) })],
    ['that begins later', 'beginning', () => ({ now: inMinutes(9), validBefore: inMinutes(9.5) })],
    ['good from everywhere', 'critical options', () => ({ sourceAddresses: ANY_SOURCE_ADDRESS })],
    ['good from more addresses', 'critical options', () => ({ sourceAddresses: ['127.0.0.0/8'] })],
    ['with a command', 'critical options', () => ({ forceCommand: 'id' })],
    ['that lets an agent through', 'extensions', () => ({ extensions: ['permit-agent-forwarding', 'permit-pty'] })],
    ['that allows less', 'extensions', () => ({ extensions: [] })],
  ])('a certificate %s is none', async (_, what, changes) => {
    const changed = await changes()
    answer = async (asked) => ({ data: { signed_key: await signed(asked, changed) } })
    expect(await refusedBy()).toContain(what)
  })

  test('a certificate of another CA, for a host, or by the serial of another one is none', async () => {
    const other = await generateEd25519()
    answer = async (asked) => ({ data: { signed_key: await signed(asked, {}, other) } })
    expect(await refusedBy()).toContain('configure the authority again')
    answer = async (asked) => ({ data: { signed_key: await asHost(asked) } })
    expect(await refusedBy()).toContain('kind')
    answer = honestly
    const { serial } = await sign()
    answer = async (asked) => ({ data: { signed_key: await signed(asked, { serial: BigInt(serial) }) } })
    expect(await refusedBy()).toContain('serial')
  })

  test.each<[string, unknown]>([
    ['a page', '<html>log in first</html>'],
    ['nothing', ''],
    ['JSON of something else', { data: {} }],
    [
      'a bare key',
      { data: { signed_key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPAVzvtaxp1SdFqGl8lSGh1fqSE8cODyCVYRF48Fcfxd' } },
    ],
    [
      'half a certificate',
      { data: { signed_key: 'ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAx' } },
    ],
    ['more than anybody reads', { data: { signed_key: 'x'.repeat(100_000) } }],
  ])('%s is none', async (_, said) => {
    answer = () => Promise.resolve(said)
    await refusedBy()
  })

  test('no answer is waited for only so long, and ours does not sign in its place', async () => {
    answer = () => new Promise(() => undefined)
    const begun = performance.now()
    expect(await refusedBy(hasty)).toContain('the service cannot be used')
    expect(performance.now() - begun).toBeGreaterThan(900)
  })
})
