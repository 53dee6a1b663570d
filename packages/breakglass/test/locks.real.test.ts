// Must-have 27 across domains: what a lock denies of credentials and of emergencies, on two gateways, by the shipped
// policies.
import { randomUUID } from 'node:crypto'
import type { Output, Raw } from '@gatehouse/contract'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ada, ask, begin, dora, olga, oscar, stateOf, system, toldToWait, withOnCall, yes } from './on-call.ts'
import { logsIn, startShop } from './shop-database.ts'

withOnCall()

type Lock = Output<'lock.create'>
const lock = (what: Partial<Raw<'lock.create'>>, who = ada): Promise<Lock> =>
  system.call(who, 'lock.create', { reason: 'forensics', ...what })
const remove = ({ id }: Pick<Lock, 'id'>, who = ada): Promise<Lock> =>
  system.call(who, 'lock.remove', { id, reason: 'over' }, 1)
afterEach(() => sql`delete from access_lock`.execute(system.db))

const purpose = 'a test'
/** Public keys of which nobody has the other half any more. */
const ownKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOhpn3EQaAUf4ha/J63gV0//3zBJ89LFwq0enZxp+36J'
const ownFingerprint = 'SHA256:YEU1j1PeHRcbuqjcVjiQJyFg30460P1FJI7c0wmLUJc'
const otherKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBMARbm0e+5Ace7kHfFSs389NXXekDyd5Ta77sLJNMuU'
const hostKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAfxdiWBhjv/f6FPJtvBi2Isb/txumLyW7H0FQ+RX7U8'
const hintOf = (thing: string) => `the ${thing} is locked; ask an administrator, who can remove the lock`

