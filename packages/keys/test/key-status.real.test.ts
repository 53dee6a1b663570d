// How backends and keys stand, as operations, the system's status and metrics say it: with one backend that is right,
// one that hangs, and one that is not here.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { secret, type Output } from '@gatehouse/contract'
import type { Handlers } from '@gatehouse/enforcement'
import { createSecondPerson, directory, identityDomain } from '@gatehouse/identity'
import { ageKek, createPrivateFile, keysDomain, steadyKek, type KekPlace, type KeyEncryptionKey } from '@gatehouse/keys'
import { vaultKek } from '@gatehouse/keys/vault'
import { personOf, startDomain, type DomainCalls, type DomainProcess } from '@gatehouse/testkit/domain-system'
import { generateX25519Identity } from 'age-encryption'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

let started: DomainProcess
let home: string
let own: KeyEncryptionKey
/** A backend that takes connections and never answers. */
let silent: Server
const sockets = new Set<Socket>()

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'gatehouse-key-status-'))
  await createPrivateFile(join(home, 'kek.age'), `${await generateX25519Identity()}\n`)
  own = await ageKek(join(home, 'kek.age'))
  silent = createServer((socket) => void sockets.add(socket.on('error', () => undefined)))
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  started = await startDomain({ ...keysDomain.slices, Workspace: identityDomain.slices.Workspace })
  await sql`insert into workspace (id, name, environment, created_at) values
    ('default', 'default', 'development', now()), ('shop', 'shop', 'development', now())`.execute(started.db)
})
afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  silent.close()
  await started.close()
  await rm(home, { recursive: true, force: true })
})

const hanging = (): KeyEncryptionKey => {
  const { port } = silent.address() as AddressInfo // listening on TCP
  const address = `http://127.0.0.1:${port}`
  return steadyKek(vaultKek({ address, mount: 'transit', key: 'k', token: secret('t') }))
}
const placeOf = (kek: KeyEncryptionKey, section: KekPlace['section']): KekPlace => ({
  section,
  kind: kek.uri.startsWith('age') ? 'age' : 'vault',
  uri: kek.uri,
})
const absent: KekPlace = { section: 'kms.second', kind: 'age', uri: null }

/** A process of these backends. */
async function opened(keks: readonly KeyEncryptionKey[], kekPlaces: readonly KekPlace[]) {
  const { db, clock, random, change } = started
  const regions = { keks: new Map<string, KeyEncryptionKey>(), nearest: null }
  const needs = { db, clock, random, change, directory, keks, regions, kekPlaces }
  const domain = await keysDomain.open({ ...needs, temporalWeb: null })
  const workflows = { follow: () => Promise.resolve() }
  const transitTokens = { make: () => Promise.reject(new TypeError('nobody asks for one here')) }
  const handlers = domain.handlers({ workflows, transitTokens, secondPerson: createSecondPerson(started) })
  const calls = started.serve(handlers)
  calls.as(personOf('ada'))
  const gauge = async (name: string) => (await domain.gauges(clock.now())).find((one) => one.name === name)?.rows
  return { ...calls, domain, handlers, gauge }
}

/** From now on this is the data key, wrapped under these; two that were added in one millisecond have no order. */
async function useDataKey(id: string, fingerprints: readonly string[]): Promise<void> {
  for (const fingerprint of fingerprints)
    await sql`insert into data_key (id, wrapped, kek_fingerprint, created_at) values (${id}, 'w', ${fingerprint},
      coalesce((select max(created_at) from data_key), now()) + interval '1 second')`.execute(started.db)
}
/** From now on the data key is another, wrapped under these: nothing of it is deleted but by the tables' owner. */
const wrappedUnder = (...fingerprints: readonly string[]): Promise<void> => useDataKey(randomUUID(), fingerprints)
beforeEach(() => wrappedUnder(own.fingerprint, 'another'))

const create = ({ call }: DomainCalls, workspace = 'default', rotationDays?: number) =>
  call('kmsKey.create', {
    name: `key-${randomUUID().slice(0, 8)}`,
    workspace,
    ...(rotationDays !== undefined && { rotationDays }),
  })
const kindsOf = ({ warnings }: Output<'kms.status'>): string[] => warnings.map(({ kind }) => kind)

describe('the data key', () => {
  test('is said to seal the columns in which its values lie, by what these begin with, and no other', async () => {
    const h = await opened([own], [placeOf(own, 'kms')])
    await create(h) // its entry of the audit log keeps who did it, under a key that is sealed
    expect((await h.call('kms.status', {})).sealed, 'sealed by another key').toEqual([])
    await useDataKey(started.node.kek.id, [own.fingerprint])
    expect((await h.call('kms.status', {})).sealed).toEqual([{ table: 'audit_subject_key', column: 'sealed' }])
  })
})

