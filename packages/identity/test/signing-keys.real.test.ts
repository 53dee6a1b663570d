// Signing keys through their life, on two nodes: no good token refused, no removed key accepted.
import { generateKeyPairSync } from 'node:crypto'
import { secret, type OperationName } from '@gatehouse/contract'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openSigningKeys } from '../src/index.ts'
import { logIn, personOf, startSystem, type LoggedIn, type TestNode, type TestSystem } from './system.ts'

const month = 30 * 86_400
let system: TestSystem
let one: TestNode
let two: TestNode
let admin: LoggedIn
beforeAll(async () => {
  system = await startSystem()
  one = await system.openNode()
  two = await system.openNode()
})
beforeEach(async () => {
  admin = await logIn(system, one, personOf(system, 'Admin'))
})
afterAll(() => system.end())

const kidsOf = async (node: TestNode): Promise<string[]> => (await node.keys.jwks()).keys.map(({ kid }) => kid ?? '')
const kidOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid // our own header
const live = (node: TestNode) =>
  node.db.selectFrom('signing_key').select(['kid', 'status']).where('status', '!=', 'removed').execute()

describe('signingKey.rotate', () => {
  test('uses the published next key at once, keeps the old one good, and publishes another', async () => {
    const before = await one.call('signingKey.list', {}, admin.access)
    const next = before.items.find(({ state }) => state === 'next')
    const { current, previous } = await one.call('signingKey.rotate', { reason: 'test' }, admin.access)
    expect(current).toMatchObject({ id: next?.id, state: 'current' })
    expect(previous).toMatchObject({ id: kidOf(admin.access), state: 'previous' })
    expect(previous.acceptedUntil?.getTime()).toBeGreaterThan(system.clock.now().getTime() + 3600_000)
    const after = await logIn(system, one, personOf(system, 'Operator'))
    expect(kidOf(after.access)).toBe(current.id)
    expect(await kidsOf(one)).toEqual(expect.arrayContaining([current.id, previous.id]))
    expect((await live(one)).filter(({ status }) => status === 'next')).toHaveLength(1)
    for (const node of [one, two])
      for (const { access } of [admin, after]) expect(await node.outcome('auth.whoami', {}, access)).toBe('allowed')
  })

  test('is met by a node that has not looked since, however often in a row the keys turn', async () => {
    for (let round = 0; round < 3; round += 1) {
      await one.keys.refresh()
      await two.keys.refresh()
      const { current } = await one.call('signingKey.rotate', { reason: `round ${round}` }, admin.access)
      await one.call('signingKey.rotate', { reason: 'and again' }, admin.access)
      const token = await logIn(system, one, personOf(system, 'Operator'))
      expect(kidOf(token.access)).not.toBe(current.id)
      expect(await two.outcome('auth.whoami', {}, token.access)).toBe('allowed')
    }
  })

  test('from two nodes at once never leaves two current keys, or none next', async () => {
    await Promise.all(
      [one, two, one, two].map((node) => node.call('signingKey.rotate', { reason: 'race' }, admin.access)),
    )
    const counts = Object.groupBy(await live(one), ({ status }) => status)
    expect([counts.current?.length, counts.next?.length]).toEqual([1, 1])
    expect(await two.outcome('auth.whoami', {}, admin.access)).toBe('allowed')
  })

  test('refuses strangers, a session without a fresh factor, and a missing reason; no key changes', async () => {
    const before = await live(one)
    expect(await one.outcome('signingKey.rotate', { reason: 'x' })).toBe('unauthenticated')
    expect((await one.refusal('signingKey.rotate', { reason: '' }, admin.access)).code).toBe('invalid-input')
    system.clock.advance(301)
    expect(await one.outcome('signingKey.rotate', { reason: 'x' }, admin.access)).toBe('step-up-required')
    expect(await live(one)).toEqual(before)
    expect(await one.outcome('signingKey.advance' as OperationName, {}, admin.access)).toBe('not-found')
  })
})

