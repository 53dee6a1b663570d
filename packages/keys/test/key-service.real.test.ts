import { fork } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabaseClock, openStore, type Store } from '@gatehouse/database'
import { systemRandom } from '@gatehouse/enforcement'
import { ageKek, createPrivateFile, type KeyEncryptionKey } from '@gatehouse/keys'
import { readHeader, readyVersion, sealEnvelope, sealsPerKeyMax } from '@gatehouse/keys/envelope'
import {
  countByVersion,
  createKey,
  createKeyRing,
  createSealBudget,
  decryptItems,
  deleteEntries,
  encryptItems,
  limitVersions,
  rewrapItems,
  rotateDue,
  rotateKey,
  revokeVersion,
  stepKey,
  type ItemResult,
  type KeyRow,
  type KeyServiceDeps,
  type Sealed,
  type Write,
} from '@gatehouse/keys/service'
import { createDatabase, volume } from '@gatehouse/testkit'
import { generateX25519Identity } from 'age-encryption'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Work } from './rotating-process.ts'

let db: Store
let close: () => Promise<void>
let directory: string
let url: string
let first: KeyEncryptionKey
let second: KeyEncryptionKey
let deps: KeyServiceDeps
let key: KeyRow

/** A process of its own: what it has in memory no other has. */
const processOf = (backends: ReadonlyMap<string, KeyEncryptionKey>): KeyServiceDeps => ({
  ...deps,
  ring: createKeyRing({ db, backends }),
  seals: createSealBudget(db),
})

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gatehouse-service-'))
  const database = await createDatabase()
  url = database.url
  db = openStore(database.url, { size: 8, name: 'keys' })
  const clockDb = openStore(database.url, { size: 1, name: 'clock' })
  const clock = await openDatabaseClock(clockDb)
  close = async () => {
    clock.close()
    await Promise.all([db.destroy(), clockDb.destroy()])
    await database.drop()
    await rm(directory, { recursive: true, force: true })
  }
  const kekIn = async (name: string): Promise<KeyEncryptionKey> => {
    await createPrivateFile(join(directory, name), `${await generateX25519Identity()}\n`)
    return ageKek(join(directory, name))
  }
  ;[first, second] = [await kekIn('first'), await kekIn('second')]
  const ring = createKeyRing({ db, backends: new Map([['first', first]]) })
  deps = { db, clock, random: systemRandom(clock), ring, seals: createSealBudget(db) }
  await sql`insert into workspace (id, name) values ('shop', 'shop')`.execute(db)
})
afterAll(() => close())

const write: Write = (work) => db.transaction().execute(work)
const made = (name = `key-${randomUUID().slice(0, 8)}`, backend = 'first'): Promise<KeyRow> =>
  createKey(deps, { id: randomUUID(), name, workspace: 'shop', backend, rotationDays: 90 }, write)
beforeEach(async () => {
  key = await made()
})

const valueOf = <T>(result: ItemResult<T> | undefined): T => {
  if (result?.problem !== null) throw new TypeError(`no value: ${result?.problem}`)
  return result.value
}
const context = { app: 'shop' }
const encrypt = async (plaintext = 'secret', service = deps): Promise<Sealed> => {
  const items = [{ plaintext: Buffer.from(plaintext), context, location: 'vault.yaml' }]
  return valueOf((await encryptItems(service, { key: key.id, items }, write))[0])
}
const decrypt = async ({ envelope }: Pick<Sealed, 'envelope'>, service = deps): Promise<string> => {
  const [result] = await decryptItems(service, { key: key.id, items: [{ envelope, context }] })
  return result?.problem ?? String(valueOf(result))
}
const rewrap = async ({ envelope }: Pick<Sealed, 'envelope'>): Promise<ItemResult<Sealed>> => {
  const [result] = await rewrapItems(deps, { key: key.id, items: [{ envelope, context }] }, write)
  if (result === undefined) throw new TypeError('no result')
  return result
}
const rotate = () => rotateKey(deps, key.id, write)
const due = () => rotateDue(deps, key.id, (work) => db.transaction().execute(work))
const step = (event: Parameters<typeof stepKey>[2]['event']) => write((tx) => stepKey(deps, tx, { id: key.id, event }))
const census = () => countByVersion(db, key.id)

