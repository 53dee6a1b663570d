import { fork } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabaseClock, openStore, type Store } from '@gatehouse/database'
import { systemRandom } from '@gatehouse/enforcement'
import { addKeks, ageKek, createAgeKek, leaveKek, openSealer, otherKeks, type KeyEncryptionKey } from '@gatehouse/keys'
import { createKey, createKeyRing, createSealBudget, rotateKey, type KeyServiceDeps } from '@gatehouse/keys/service'
import { createDatabase, timeoutOf, volume } from '@gatehouse/testkit'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Leaving } from './changing-process.ts'

const place = { table: 'authenticator', column: 'secret', id: '1' }

let directory: string
let db: Store
let owner: Store
let service: KeyServiceDeps
let urls: Pick<Leaving, 'url' | 'adminUrl'>
let close: () => Promise<void>
let old: KeyEncryptionKey
let next: KeyEncryptionKey
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gatehouse-change-'))
  const database = await createDatabase()
  urls = { url: database.url, adminUrl: database.adminUrl }
  db = openStore(database.url, { size: 2, name: 'change' })
  owner = openStore(database.adminUrl, { size: 1, name: 'owner' })
  const clock = await openDatabaseClock(db)
  ;[old, next] = [await kekIn('old'), await kekIn('next')]
  const ring = createKeyRing({ db, backends: new Map([['own', old]]) })
  service = { db, clock, random: systemRandom(clock), ring, seals: createSealBudget(db) }
  close = async () => {
    clock.close()
    await Promise.all([db.destroy(), owner.destroy()])
    await database.drop()
    await rm(directory, { recursive: true, force: true })
  }
})
afterEach(() => close())

const kekIn = async (name: string): Promise<KeyEncryptionKey> => {
  await createAgeKek(join(directory, name))
  return ageKek(join(directory, name))
}

const recorded: string[] = []
const change = (to = next, from = old) => ({
  db,
  owner,
  to,
  from,
  record: () => Promise.resolve(void recorded.push(`${from.uri} ${to.uri}`)),
})

const add = (...keks: readonly KeyEncryptionKey[]): Promise<number> =>
  addKeks({ db, keks, record: (_tx, { uri }) => Promise.resolve(void recorded.push(uri)) }).then(({ length }) => length)

/** Which of these starts, and opens what was sealed. */
const opens = async (sealed: Uint8Array, ...keks: readonly KeyEncryptionKey[]): Promise<boolean> => {
  const opened = await openSealer({ db, keks }).catch(() => null)
  return opened !== null && Buffer.from(opened.sealer.unseal(place, sealed)).toString() === 'totp'
}

const sealOne = async (): Promise<Uint8Array> =>
  (await openSealer({ db, keks: [old] })).sealer.seal(place, Buffer.from('totp'))

/** A key with three versions, all of them under the old key. */
async function threeVersions(): Promise<string> {
  await sql`insert into workspace (id, name) values ('shop', 'shop')`.execute(db)
  const input = { id: service.random.id(), name: 'orders', workspace: 'shop', backend: 'own', rotationDays: null }
  const { id } = await createKey(service, input, (work) => db.transaction().execute(work))
  for (const _ of [2, 3]) await rotateKey(service, id, (work) => db.transaction().execute(work))
  return id
}

/** As a process that has just started with both. */
const versionsOpen = async (id: string, ...keks: readonly KeyEncryptionKey[]): Promise<boolean> => {
  const ring = createKeyRing({ db, backends: new Map(keks.map((kek) => [kek.uri, kek])) })
  const tries = await Promise.allSettled([1, 2, 3].map((version) => ring.open(id, version)))
  return tries.every(({ status }) => status === 'fulfilled')
}

/** The same key in a process that dies at one of its uses. */
function dying(kek: KeyEncryptionKey, uses: { left: number }): KeyEncryptionKey {
  const counted = async <T>(use: () => Promise<T>): Promise<T> => {
    if ((uses.left -= 1) < 0) throw new TypeError('killed')
    return use()
  }
  return {
    ...kek,
    wrap: (key, purpose) => counted(() => kek.wrap(key, purpose)),
    unwrap: (wrapped, purpose) => counted(() => kek.unwrap(wrapped, purpose)),
  }
}

test('first either key opens the database, then the new one alone, and each step is recorded once', async () => {
  recorded.length = 0
  const [sealed, id] = [await sealOne(), await threeVersions()]
  expect(await add(next, old)).toBe(1)
  expect(await add(next, old)).toBe(0)
  expect([await opens(sealed, old), await opens(sealed, next)]).toEqual([true, true])
  expect(await leaveKek(change())).toBe(3)
  expect(await leaveKek(change())).toBe(0)
  expect([await opens(sealed, old), await opens(sealed, next)]).toEqual([false, true])
  expect([await versionsOpen(id, old), await versionsOpen(id, next)]).toEqual([false, true])
  expect(recorded).toHaveLength(2)
})