describe('credentials', () => {
  let shop: Awaited<ReturnType<typeof startShop>>
  let host: string
  beforeAll(async () => {
    const admin = await system.logIn('ada-admin')
    shop = await startShop()
    await system.call(admin, 'secretBackend.configure', { name: 'shop-db', postgres: { url: shop.url } })
    const postgres = { grants: [shop.grant] }
    await system.call(admin, 'secretRole.create', { name: 'shop-read', backend: 'shop-db', postgres })
    const { name } = await system.call(admin, 'sshHost.register', {
      name: 'db-1',
      address: '127.0.9.1',
      port: 1,
      user: 'deploy',
      access: 'ca',
      hostKey,
      principals: ['deploy'],
      sourceAddresses: ['192.0.2.0/24'],
      contactWaiver: 'nobody is there',
      otpAddresses: ['192.0.2.7'],
    })
    host = name
  })
  afterAll(() => shop.drop())

  const issue = (who = ada) => system.refusal(who, 'lease.issue', { role: 'shop-read', purpose })
  const sign = { host: 'db-1', publicKey: ownKey, purpose } as const
  const alive = async (): Promise<string[]> =>
    (
      await system.db
        .selectFrom('lease')
        .select('id')
        .where('state', '=', 'active')
        .where('role', '=', 'shop-read')
        .orderBy('id')
        .execute()
    ).map(({ id }) => id)

  test('of a locked role are neither issued nor renewed; what is out goes on, and is revoked as ever', async () => {
    const { lease, material } = await system.call(ada, 'lease.issue', { role: 'shop-read', purpose, ttlSeconds: 300 })
    const made = await lock({ role: 'shop-read' })
    const refusals = [await issue(), await issue(olga), await system.refusal(ada, 'lease.renew', { id: lease.id })]
    for (const refusal of refusals)
      expect([refusal.code, refusal.details]).toEqual(['locked', { hint: hintOf('role') }])
    expect(await logsIn(material)).toBe(true)
    expect(await system.outcome(ada, 'lease.revoke', { id: lease.id, reason: 'done' })).toBe('allowed')
    expect(await logsIn(material)).toBe(false)
    await remove(made)
    const next = await system.call(ada, 'lease.issue', { role: 'shop-read', purpose }, 1)
    expect(await system.outcome(ada, 'lease.renew', { id: next.lease.id, ttlSeconds: 3600 })).toBe('allowed')
    await system.call(ada, 'lease.revoke', { id: next.lease.id, reason: 'done' })
  })

  test('that wait to be opened are opened by nobody while their role or their holder is locked', async () => {
    const { lease, wrap } = await system.call(olga, 'lease.issue', { role: 'shop-read', purpose, wrapSeconds: 600 })
    const token = wrap?.token.expose() ?? ''
    for (const [what, thing] of [
      [{ role: 'shop-read' }, 'the role'],
      [{ principal: 'olga-operator' }, 'whoever it is for'],
    ] as const) {
      const made = await lock(what)
      const refusal = await system.refusal(dora, 'lease.unwrap', { token })
      expect([refusal.code, refusal.details.hint]).toEqual(['locked', expect.stringContaining(`${thing} is locked`)])
      await remove(made)
    }
    const { material } = await system.call(dora, 'lease.unwrap', { token }, 1)
    expect(await logsIn(material)).toBe(true)
    await system.call(ada, 'lease.revoke', { id: lease.id, reason: 'done' })
  })

  test('for a locked host are of no kind: certificate, key, one-time password, nor its own certificate', async () => {
    const key = await system.call(ada, 'sshKey.generate', { host, purpose })
    const made = await lock({ host })
    const refusals = [
      await system.refusal(ada, 'sshCertificate.sign', sign),
      await system.refusal(ada, 'sshKey.generate', { host, purpose }),
      await system.refusal(ada, 'sshKey.deploy', { id: key.id }),
      await system.refusal(ada, 'sshOtp.issue', { host, purpose }),
      await system.refusal(ada, 'sshHostCertificate.sign', { host, purpose }),
      await system.refusal(ada, 'sshHost.remove', { id: host, reason: 'to register it anew' }),
    ]
    for (const refusal of refusals)
      expect([refusal.code, refusal.details]).toEqual(['locked', { hint: hintOf('host') }])
    await remove(made)
    expect(await system.outcome(ada, 'sshCertificate.sign', sign)).toBe('allowed')
    expect(await system.outcome(ada, 'sshHostCertificate.sign', { host, purpose })).toBe('allowed')
  })

  test('of one account of a host are locked by the role that leases show', async () => {
    const made = await lock({ role: 'deploy@db-1' })
    expect(made).toMatchObject({ kind: 'role', name: 'deploy@db-1' })
    expect(await system.outcome(ada, 'sshCertificate.sign', sign)).toBe('locked')
    // by another name it is the same host
    await system.call(ada, 'sshHost.update', { id: 'db-1', name: 'db-one' })
    expect(await system.outcome(ada, 'sshCertificate.sign', { ...sign, host: 'db-one' })).toBe('locked')
    await system.call(ada, 'sshHost.update', { id: 'db-one', name: 'db-1' })
    for (const role of ['root@db-1', 'deploy@db-2', 'deploy@', '@db-1'])
      expect(await system.outcome(ada, 'lock.create', { role, reason: 'a test' }), role).toBe('invalid-input')
  })

  test('for a locked key are not signed, whoever shows it, and those for another key are', async () => {
    const made = await lock({ key: ownFingerprint })
    for (const who of [ada, olga]) {
      const refusal = await system.refusal(who, 'sshCertificate.sign', sign)
      expect([refusal.code, refusal.details]).toEqual(['locked', { hint: hintOf('key') }])
    }
    expect(await system.outcome(ada, 'sshCertificate.sign', { ...sign, publicKey: otherKey })).toBe('allowed')
    await remove(made)
    expect(await system.outcome(ada, 'sshCertificate.sign', sign)).toBe('allowed')
  })

  // Everything that is answered before the lock is; nothing is answered after it that was not made before it.
  test.each([
    ['role', { role: 'shop-read' }, 'locked'],
    ['person', { principal: 'olga-operator' }, 'unauthenticated'],
  ])('of a %s that is locked among fifty calls on two nodes: none is given out later', async (_, what, refusal) => {
    const before = await alive()
    const calls = Array.from({ length: 50 }, (__, index) =>
      system.outcome(olga, 'lease.issue', { role: 'shop-read', purpose }, index % 2 === 0 ? 0 : 1),
    )
    await Promise.race(calls) // one is through, or was refused; the others are on their way
    const made = await lock(what)
    const given = await alive()
    const outcomes = await Promise.all(calls)
    expect(await alive()).toEqual(given)
    expect(['allowed', refusal, ...toldToWait]).toEqual(expect.arrayContaining(outcomes))
    // who was told to wait may have been given one all the same: nobody has its secret, and its lease ends
    const answered = outcomes.filter((outcome) => outcome === 'allowed').length
    expect(answered).toBeLessThanOrEqual(given.length - before.length)
    expect((await system.refusal(olga, 'lease.issue', { role: 'shop-read', purpose })).code).toBe(refusal)
    await remove(made)
    await system.call(ada, 'lease.revokeMany', { role: 'shop-read', reason: 'done' })
  })
})