describe('one backend that answers', () => {
  test('is listed with what it has wrapped, and its address is nowhere', async () => {
    const h = await opened([own], [placeOf(own, 'kms')])
    const before = (await h.call('kmsBackend.list', {})).backends[0]?.keys ?? 0
    await create(h)
    const listed = await h.call('kmsBackend.list', {})
    expect(listed.backends).toEqual([
      {
        section: 'kms',
        kind: 'age',
        state: 'usable',
        since: expect.any(Date) as Date,
        checkedAt: expect.any(Date) as Date,
        circuitOpen: false,
        failure: null,
        problem: null,
        advice: null,
        reach: 'local',
        quantumSafe: false,
        opensDatabase: true,
        keys: before + 1,
      },
    ])
    expect(JSON.stringify(listed)).not.toContain(home)
    expect(await h.call('kms.health', {})).toMatchObject({
      health: 'ok',
      backends: [{ section: 'kms', state: 'usable' }],
    })
    expect(kindsOf(await h.call('kms.status', {}))).toEqual([])
    expect((await h.domain.status(started.clock.now())).parts).toEqual([
      { name: 'kms', health: 'ok', message: 'age usable' },
    ])
  })

  test('and no second is warned about, by all who say how it stands', async () => {
    await wrappedUnder(own.fingerprint)
    const h = await opened([own], [placeOf(own, 'kms')])
    const status = await h.call('kms.status', {})
    expect(status).toMatchObject({ health: 'ok', databaseKeys: 1 })
    expect(kindsOf(status)).toEqual(['single-key'])
    const [part] = (await h.domain.status(started.clock.now())).parts
    expect(part).toMatchObject({
      health: 'ok',
      message: expect.stringContaining('alone opens this database') as string,
    })
    expect(await h.gauge('gatehouse_kms_database_keys')).toEqual([{ labels: [], value: 1 }])
  })

  test('and whose file is gone is said before anything is restarted', async () => {
    const unseen = await opened([own], [placeOf(own, 'kms')])
    expect(await unseen.gauge('gatehouse_kms_backend_usable')).toEqual([]) // nobody has looked
    const h = await opened([own], [placeOf(own, 'kms')])
    await rename(join(home, 'kek.age'), join(home, 'elsewhere'))
    try {
      expect(await h.call('kms.health', {})).toMatchObject({
        health: 'down',
        backends: [{ state: 'unusable', failure: 'not-kept', advice: expect.stringContaining('restarted') as string }],
      })
      expect(kindsOf(await h.call('kms.status', {}))).toEqual(['backend-unusable'])
      expect((await h.domain.status(started.clock.now())).parts).toMatchObject([{ name: 'kms', health: 'down' }])
      expect(await h.gauge('gatehouse_kms_backend_usable')).toEqual([{ labels: ['kms', 'age'], value: 0 }])
      expect(await create(h)).toMatchObject({ state: 'enabled' }) // what runs has it in memory
      expect(kindsOf(await h.call('kms.status', {}))).toEqual(['backend-unusable'])
    } finally {
      await rename(join(home, 'elsewhere'), join(home, 'kek.age'))
    }
    await expect.poll(async () => (await h.call('kms.health', {})).health, { timeout: 20_000 }).toBe('ok')
    expect(await h.gauge('gatehouse_kms_backend_usable')).toEqual([{ labels: ['kms', 'age'], value: 1 }])
  })
})

describe('a backend that hangs', () => {
  test('hangs nobody who asks how it stands', async () => {
    const vault = hanging()
    const h = await opened([own, vault], [placeOf(own, 'kms'), placeOf(vault, 'kms.second')])
    const away = { section: 'kms.second', kind: 'vault', state: 'unusable', failure: 'unreachable' }
    // with its own deadline it answers after ten seconds; a whole page is asked for here
    const [health, listed, status, system] = await Promise.all([
      h.call('kms.health', {}),
      h.call('kmsBackend.list', {}),
      h.call('kms.status', {}),
      h.domain.status(started.clock.now()),
    ])
    expect(health).toMatchObject({ health: 'degraded', backends: [{ state: 'usable' }, away] })
    expect(health.backends[1]).toMatchObject({ problem: 'does not answer', advice: expect.any(String) as string })
    expect(listed.backends[1]).toMatchObject({ ...away, reach: 'remote', opensDatabase: false, keys: 0 })
    expect(kindsOf(status)).toEqual(['backend-unusable'])
    expect(system.parts).toMatchObject([
      { health: 'degraded', message: expect.stringContaining('kms.second') as string },
    ])
    expect(await h.gauge('gatehouse_kms_keys')).toHaveLength(5)
  }, 60_000)
})