describe('a key', () => {
  test('encrypts what it decrypts, and the census has each ciphertext with where it lies', async () => {
    const sealed = await encrypt()
    expect(await decrypt(sealed)).toBe('secret')
    const rows = await db.selectFrom('kms_wrap').selectAll().where('key_id', '=', key.id).execute()
    expect(rows).toMatchObject([{ version: 1, location: 'vault.yaml', moved_at: null }])
    expect(rows[0]?.id).toBe(readHeader(sealed.envelope).ciphertextId)
  })

  // Threat E4
  test('leaves no plaintext, no context and no material in any row of its own', async () => {
    const canary = randomBytes(24).toString('hex')
    const items = [{ plaintext: Buffer.from(canary), context: { canary }, location: null }]
    await encryptItems(deps, { key: key.id, items }, write)
    for (const table of ['kms_key', 'kms_key_version', 'kms_version_wrap', 'kms_wrap']) {
      const { rows } = await sql<{
        row: string
      }>`select ${sql.table(table)}::text as row from ${sql.table(table)}`.execute(db)
      const texts = rows.map(({ row }) => row).join('\n')
      for (const encoding of ['utf8', 'hex', 'base64'] as const)
        expect(texts).not.toContain(Buffer.from(canary).toString(encoding))
    }
  })

  test('has its name for ever, and alone', async () => {
    await expect(made(key.name)).rejects.toMatchObject({ code: 'conflict' })
    expect(await db.selectFrom('kms_key').select('id').where('name', '=', key.name).execute()).toHaveLength(1)
  })

  test('is never made by an encryption', async () => {
    const items = [{ plaintext: Buffer.from('s'), context, location: null }]
    const before = await db.selectFrom('kms_key').select('id').execute()
    for (const wrong of ['no-such-key', randomUUID()])
      await expect(encryptItems(deps, { key: wrong, items }, write)).rejects.toMatchObject({ code: 'not-found' })
    expect(await db.selectFrom('kms_key').select('id').execute()).toHaveLength(before.length)
  })

  test('answers each item of a batch for itself', async () => {
    const broken = Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`k${index}`, '']))
    const items = [{}, broken, {}].map((bound) => ({ plaintext: Buffer.from('s'), context: bound, location: null }))
    const sealed = await encryptItems(deps, { key: key.id, items }, write)
    expect(sealed.map(({ problem }) => problem)).toEqual([null, 'context-invalid', null])
    expect(await census()).toEqual([{ version: 1, ciphertexts: 2 }])
    const good = valueOf(sealed[0]).envelope
    const mixed = [good, randomBytes(90), good.subarray(0, -1)].map((envelope) => ({ envelope, context: {} }))
    const opened = await decryptItems(deps, { key: key.id, items: mixed })
    expect(opened.map(({ problem }) => problem)).toEqual([null, 'malformed', 'not-ours'])
  })

  test('does not open what another key sealed', async () => {
    const sealed = await encrypt()
    key = await made()
    expect(await decrypt(sealed)).toBe('wrong-key')
  })
})