describe('a person', () => {
  test('is locked and let in by Admins alone; Auditors see the locks, and others none', async () => {
    const vera = await system.logIn('vera-viewer')
    for (const who of [olga, dora, vera]) {
      expect(await system.outcome(who, 'lock.create', { principal: 'oscar-operator', reason: 'x' })).toBe('forbidden')
      expect(await system.outcome(who, 'lock.list', {})).toBe('forbidden')
    }
    const made = await lock({ principal: 'oscar-operator' })
    expect(await system.outcome(olga, 'lock.remove', { id: made.id, reason: 'x' })).toBe('forbidden')
    expect(await system.outcome(oscar, 'lock.remove', { id: made.id, reason: 'x' })).toBe('unauthenticated')
    const auditor = await system.logIn('agnes-auditor')
    expect((await system.call(auditor, 'lock.list', {})).items).toMatchObject([{ name: 'oscar-operator' }])
    expect(await system.outcome(auditor, 'lock.remove', { id: made.id, reason: 'x' })).toBe('forbidden')
  })
})

describe('what was asked for in an emergency', () => {
  test('is neither approved nor begun while it is locked, and goes on afterwards with its votes', async () => {
    const request = await ask()
    await yes(ada, request)
    const made = await lock({ approval: request.id })
    expect(made).toMatchObject({ kind: 'approval', target: request.id, name: 'INC-7' })
    const refusal = await system.refusal(olga, 'breakGlass.approve', { id: request.id, hash: request.hash })
    expect([refusal.code, refusal.details]).toEqual(['locked', { hint: hintOf('approval') }])
    await remove(made)
    await yes(olga, request)
    const again = await lock({ approval: request.id })
    expect(await system.outcome(dora, 'breakGlass.activate', { id: request.id }, 1)).toBe('locked')
    expect(await system.outcome(dora, 'lock.remove', { id: again.id, reason: 'mine' })).toBe('forbidden')
    await remove(again)
    expect(await system.outcome(dora, 'breakGlass.activate', { id: request.id })).toBe('allowed')
  })

  test('stops its session, by either of their ids, at once and on both nodes; its time goes on', async () => {
    const { request, session, token } = await begin()
    const look = (node: 0 | 1) => system.outcome(token, 'lease.list', { workspace: 'default' }, node)
    expect([await look(0), await look(1)]).toEqual(['allowed', 'allowed'])
    for (const approval of [request.id, session.id]) {
      const made = await lock({ approval })
      expect(made.target).toBe(request.id)
      expect([await look(0), await look(1)]).toEqual(['unauthenticated', 'unauthenticated'])
      const refusal = await system.refusal(token, 'lease.list', { workspace: 'default' })
      expect(refusal.details).toEqual({ reason: 'approval-locked' })
      await remove(made)
      expect([await look(0), await look(1)]).toEqual(['allowed', 'allowed'])
    }
    const made = await lock({ principal: 'dora-developer' })
    const refusal = await system.refusal(token, 'lease.list', { workspace: 'default' })
    expect(refusal.details).toEqual({ reason: 'user-locked' })
    await remove(made)
    expect(await stateOf(request)).toBe('active')
  })

  test('does not count the vote of somebody who is locked, until they are not', async () => {
    const request = await ask()
    await yes(ada, request)
    await yes(olga, request)
    const made = await lock({ principal: 'olga-operator' })
    const refusal = await system.refusal(dora, 'breakGlass.activate', { id: request.id })
    expect([refusal.code, refusal.details.hint]).toEqual(['approval-pending', expect.stringContaining('locked')])
    await remove(made)
    expect(await system.outcome(dora, 'breakGlass.activate', { id: request.id })).toBe('allowed')
  })

  test('that is not there cannot be locked', async () => {
    for (const approval of [randomUUID(), 'INC-7'])
      expect(await system.outcome(ada, 'lock.create', { approval, reason: 'x' })).toBe('invalid-input')
  })
})