test('a second that is kept elsewhere is told as absent, and is no fault', async () => {
  const h = await opened([own], [placeOf(own, 'kms'), absent])
  expect((await h.call('kmsBackend.list', {})).backends[1]).toMatchObject({
    section: 'kms.second',
    state: 'absent',
    reach: null,
    opensDatabase: null,
    keys: null,
  })
  expect(await h.call('kms.health', {})).toMatchObject({ health: 'ok' })
  expect(await h.call('kms.status', {})).toMatchObject({ health: 'ok', warnings: [] })
})

test('keys whose backend no settings name any more are found before they are needed', async () => {
  const h = await opened([own], [placeOf(own, 'kms')])
  const { id } = await create(h)
  await sql`update kms_version_wrap set kek_fingerprint = 'left' where key_id = ${id}`.execute(started.db)
  const { warnings } = await h.call('kms.status', {})
  expect(warnings).toMatchObject([
    { kind: 'keys-without-backend', message: expect.stringMatching(/^1 key has/) as string },
  ])
  await sql`delete from kms_version_wrap where key_id = ${id}`.execute(started.db)
  await sql`update kms_key set state = 'destroyed' where id = ${id}`.execute(started.db)
  expect(kindsOf(await h.call('kms.status', {}))).toEqual([])
})

test('keys that take several backends are found where too few of them are named', async () => {
  const h = await opened([own], [placeOf(own, 'kms')])
  const { id } = await create(h)
  await sql`update kms_key set quorum = 2 where id = ${id}`.execute(started.db)
  await sql`update kms_version_wrap set share = 1 where key_id = ${id}`.execute(started.db)
  const addShare = (share: number, fingerprint: string) =>
    sql`insert into kms_version_wrap (key_id, version, backend, kek_fingerprint, share, wrapped, created_at)
      values (${id}, 1, ${`backend-${share}`}, ${fingerprint}, ${share}, 'w', now())`.execute(started.db)
  await addShare(2, 'elsewhere')
  expect(await h.call('kms.status', {})).toMatchObject({
    warnings: [{ kind: 'keys-without-backend', advice: expect.stringContaining('[kms.regions]') as string }],
  })
  await addShare(3, own.fingerprint)
  expect(kindsOf(await h.call('kms.status', {}))).toEqual([])
  await sql`update kms_key set state = 'destroyed' where id = ${id}`.execute(started.db)
})

describe('keys', () => {
  test('are counted and told with their next rotations, those of the workspaces that the caller sees', async () => {
    const h = await opened([own], [placeOf(own, 'kms')])
    const [late, soon, foreign] = [
      await create(h, 'shop', 9),
      await create(h, 'shop', 3),
      await create(h, 'default', 1),
    ]
    const handler = h.handlers['kms.status'] as Handlers['kms.status']
    // the handler asks its permit for the scope alone
    const ofShop = await handler({ scope: { workspaces: ['shop'], ownIn: [] } } as never)
    expect(ofShop.nextRotations).toEqual([
      { id: soon.id, name: soon.name, workspace: 'shop', rotatesAt: soon.rotatesAt },
      { id: late.id, name: late.name, workspace: 'shop', rotatesAt: late.rotatesAt },
    ])
    expect(ofShop.keys).toEqual([{ state: 'enabled', count: 2 }])
    expect(JSON.stringify(ofShop)).not.toContain(foreign.name)
    const nobody = await handler({ scope: { workspaces: [], ownIn: [] } } as never)
    expect([nobody.keys, nobody.nextRotations, nobody.rotationsDue]).toEqual([[], [], 0])
  })

  test('that are due are counted, and those that nobody rotates are warned about', async () => {
    const h = await opened([own], [placeOf(own, 'kms')])
    const { id } = await create(h, 'default', 1)
    const rotateAt = (hours: number) =>
      sql`update kms_key set rotate_at = ${started.clock.now()}::timestamptz - ${hours} * interval '1 hour'
        where id = ${id}`.execute(started.db)
    await rotateAt(1)
    expect(await h.call('kms.status', {})).toMatchObject({ rotationsDue: 1, warnings: [] })
    await rotateAt(3)
    expect(kindsOf(await h.call('kms.status', {}))).toEqual(['rotations-overdue'])
    expect(await h.gauge('gatehouse_kms_rotations_overdue')).toEqual([{ labels: [], value: 1 }])
    expect((await h.domain.status(started.clock.now())).parts).toMatchObject([{ health: 'degraded' }])
    await h.internal('kmsKey.rotateDue', {}, randomUUID())
    expect(kindsOf(await h.call('kms.status', {}))).toEqual([])
  })
})
