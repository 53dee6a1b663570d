// Keys of several backends: any of them opens one, or so many of them together do.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Refusal } from '@gatehouse/contract'
import { openDatabaseClock, openStore, type Store } from '@gatehouse/database'
import { systemRandom } from '@gatehouse/enforcement'
import { ageKek, createAgeKek, KekError, leaveKek, openSealer, addKeks, type KeyEncryptionKey } from '@gatehouse/keys'
import {
  createKey,
  createKeyRing,
  createSealBudget,
  decryptItems,
  encryptItems,
  replicateKey,
  rotateDue,
  rotateKey,
  withdrawKey,
  type KeyRingDeps,
  type KeyRow,
  type KeyServiceDeps,
  type PassedOver,
  type Write,
} from '@gatehouse/keys/service'
import { createDatabase, volume } from '@gatehouse/testkit'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const names = ['geneva', 'berlin', 'oslo'] as const
type Name = (typeof names)[number]

let db: Store
let owner: Store
let close: () => Promise<void>
let base: Pick<KeyServiceDeps, 'db' | 'clock' | 'random'>
let keks: Readonly<Record<Name | 'spare', KeyEncryptionKey>>
beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-regions-'))
  const database = await createDatabase()
  db = openStore(database.url, { size: 8, name: 'regions' })
  owner = openStore(database.adminUrl, { size: 1, name: 'owner' })
  const clockDb = openStore(database.url, { size: 1, name: 'clock' })
  const clock = await openDatabaseClock(clockDb)
  const kekIn = async (name: string): Promise<KeyEncryptionKey> => {
    await createAgeKek(join(directory, name))
    return ageKek(join(directory, name))
  }
  const [geneva, berlin, oslo, spare] = [
    await kekIn('geneva'),
    await kekIn('berlin'),
    await kekIn('oslo'),
    await kekIn('spare'),
  ]
  keks = { geneva, berlin, oslo, spare }
  base = { db, clock, random: systemRandom(clock) }
  await sql`insert into workspace (id, name) values ('shop', 'shop')`.execute(db)
  close = async () => {
    clock.close()
    await Promise.all([db.destroy(), owner.destroy(), clockDb.destroy()])
    await database.drop()
    await rm(directory, { recursive: true, force: true })
  }
})
afterAll(() => close())

/** A process that has these backends: what it has in memory no other has. */
const processOf = (
  backends: Readonly<Partial<Record<string, KeyEncryptionKey>>>,
  rest: Omit<KeyRingDeps, 'db' | 'backends'> = {},
): KeyServiceDeps => ({
  ...base,
  ring: createKeyRing({
    db,
    backends: new Map(Object.entries(backends).flatMap(([n, k]) => (k ? [[n, k]] : []))),
    ...rest,
  }),
  seals: createSealBudget(db),
})
const only = (...some: readonly Name[]): KeyServiceDeps =>
  processOf(Object.fromEntries(some.map((name) => [name, keks[name]])))
const all = (): KeyServiceDeps => only(...names)

const write: Write = (work) => db.transaction().execute(work)
const make = (regions: readonly Name[], quorum: number | null = null, service = all()): Promise<KeyRow> =>
  createKey(
    service,
    {
      id: randomUUID(),
      name: `key-${randomUUID().slice(0, 8)}`,
      workspace: 'shop',
      backend: 'geneva',
      regions,
      quorum,
      rotationDays: null,
    },
    write,
  )
const rotate = (key: KeyRow, service = all()) => rotateKey(service, key.id, write)
const replicate = (key: KeyRow, region: string, service = all()) => replicateKey(service, { id: key.id, region }, write)
const withdraw = (key: KeyRow, region: string, service = all()) => withdrawKey(service, { id: key.id, region }, write)

const seal = async (key: KeyRow, service = all()): Promise<Uint8Array> => {
  const items = [{ plaintext: Buffer.from('secret'), context: {}, location: null }]
  const [result] = await encryptItems(service, { key: key.id, items }, write)
  if (result === undefined || result.value === null) throw new TypeError('not sealed')
  return result.value.envelope
}
/** What comes of opening it in a process; a refusal's hint where it is refused. */
const opened = async (key: KeyRow, envelope: Uint8Array, service: KeyServiceDeps): Promise<string> => {
  try {
    const [result] = await decryptItems(service, { key: key.id, items: [{ envelope, context: {} }] })
    return result?.problem ?? String(result?.value)
  } catch (error) {
    return hintOf(error)
  }
}
const hintOf = (error: unknown): string => {
  if (!(error instanceof Refusal)) return String(error)
  const { hint, fields } = error.details
  return hint ?? JSON.stringify(fields)
}
const refusalOf = async (call: Promise<unknown>): Promise<string> =>
  hintOf(
    await call.then(
      () => new TypeError('not refused'),
      (error: unknown) => error,
    ),
  )