test('signingKey.list pages through all keys, filters by state, and shows no key material', async () => {
  const all = (await one.call('signingKey.list', {}, admin.access)).items
  expect(all.length).toBeGreaterThan(3)
  const first = await one.call('signingKey.list', { first: 2 }, admin.access)
  const second = await one.call('signingKey.list', { first: 200, after: first.nextCursor ?? '' }, admin.access)
  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(all.map(({ id }) => id))
  expect((await one.call('signingKey.list', { state: 'current' }, admin.access)).items).toHaveLength(1)
  expect(JSON.stringify(all)).not.toMatch(/private|"n"|PRIVATE|MII[A-Za-z0-9+/]{40}/)
  expect(await one.outcome('signingKey.list', {})).toBe('unauthenticated')
  expect(await one.outcome('signingKey.list', { after: 'x' }, admin.access)).toBe('invalid-input')
})

describe('signingKey.advance', () => {
  test('does nothing to young keys', async () => {
    const before = await live(one)
    expect(await one.internal('signingKey.advance', {})).toEqual({ rotated: false, removed: 0 })
    expect(await live(one)).toEqual(before)
  })

  test('rotates an old key once for two nodes, and removes it only after its last token', async () => {
    await system.clock.advance(3700)
    await one.internal('signingKey.advance', {})
    system.clock.advance(month)
    const fresh = await logIn(system, one, personOf(system, 'Admin'))
    const old = kidOf(fresh.access)
    const results = await Promise.all([one, two, one].map((node) => node.internal('signingKey.advance', {})))
    expect(results.filter(({ rotated }) => rotated)).toHaveLength(1)
    expect(await two.outcome('auth.whoami', {}, fresh.access)).toBe('allowed')

    system.clock.advance(3600)
    expect(await one.internal('signingKey.advance', {})).toEqual({ rotated: false, removed: 0 })
    expect(await two.keys.find(old)).not.toBeNull()
    system.clock.advance(61)
    expect(await one.internal('signingKey.advance', {})).toEqual({ rotated: false, removed: 1 })
    // the node that removed it knows at once, the other within its second
    expect(await one.keys.find(old)).toBeNull()
    await expect.poll(() => two.keys.find(old), { timeout: 3000, interval: 100 }).toBeNull()
    expect(await kidsOf(two)).not.toContain(old)
    const row = await one.db
      .selectFrom('signing_key')
      .select('private_key')
      .where('kid', '=', old)
      .executeTakeFirstOrThrow()
    expect(row.private_key).toHaveLength(0)
  })

  test('a node that slept through a rotation signs with the key of today', async () => {
    await one.call('signingKey.rotate', { reason: 'asleep' }, admin.access)
    const { kid } = await one.keys.within(one.db)
    await expect.poll(async () => (await two.keys.within(two.db)).kid, { timeout: 3000, interval: 100 }).toBe(kid)
  })
})

test('an imported key that was removed does not come back at the next boot', async () => {
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
    publicKeyEncoding: { format: 'pem', type: 'spki' },
  })
  const open = () =>
    openSigningKeys({
      db: one.db,
      sealer: system.sealer,
      clock: system.clock,
      imported: { privateKeyPem: secret(pair.privateKey), publicKeyPem: pair.publicKey },
    })
  const { kid } = await (await open()).within(one.db)
  await one.call('signingKey.rotate', { reason: 'replace the imported one' }, admin.access)
  system.clock.advance(3661)
  await one.internal('signingKey.advance', {})
  const again = await open()
  expect((await again.within(one.db)).kid).not.toBe(kid)
  expect(await again.find(kid)).toBeNull()
})

test('revocation.stats counts what is revoked and alive, and what revocation.prune has forgotten', async () => {
  const add = (seconds: number) =>
    one.db
      .insertInto('revoked_token')
      .values({
        jti: system.random.id(),
        expires_at: new Date(system.clock.now().getTime() + seconds * 1000),
        reason: 'test',
      })
      .execute()
  const before = await one.call('revocation.stats', {}, admin.access)
  await add(600)
  await add(-1)
  await add(-1)
  expect(await one.call('revocation.stats', {}, admin.access)).toMatchObject({
    size: before.size + 1,
    oldest: expect.any(Date) as Date,
    cleaned: before.cleaned,
  })
  const { removed } = await one.internal('revocation.prune', {})
  expect(removed).toBeGreaterThanOrEqual(2)
  const after = await two.call('revocation.stats', {}, admin.access)
  expect(after).toMatchObject({ size: before.size + 1, lastCleanedAt: system.clock.now() })
  expect(after.cleaned).toBeGreaterThanOrEqual(before.cleaned + 2)
  expect(await one.outcome('revocation.stats', {})).toBe('unauthenticated')
})