// Threat E10: concurrent rotation
describe('rotation', () => {
  test('fifty at once make one version, while others encrypt and decrypt, and nothing is lost', async () => {
    const sealed: Sealed[] = []
    let over = false
    const loop = async (): Promise<void> => {
      while (!over) {
        const one = await encrypt(`text-${sealed.length}`)
        sealed.push(one)
        expect(await decrypt(one)).toMatch(/^text-/)
      }
    }
    const loops = Promise.all(Array.from({ length: 4 }, loop))
    loops.catch(() => (over = true)) // and fails below
    const rounds = volume({ full: 10, sample: 2 })
    for (let round = 1; round <= rounds; round += 1) {
      const answers = await Promise.all(Array.from({ length: 50 }, rotate))
      expect(answers.filter(({ rotated }) => rotated)).toHaveLength(1)
      expect(new Set(answers.map(({ version }) => version))).toEqual(new Set([round + 1]))
    }
    over = true
    await loops
    const elsewhere = processOf(new Map([['first', first]]))
    for (const one of sealed) expect(await decrypt(one, elsewhere)).toMatch(/^text-/)
    const counted = (await census()).reduce((sum, { ciphertexts }) => sum + ciphertexts, 0)
    expect(counted).toBe(sealed.length)
    for (const { version, ciphertexts } of await census())
      expect(ciphertexts).toBe(sealed.filter(({ keyVersion }) => keyVersion === version).length)
  })

  test('by the clock and by people at once makes each version once, and nothing is lost', async () => {
    const sealed: Sealed[] = []
    let over = false
    const loop = async (): Promise<void> => {
      while (!over) sealed.push(await encrypt('s'))
    }
    const loops = Promise.all([loop(), loop()])
    loops.catch(() => (over = true)) // and fails below
    let made = 0
    for (let round = 0; round < volume({ full: 10, sample: 2 }); round += 1) {
      await sql`update kms_key set rotate_at = now() - interval '1 minute' where id = ${key.id}`.execute(db)
      const byClock = Array.from({ length: 10 }, async () => (await due()).rotated.length)
      const byPeople = Array.from({ length: 10 }, async () => ((await rotate()).rotated ? 1 : 0))
      for (const one of await Promise.all([...byClock, ...byPeople])) made += one
    }
    over = true
    await loops
    expect((await census()).map(({ version }) => version)).toEqual(Array.from({ length: made + 1 }, (_, at) => at + 1))
    const elsewhere = processOf(new Map([['first', first]]))
    for (const one of sealed) expect(await decrypt(one, elsewhere)).toBe('s')
  })

  test('killed with -9 in the middle, again and again, leaves all openable that was given out', async () => {
    const given: Buffer[] = []
    for (let round = 0; round < volume({ full: 12, sample: 2 }); round += 1) {
      const child = fork(new URL('./rotating-process.ts', import.meta.url), { execArgv: [] })
      const before = given.length
      child.on('message', (text: string) => void given.push(Buffer.from(text, 'base64')))
      try {
        child.send({ url, kekFile: join(directory, 'first'), backend: 'first', key: key.id } satisfies Work)
        // somewhere within its work: each round somewhere else
        await expect.poll(() => given.length - before, { timeout: 60_000, interval: 5 }).toBeGreaterThan(10 + 7 * round)
      } finally {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      const items = given.map((envelope) => ({ envelope, context: {} }))
      const elsewhere = processOf(new Map([['first', first]]))
      const opened = await decryptItems(elsewhere, { key: key.id, items })
      expect(opened.map((one) => one.problem ?? String(valueOf(one)))).toEqual(items.map(() => 's'))
      const { version } = await rotate()
      expect((await encrypt()).keyVersion).toBe(version)
      const rewrapped = await rewrapItems(elsewhere, { key: key.id, items }, write)
      expect(rewrapped.every(({ problem }) => problem === null)).toBe(true)
    }
    const { rows } = await sql`select from kms_key_version v where key_id = ${key.id}::uuid and not exists (
      select from kms_version_wrap w where w.key_id = v.key_id and w.version = v.version)`.execute(db)
    expect(rows).toEqual([])
  }, 180_000)

  // I13
  test('leaves what older versions sealed readable, by each version that is kept', async () => {
    const sealed: Sealed[] = []
    for (let version = 1; version <= 4; version += 1) {
      sealed.push(await encrypt(`of version ${version}`))
      await rotate()
    }
    expect(sealed.map(({ keyVersion }) => keyVersion)).toEqual([1, 2, 3, 4])
    expect(await Promise.all(sealed.map((one) => decrypt(one)))).toEqual([1, 2, 3, 4].map((n) => `of version ${n}`))
  })

  test('a rewrap is one ciphertext, however often it is tried and by how many at once', async () => {
    const sealed = await encrypt()
    await rotate()
    const again = await Promise.all(Array.from({ length: 5 }, () => rewrap(sealed)))
    const values = again.map(valueOf)
    expect(values.map(({ keyVersion }) => keyVersion)).toEqual([2, 2, 2, 2, 2])
    for (const value of values) expect(await decrypt(value)).toBe('secret')
    expect(new Set(values.map(({ envelope }) => readHeader(envelope).ciphertextId)).size).toBe(1)
    expect(await census()).toEqual([
      { version: 1, ciphertexts: 0 },
      { version: 2, ciphertexts: 1 },
    ])
    const row = await db.selectFrom('kms_wrap').selectAll().where('key_id', '=', key.id).executeTakeFirstOrThrow()
    expect(row).toMatchObject({ version: 2, location: 'vault.yaml', moved_at: expect.any(Date) })
  })

  test('an envelope that stands twice in a batch is one ciphertext', async () => {
    const { envelope } = await encrypt()
    await rotate()
    const items = [envelope, envelope].map((one) => ({ envelope: one, context }))
    const results = await rewrapItems(deps, { key: key.id, items }, write)
    expect(await Promise.all(results.map((one) => decrypt(valueOf(one))))).toEqual(['secret', 'secret'])
    expect((await census()).map(({ ciphertexts }) => ciphertexts)).toEqual([0, 1])
  })

  test('a version is left behind when nothing needs it, and then opens nothing', async () => {
    const [kept, forgotten] = [await encrypt('kept'), await encrypt('forgotten')]
    await rotate()
    const raise = () => write((tx) => limitVersions(tx, { id: key.id, minimum: 2 }))
    await expect(raise()).rejects.toMatchObject({ code: 'conflict', details: { hint: expect.stringContaining('2 ') } })
    const moved = valueOf(await rewrap(kept))
    await expect(raise()).rejects.toMatchObject({ details: { hint: expect.stringContaining('1 ') } })
    const { ciphertextId } = readHeader(forgotten.envelope)
    expect(await write((tx) => deleteEntries(tx, key.id, [ciphertextId]))).toBe(1)
    await raise()
    expect([await decrypt(kept), await decrypt(moved)]).toEqual(['below-minimum', 'kept'])
    expect((await rewrap(kept)).problem).toBe('below-minimum')
  })

  test('what a revoked version sealed is only rewrapped, and only what we gave out', async () => {
    const sealed = await encrypt()
    const { wrapped } = await db
      .selectFrom('kms_version_wrap')
      .select('wrapped')
      .where('key_id', '=', key.id)
      .executeTakeFirstOrThrow()
    const material = await first.unwrap(wrapped, `gatehouse:kms_version_wrap:wrapped:${key.id}/1`)
    const stolen = readyVersion({ keyId: key.id, version: 1, material })
    const forge = (ciphertextId: string): Buffer =>
      sealEnvelope(stolen, { workspace: 'shop', context, ciphertextId }, Buffer.from('forged'))
    await rotate()
    await sql`update kms_key_version set state = 'revoked' where key_id = ${key.id} and version = 1`.execute(db)
    expect(await decrypt(sealed)).toBe('version-revoked')
    expect((await rewrap({ envelope: forge(randomUUID()) })).problem).toBe('not-in-census')
    expect(await decrypt(valueOf(await rewrap(sealed)))).toBe('secret')
  })

  test('a version that is revoked while something is sealed under it seals nothing that is given out', async () => {
    const sealed = await encrypt()
    const late = (version: number): Write => {
      let isFirst = true
      return async (work) => {
        if (isFirst) {
          isFirst = false
          await rotate()
          await write((tx) => revokeVersion(deps, tx, { id: key.id, version }))
        }
        return write(work)
      }
    }
    const items = [{ plaintext: Buffer.from('s'), context, location: null }]
    const [made] = await encryptItems(deps, { key: key.id, items }, late(1))
    expect(valueOf(made).keyVersion).toBe(2)
    const [moved] = await rewrapItems(deps, { key: key.id, items: [{ envelope: sealed.envelope, context }] }, late(2))
    expect(valueOf(moved).keyVersion).toBe(3)
    expect(await census()).toEqual([
      { version: 1, ciphertexts: 0 },
      { version: 2, ciphertexts: 1 },
      { version: 3, ciphertexts: 1 },
    ])
  })
})

// Each change has its entry: a rotation that found its version made meanwhile was answered with a fault.
test('a rotation that finds one made since it was asked for makes none, and is written all the same', async () => {
  await rotate()
  let writes = 0
  const counted: Write = (work) => {
    writes += 1
    return write(work)
  }
  const times = [new Date(0)]
  const before = { ...deps, clock: { now: () => times.pop() ?? deps.clock.now() } }
  expect(await rotateKey(before, key.id, counted)).toMatchObject({ rotated: false })
  expect(writes).toBe(1)
})

// Nothing was rotated until the clock had passed the last rotation again, and whoever asked was told that it had been.
test('a rotation after the clock was set back is one, whenever the last was', async () => {
  await rotate()
  const back = { ...deps, clock: { now: () => new Date(deps.clock.now().getTime() - 3_600_000) } }
  expect(await rotateKey(back, key.id, write)).toEqual({ version: 3, rotated: true })
})

describe('the states of a key', () => {
  test('decrypt-only decrypts, and neither encrypts nor rewraps nor rotates', async () => {
    const sealed = await encrypt()
    await step({ step: 'restrict' })
    expect(await decrypt(sealed)).toBe('secret')
    for (const call of [encrypt, () => rewrap(sealed), rotate])
      await expect(call()).rejects.toMatchObject({
        code: 'conflict',
        details: { hint: expect.stringContaining('only') },
      })
  })

  test('a key that is disabled while it encrypts gives out nothing that the census does not have', async () => {
    const items = [{ plaintext: Buffer.from('s'), context, location: null }]
    const late: Write = async (work) => {
      await sql`update kms_key set state = 'disabled' where id = ${key.id}`.execute(db)
      return write(work)
    }
    await expect(encryptItems(deps, { key: key.id, items }, late)).rejects.toMatchObject({ code: 'conflict' })
    expect(await census()).toEqual([{ version: 1, ciphertexts: 0 }])
  })

  test('a key is destroyed after its guard, its count and its days, and its material is nowhere', async () => {
    const sealed = await encrypt()
    const schedule = (losing: number) => step({ step: 'schedule-deletion', days: 7, losing })
    await expect(schedule(1)).rejects.toMatchObject({ details: { hint: expect.stringContaining('guard') } })
    await sql`update kms_key set deletion_guard = false where id = ${key.id}`.execute(db)
    await expect(schedule(0)).rejects.toMatchObject({ details: { hint: expect.stringContaining('there are 1') } })
    expect(await schedule(1)).toMatchObject({ state: 'pending-deletion', delete_at: expect.any(Date) })
    await expect(step({ step: 'destroy' })).rejects.toMatchObject({ details: { hint: 'its time has not come' } })
    await sql`update kms_key set delete_at = now() - interval '1 s' where id = ${key.id}`.execute(db)
    expect(await step({ step: 'destroy' })).toMatchObject({ state: 'destroyed', delete_at: null })
    expect(await db.selectFrom('kms_version_wrap').selectAll().where('key_id', '=', key.id).execute()).toEqual([])
    await expect(decrypt(sealed)).rejects.toMatchObject({ code: 'conflict' })
    await expect(step({ step: 'cancel-deletion' })).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe('a version seals', () => {
  test('as often as its nonces allow, and is rotated then', async () => {
    const near = sealsPerKeyMax - 2
    await sql`update kms_key_version set seals = ${near} where key_id = ${key.id}`.execute(db)
    await encrypt()
    await encrypt()
    await expect(encrypt()).rejects.toMatchObject({ details: { hint: expect.stringContaining('rotate') } })
    await rotate()
    expect((await encrypt()).keyVersion).toBe(2)
  })

  test('and is counted in blocks by each process, never too low', async () => {
    const others = [processOf(new Map([['first', first]])), processOf(new Map([['first', first]]))]
    await Promise.all(others.flatMap((one) => Array.from({ length: 10 }, () => encrypt('s', one))))
    const { seals } = await db
      .selectFrom('kms_key_version')
      .select('seals')
      .where('key_id', '=', key.id)
      .executeTakeFirstOrThrow()
    expect(Number(seals)).toBeGreaterThanOrEqual(20)
  })
})

describe('a backend', () => {
  const away = (kek: KeyEncryptionKey): KeyEncryptionKey => ({
    ...kek,
    unwrap: () => Promise.reject(new TypeError('x')),
  })

  test('that is away is said to be, and its answer counts again as soon as it is back', async () => {
    const sealed = await encrypt()
    const backends = new Map([['first', away(first)]])
    const service = processOf(backends)
    await expect(decrypt(sealed, service)).rejects.toMatchObject({ code: 'unavailable' })
    backends.set('first', first)
    expect(await decrypt(sealed, service)).toBe('secret')
    backends.set('first', away(first)) // what is in memory needs nobody
    expect(await decrypt(sealed, service)).toBe('secret')
  })

  test('that is lost is no loss where another has the material too', async () => {
    const sealed = await encrypt()
    const purpose = `gatehouse:kms_version_wrap:wrapped:${key.id}/1`
    const row = await db
      .selectFrom('kms_version_wrap')
      .selectAll()
      .where('key_id', '=', key.id)
      .executeTakeFirstOrThrow()
    const wrapped = await second.wrap(await first.unwrap(row.wrapped, purpose), purpose)
    await db
      .insertInto('kms_version_wrap')
      .values({ ...row, backend: 'second', kek_fingerprint: second.fingerprint, wrapped, created_at: deps.clock.now() })
      .execute()
    for (const backends of [
      new Map([['second', second]]),
      new Map([
        ['first', away(first)],
        ['second', second],
      ]),
    ])
      expect(await decrypt(sealed, processOf(backends))).toBe('secret')
  })

  test('that stands under the name of another is not asked', async () => {
    const sealed = await encrypt()
    await expect(decrypt(sealed, processOf(new Map([['first', second]])))).rejects.toMatchObject({
      code: 'unavailable',
    })
  })

  test('that no settings name is said, and no key is made for it', async () => {
    await expect(made('lost', 'nowhere')).rejects.toMatchObject({ code: 'unavailable' })
    expect(await db.selectFrom('kms_key').select('id').where('name', '=', 'lost').execute()).toEqual([])
  })
})