const away = (kek: KeyEncryptionKey): KeyEncryptionKey => {
  const fail = () => Promise.reject(new KekError('unreachable', kek.uri))
  return { ...kek, unwrap: fail, wrap: fail, generate: fail }
}
const hanging = (kek: KeyEncryptionKey): KeyEncryptionKey => ({ ...kek, unwrap: () => new Promise(() => undefined) })
/** The same key, and which of its uses were made. */
const watched = (name: string, kek: KeyEncryptionKey, uses: string[]): KeyEncryptionKey => ({
  ...kek,
  unwrap: (wrapped, purpose) => {
    uses.push(name)
    return kek.unwrap(wrapped, purpose)
  },
})

/** Nobody is slow then, however busy the machine is. */
const unhurried = { patienceMs: 3_600_000, deadlineMs: 3_600_000 }

const wrapsOf = (key: KeyRow) =>
  db
    .selectFrom('kms_version_wrap')
    .selectAll()
    .where('key_id', '=', key.id)
    .orderBy('version')
    .orderBy('backend')
    .execute()
const backendsOf = async (key: KeyRow): Promise<string[]> =>
  (await wrapsOf(key)).map(({ version, backend }) => `${version} ${backend}`)

describe('a key of several regions', () => {
  test('opens by each of them alone, in every version, and by none that has it not', async () => {
    const key = await make(['berlin'])
    const before = await seal(key)
    await rotate(key)
    const after = await seal(key)
    expect(await backendsOf(key)).toEqual(['1 berlin', '1 geneva', '2 berlin', '2 geneva'])
    for (const one of ['geneva', 'berlin'] as const)
      expect([await opened(key, before, only(one)), await opened(key, after, only(one))]).toEqual(['secret', 'secret'])
    expect(await opened(key, after, only('oslo'))).toMatch(/^no backend has opened .*`geneva` \(this server does not/)
  })

  test('asks the nearest alone, and says which was passed over where that is away', async () => {
    const key = await make(['berlin', 'oslo'])
    const sealed = await seal(key)
    const [uses, passed]: [string[], PassedOver[]] = [[], []]
    const onPassed = (some: readonly PassedOver[]) => Promise.resolve(void passed.push(...some))
    const near = { oslo: watched('oslo', keks.oslo, uses), geneva: watched('geneva', keks.geneva, uses) }
    expect(await opened(key, sealed, processOf(near, { onPassed, patience: unhurried }))).toBe('secret')
    expect([uses, passed]).toEqual([['oslo'], []])
    const far = processOf({ oslo: away(keks.oslo), geneva: keks.geneva }, { onPassed, patience: unhurried })
    expect(await opened(key, sealed, far)).toBe('secret')
    const detail = { keyId: key.id, version: 1, backend: 'oslo', failure: 'unreachable', answered: ['geneva'] }
    expect(passed).toEqual([detail])
  })

  test('opens while one of them hangs', async () => {
    const key = await make(['berlin'])
    const passed: PassedOver[] = []
    const service = processOf(
      { geneva: hanging(keks.geneva), berlin: keks.berlin },
      {
        patience: { patienceMs: 1, deadlineMs: 3_600_000 },
        onPassed: (some) => Promise.resolve(void passed.push(...some)),
      },
    )
    expect(await opened(key, await seal(key), service)).toBe('secret')
    expect(passed).toMatchObject([{ backend: 'geneva', failure: null, answered: ['berlin'] }])
  })

  test('asks one that did not answer last from then on, for longer each time', async () => {
    const key = await make(['berlin'])
    const sealed = await seal(key)
    let now = 0
    const uses: string[] = []
    const backends = {
      geneva: watched('geneva', away(keks.geneva), uses),
      berlin: watched('berlin', keks.berlin, uses),
    }
    const service = processOf(backends, { ticks: () => now, patience: unhurried })
    const askedAt = async (minutes: number): Promise<readonly string[]> => {
      now = minutes * 60_000
      uses.length = 0
      service.ring.forget(key.id)
      expect(await opened(key, sealed, service)).toBe('secret')
      return [...uses]
    }
    expect(await askedAt(0)).toEqual(['geneva', 'berlin'])
    expect(await askedAt(0.4)).toEqual(['berlin'])
    expect(await askedAt(0.6)).toEqual(['geneva', 'berlin'])
    expect(await askedAt(1.5)).toEqual(['berlin']) // twice as long as before
    expect(await askedAt(2)).toEqual(['geneva', 'berlin'])
  })

  test('is refused in time where all hang, and each is named with what to do', async () => {
    const key = await make(['berlin'])
    const sealed = await seal(key)
    const patience = { patienceMs: 1, deadlineMs: 20 }
    const service = processOf({ geneva: hanging(keks.geneva), berlin: away(keks.berlin) }, { patience })
    const hint = await opened(key, sealed, service)
    expect(hint).toContain('`geneva` (no answer in time: check that it is up)')
    expect(hint).toContain('`berlin` (unreachable: check its address and that it is up)')
  })

  test('is not made or rotated while one of them is away: it would be lost with the others', async () => {
    const key = await make(['berlin'])
    const broken = processOf({ ...keks, berlin: away(keks.berlin) })
    expect(await refusalOf(rotate(key, broken))).toMatch(/^the backend `berlin` cannot be used \(unreachable\)/)
    expect(await refusalOf(make(['berlin'], null, broken))).toMatch(/^the backend `berlin` cannot be used/)
    const missing = /does not have the keys of all backends; missing: `berlin`, `oslo`: .*withdraw/
    expect(await refusalOf(rotate(await make(['berlin', 'oslo']), only('geneva')))).toMatch(missing)
    expect(await backendsOf(key)).toEqual(['1 berlin', '1 geneva'])
  })
})

test('keys of a backend that is away keep no others from their rotation, and it is asked once in a run', async () => {
  const dueKey = async (region: Name, days: number): Promise<KeyRow> => {
    const key = await make([region])
    const at = new Date(base.clock.now().getTime() - days * 86_400_000)
    await sql`update kms_key set rotation_days = 30, rotate_at = ${at} where id = ${key.id}::uuid`.execute(owner)
    return key
  }
  for (let made = 0; made <= 100; made += 1) await dueKey('berlin', 2) // one more than a run takes
  const other = await dueKey('oslo', 1)
  const asked: string[] = []
  const ask = (): Promise<never> => {
    asked.push('berlin')
    return Promise.reject(new KekError('unreachable', keks.berlin.uri))
  }
  const broken = processOf({ ...keks, berlin: { ...keks.berlin, wrap: ask, generate: ask } })
  const done = await rotateDue(broken, null, (work) => db.transaction().execute(work))
  expect(done.rotated.map(({ id }) => id)).toEqual([other.id])
  expect(done.failed).toHaveLength(100)
  expect(asked).toEqual(['berlin'])
})

describe('a key of a quorum', () => {
  test('opens by so many of its backends and no fewer, in every version; what is missing is named', async () => {
    const key = await make(['berlin', 'oslo'], 2)
    const before = await seal(key)
    await rotate(key)
    const after = await seal(key)
    const pairs = [only('geneva', 'berlin'), only('berlin', 'oslo'), only('oslo', 'geneva'), all()]
    for (const pair of pairs)
      expect([await opened(key, before, pair), await opened(key, after, pair)]).toEqual(['secret', 'secret'])
    const broken = processOf({ geneva: keks.geneva, oslo: away(keks.oslo) })
    const hint = await opened(key, after, broken)
    expect(hint).toMatch(/^this key opens by 2 of its 3 backends together, and 1 did; missing: /)
    expect(hint).toContain('`berlin` (this server does not have its key')
    expect(hint).toContain('`oslo` (unreachable: check its address')
  })

  test('of all of them needs all', async () => {
    const key = await make(['berlin', 'oslo'], 3)
    const sealed = await seal(key)
    expect(await opened(key, sealed, all())).toBe('secret')
    expect(await opened(key, sealed, only('geneva', 'oslo'))).toMatch(/3 of its 3 .* and 2 did; missing: `berlin`/)
  })

  test('has backends that are different keys, and a quorum that they can be', async () => {
    for (const quorum of [0, 1, 3, -1]) expect(await refusalOf(make(['berlin'], quorum))).toMatch(/"path":"quorum"/)
    expect(await refusalOf(make(['berlin', 'berlin']))).toMatch(/regions\.1.*`berlin` is named twice/)
    expect(await refusalOf(make(['geneva']))).toMatch(/regions\.0.*named twice/)
    const twice = processOf({ ...keks, berlin: keks.geneva })
    expect(await refusalOf(make(['oslo', 'berlin'], 2, twice))).toMatch(/regions\.1.*another key than `geneva` has/)
    expect(await refusalOf(make(['nowhere' as Name], 2))).toMatch(/`nowhere`/)
  })

  test('is not replicated, and gives no backend up', async () => {
    const key = await make(['berlin'], 2)
    expect(await refusalOf(replicate(key, 'oslo'))).toMatch(/make a new key/)
    expect(await refusalOf(withdraw(key, 'berlin'))).toMatch(/[Mm]ake a new key/)
  })
})

// Threat E7, of material: whoever can write rows moves what was wrapped to where it does not belong.
describe('a wrap', () => {
  const put = (key: KeyRow, at: { version: number; backend: string }, wrapped: string) =>
    db
      .updateTable('kms_version_wrap')
      .set({ wrapped })
      .where('key_id', '=', key.id)
      .where('version', '=', at.version)
      .where('backend', '=', at.backend)
      .execute()
  const wrapOf = async (key: KeyRow, version: number, backend: string): Promise<string> =>
    (await wrapsOf(key)).find((one) => one.version === version && one.backend === backend)?.wrapped ?? ''
  const notOpened = /unwrap-failed/

  test.each([null, 2])('of one version or key does not open as another (quorum %s)', async (quorum) => {
    const [key, other] = [await make(['berlin'], quorum), await make(['berlin'], quorum)]
    const sealed = await seal(key)
    await rotate(key)
    for (const backend of ['geneva', 'berlin']) await put(key, { version: 1, backend }, await wrapOf(key, 2, backend))
    expect(await opened(key, sealed, all())).toMatch(notOpened)
    for (const backend of ['geneva', 'berlin']) await put(key, { version: 1, backend }, await wrapOf(other, 1, backend))
    expect(await opened(key, sealed, all())).toMatch(notOpened)
  })

  test('of one backend does not open by another', async () => {
    const key = await make(['berlin'])
    const sealed = await seal(key)
    await put(key, { version: 1, backend: 'geneva' }, await wrapOf(key, 1, 'berlin'))
    expect(await opened(key, sealed, only('geneva'))).toMatch(notOpened)
    expect(await opened(key, sealed, all())).toBe('secret') // the other is whole
  })

  test('of a share that somebody made up, with the right of one backend, gives no key at all', async () => {
    const key = await make(['berlin'], 2)
    const sealed = await seal(key)
    const share = (await wrapsOf(key)).find(({ backend }) => backend === 'berlin')?.share ?? 0
    const made = Uint8Array.from({ length: 65 }, (_, index) => (index === 64 ? share : 7))
    const purpose = `gatehouse:kms_version_wrap:share:${key.id}/1/${share}`
    await put(key, { version: 1, backend: 'berlin' }, await keks.berlin.wrap(made, purpose))
    expect(await opened(key, sealed, all())).toMatch(/do not belong together: one was replaced/)
    expect(await refusalOf(seal(key))).toMatch(/do not belong together/)
  })

  test('of a share opens nothing where the row of its key says that fewer suffice', async () => {
    const key = await make(['berlin', 'oslo'], 3)
    const sealed = await seal(key)
    await sql`update kms_key set quorum = 2 where id = ${key.id}`.execute(db)
    expect(await opened(key, sealed, all())).toMatch(/do not belong together/)
    await sql`update kms_key set quorum = null where id = ${key.id}`.execute(db)
    expect(await opened(key, sealed, all())).toMatch(notOpened)
    await sql`update kms_version_wrap set share = null where key_id = ${key.id}`.execute(db)
    expect(await opened(key, sealed, all())).toMatch(notOpened)
  })
})

describe('replicating', () => {
  /** A key with three versions, under `geneva` alone. */
  const three = async (): Promise<{ readonly key: KeyRow; readonly sealed: Uint8Array }> => {
    const key = await make([])
    const sealed = await seal(key)
    for (const _ of [2, 3]) await rotate(key)
    return { key, sealed }
  }

  test('has a region wrap every version; again there is nothing to do, and the next version has it too', async () => {
    const { key, sealed } = await three()
    expect(await replicate(key, 'oslo')).toEqual({ added: 3, left: 0 })
    expect(await opened(key, sealed, only('oslo'))).toBe('secret')
    expect(await replicate(key, 'oslo')).toEqual({ added: 0, left: 0 })
    await rotate(key)
    expect((await backendsOf(key)).slice(-2)).toEqual(['4 geneva', '4 oslo'])
  })

  test('ended at any use of a backend leaves all as it was, and the next call does it', async () => {
    const { key, sealed } = await three()
    let ended = 0
    for (let left = 0; ; left += 1) {
      let uses = left
      const dying = (kek: KeyEncryptionKey): KeyEncryptionKey => {
        const counted = async <T>(use: () => Promise<T>): Promise<T> => {
          if ((uses -= 1) < 0) throw new TypeError('killed')
          return use()
        }
        return {
          ...kek,
          wrap: (bytes, purpose) => counted(() => kek.wrap(bytes, purpose)),
          unwrap: (wrapped, purpose) => counted(() => kek.unwrap(wrapped, purpose)),
        }
      }
      const service = processOf({ geneva: dying(keks.geneva), oslo: dying(keks.oslo) })
      const done = await replicate(key, 'oslo', service).then(
        () => true,
        () => false,
      )
      expect(await opened(key, sealed, only('geneva'))).toBe('secret')
      if (done) break
      ended += 1
    }
    expect(ended).toBeGreaterThan(5)
    expect(await opened(key, sealed, only('oslo'))).toBe('secret')
  })

  test('twice at once, and beside rotations, leaves no version out', async () => {
    const { key, sealed } = await three()
    const rounds = volume({ full: 20, sample: 4 })
    for (let round = 0; round < rounds; round += 1) {
      const tries = [replicate(key, 'oslo'), rotate(key), replicate(key, 'oslo'), rotate(key), replicate(key, 'berlin')]
      const settled = await Promise.allSettled(tries)
      const reasons = settled.flatMap((one) => (one.status === 'rejected' ? [hintOf(one.reason)] : []))
      for (const reason of reasons) expect(reason).toBe('the key is being changed: try again')
      await replicate(key, 'oslo')
      await replicate(key, 'berlin')
      const versions = new Set((await wrapsOf(key)).map(({ version }) => version)).size
      expect(await wrapsOf(key)).toHaveLength(versions * 3)
      await withdraw(key, 'oslo')
    }
    expect(await opened(key, sealed, only('berlin'))).toBe('secret')
  })

  test('wraps anew where the settings name another key for a region than the one that wrapped', async () => {
    const key = await make(['oslo'])
    const sealed = await seal(key)
    const swapped = { geneva: keks.geneva, oslo: keks.spare }
    expect(await opened(key, sealed, processOf({ oslo: keks.spare }))).toMatch(
      /`oslo` \(this server does not have its key/,
    )
    expect(await opened(key, sealed, processOf(swapped))).toBe('secret')
    expect(await replicate(key, 'oslo', processOf(swapped))).toEqual({ added: 1, left: 0 })
    expect(await opened(key, sealed, processOf({ oslo: keks.spare }))).toBe('secret')
    expect(await opened(key, sealed, only('oslo'))).not.toBe('secret')
  })

  test('wraps anew what a region does not open any more, though its key has the name of before', async () => {
    const key = await make(['oslo'])
    const sealed = await seal(key)
    const renamed = { ...keks.spare, fingerprint: keks.oslo.fingerprint }
    expect(await replicate(key, 'oslo', processOf({ geneva: keks.geneva, oslo: renamed }))).toEqual({
      added: 1,
      left: 0,
    })
    expect(await opened(key, sealed, processOf({ oslo: renamed }))).toBe('secret')
  })

  test('is refused where nobody opens the key, or the region is away, and nothing is written', async () => {
    const { key } = await three()
    expect(await refusalOf(replicate(key, 'oslo', processOf({ oslo: keks.oslo })))).toMatch(/missing: `geneva`/)
    const broken = processOf({ geneva: keks.geneva, oslo: away(keks.oslo) })
    expect(await refusalOf(replicate(key, 'oslo', broken))).toMatch(/^the backend `oslo` cannot be used/)
    expect(await backendsOf(key)).toEqual(['1 geneva', '2 geneva', '3 geneva'])
    await sql`update kms_key set state = 'destroyed' where id = ${key.id}`.execute(db)
    expect(await refusalOf(replicate(key, 'oslo'))).toBe('the key is destroyed: its backends stay as they are')
  })
})

describe('giving a region up', () => {
  test('takes its wraps away, also where no settings name it, and the key opens by the rest', async () => {
    const key = await make(['berlin'])
    const sealed = await seal(key)
    expect(await withdraw(key, 'geneva', only('berlin'))).toBe(1)
    expect([await opened(key, sealed, only('berlin')), await backendsOf(key)]).toEqual(['secret', ['1 berlin']])
    expect(await db.selectFrom('kms_key').select('backend').where('id', '=', key.id).executeTakeFirst()).toEqual({
      backend: 'berlin',
    })
    await rotate(key, only('berlin'))
    expect(await backendsOf(key)).toEqual(['1 berlin', '2 berlin'])
  })

  test('is refused where a version would not open without it, or it has nothing of the key', async () => {
    const key = await make(['berlin'])
    expect(await refusalOf(withdraw(key, 'oslo'))).toMatch(/"region".*one that has this key: berlin, geneva/)
    expect(await refusalOf(withdraw(key, 'berlin', processOf({ ...keks, geneva: away(keks.geneva) })))).toMatch(
      /geneva/,
    )
    const alone = await make([])
    await rotate(alone)
    const { fingerprint } = keks.berlin
    await sql`
      insert into kms_version_wrap select key_id, version, 'berlin', ${fingerprint}, wrapped, created_at
      from kms_version_wrap where key_id = ${alone.id} and version = 2`.execute(db)
    expect(await refusalOf(withdraw(alone, 'geneva'))).toMatch(/^no backend has opened .*`berlin` \(unwrap-failed/)
    expect(await backendsOf(alone)).toEqual(['1 geneva', '2 berlin', '2 geneva'])
  })

  test('of two at once leaves one', async () => {
    const key = await make(['berlin'])
    const sealed = await seal(key)
    const settled = await Promise.allSettled([withdraw(key, 'geneva'), withdraw(key, 'berlin')])
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect([await opened(key, sealed, all()), (await wrapsOf(key)).length]).toEqual(['secret', 1])
  })
})

describe('a change of the backend', () => {
  const change = async (from: Name, to: KeyEncryptionKey): Promise<number> => {
    await openSealer({ db, keks: [keks[from]] })
    await addKeks({ db, keks: [to, keks[from]], record: () => Promise.resolve() })
    return leaveKek({ db, owner, to, from: keks[from], record: () => Promise.resolve() })
  }

  test('moves what the old key wrapped, shares as shares, and leaves other regions alone', async () => {
    await sql`delete from kms_version_wrap`.execute(db) // some of the others were spoilt
    const [some, shared] = [await make(['berlin']), await make(['berlin', 'oslo'], 2)]
    const [one, two] = [await seal(some), await seal(shared)]
    await rotate(shared)
    await expect(change('geneva', keks.oslo)).rejects.toThrow(/has shares of keys that .* has other shares of/)
    expect(await opened(shared, two, only('geneva', 'berlin'))).toBe('secret')
    expect(await change('geneva', keks.spare)).toBe(3)
    const after = (...rest: readonly Name[]) =>
      processOf({ geneva: keks.spare, ...Object.fromEntries(rest.map((name) => [name, keks[name]])) })
    expect([await opened(some, one, after()), await opened(shared, two, after('oslo'))]).toEqual(['secret', 'secret'])
    expect(await opened(shared, two, after())).toMatch(/and 1 did; missing: `berlin`.*`oslo`/)
    await rotate(some, after('berlin'))
    await rotate(shared, after('berlin', 'oslo'))
    expect(await opened(shared, await seal(shared, after('berlin', 'oslo')), after('berlin'))).toBe('secret')
  })
})