test('killed before any use of a key, all opens with both, and the same change goes on', async () => {
  const [sealed, id] = [await sealOne(), await threeVersions()]
  let killed = 0
  for (let uses = 0; ; uses += 1) {
    const left = { left: uses }
    const [dyingNext, dyingOld] = [dying(next, left), dying(old, left)]
    const ended = await add(dyingNext, dyingOld)
      .then(() => leaveKek(change(dyingNext, dyingOld)))
      .then(
        () => true,
        () => false,
      )
    expect(await opens(sealed, next, old)).toBe(true)
    expect(await versionsOpen(id, next, old)).toBe(true)
    if (ended) break
    killed += 1
    expect(await opens(sealed, old)).toBe(true) // the settings of before start until the last step
  }
  expect(killed).toBeGreaterThan(5)
  expect(await opens(sealed, next)).toBe(true)
  expect(await versionsOpen(id, next)).toBe(true)
  expect(await opens(sealed, old)).toBe(false)
})

/** Changes the key in a process of its own, which is killed in what follows one of its uses. Whether it was. */
async function killedAt(use: number): Promise<boolean> {
  const child = fork(new URL('./changing-process.ts', import.meta.url), { execArgv: [] })
  const ended = once(child, 'exit')
  let uses = 0
  child.on('message', () => {
    uses += 1
    child.send('go on')
    // it asks before the next one, and is gone by then
    if (uses === use) void sleep(randomInt(4)).then(() => child.kill('SIGKILL'))
    if (uses > use) child.kill('SIGKILL')
  })
  child.send({ ...urls, from: join(directory, 'old'), to: join(directory, 'next') } satisfies Leaving)
  const [code, signal] = (await ended) as [number | null, string | null]
  expect([code, signal]).toEqual(uses < use ? [0, null] : [null, 'SIGKILL'])
  return signal !== null
}

test(
  'killed with -9 in the middle, again and again, all opens with both, and the same change goes on',
  async () => {
    const [sealed, id] = [await sealOne(), await threeVersions()]
    const step = volume({ full: 1, sample: 5 })
    let kills = 0
    for (let use = step; await killedAt(use); use += step) {
      kills += 1
      expect(await opens(sealed, next, old)).toBe(true)
      expect(await versionsOpen(id, next, old)).toBe(true)
    }
    expect(kills).toBeGreaterThanOrEqual(2)
    expect(await opens(sealed, next)).toBe(true)
    expect(await versionsOpen(id, next)).toBe(true)
    expect(await opens(sealed, old)).toBe(false)
  },
  timeoutOf(60_000),
)

test('a second key is added beside the first, which stays the first', async () => {
  const sealed = await sealOne()
  expect(await add(old, next)).toBe(1)
  expect([await otherKeks(db, [old]), await otherKeks(db, [old, next])]).toEqual([[next.uri], []])
  expect([await opens(sealed, old), await opens(sealed, next)]).toEqual([true, true])
  const third = await kekIn('third')
  await expect(add(third)).rejects.toMatchObject({ code: 'kek-mismatch' })
})

describe('the old key stays', () => {
  test('where the new one has not wrapped the data key', async () => {
    const sealed = await sealOne()
    await expect(leaveKek(change())).rejects.toMatchObject({ code: 'kek-mismatch' })
    expect(await opens(sealed, old)).toBe(true)
  })

  // whoever has the runtime login can add a row
  test('where the new one opens another data key', async () => {
    const sealed = await sealOne()
    const { id } = await db.selectFrom('data_key').select('id').executeTakeFirstOrThrow()
    const wrapped = await next.wrap(Buffer.alloc(32, 7), `gatehouse:data_key:wrapped:${id}`)
    await db.insertInto('data_key').values({ id, wrapped, kek_fingerprint: next.fingerprint, kek_uri: '' }).execute()
    await expect(leaveKek(change())).rejects.toThrow(/opens another data key .* nothing was changed/)
    expect(await opens(sealed, old)).toBe(true)
  })

  test('where it is away itself: what it wrapped can be compared with nothing', async () => {
    const sealed = await sealOne()
    await add(next, old)
    const away = { ...old, unwrap: () => Promise.reject(new TypeError('away')) }
    await expect(leaveKek(change(next, away))).rejects.toThrow('away')
    expect(await opens(sealed, old)).toBe(true)
  })

  test('for the runtime login, which takes no wrap away', async () => {
    await sealOne()
    await add(next, old)
    await expect(leaveKek({ ...change(), owner: db })).rejects.toMatchObject({ code: '42501' })
  })
})

test('a start says by which key it began, which is missing, and whether one alone opens all', async () => {
  const sealed = await sealOne()
  const warnings = async (...keks: readonly KeyEncryptionKey[]) => (await openSealer({ db, keks })).warnings
  expect(await warnings(old)).toEqual([expect.stringMatching(/^only `age:.*old` opens this database/)])
  expect(await warnings(next, old)).toEqual([
    expect.stringMatching(/^`age:.*next` does not open the data key yet: run `gatehouse kms change-backend`/),
    expect.stringMatching(/^only `age:.*old` opens this database/),
  ])
  await add(next, old)
  expect(await warnings(next, old)).toEqual([])
  const away = { ...next, unwrap: () => Promise.reject(new TypeError('the backend is away')) }
  expect(await warnings(away, old)).toEqual([expect.stringMatching(/^the backend is away; .* by `age:.*old` in its/)])
  expect(await opens(sealed, away, old)).toBe(true)
})
