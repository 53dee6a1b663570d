import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, type Store } from '@gatehouse/database'
import { ageKek, createPrivateFile, ensureKek, openSealer, sealedFile } from '@gatehouse/keys'
import { createDatabase } from '@gatehouse/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { newAgeIdentity } from '../src/adapters/age.ts'

const place = { table: 'authenticator', column: 'secret', id: '1' }
let directory: string
let path: string
let stores: Store[]
let drop: () => Promise<void>
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gatehouse-keys-'))
  path = join(directory, 'keys', 'kek.age')
  const database = await createDatabase()
  stores = [openStore(database.url, { size: 2, name: 'node-1' }), openStore(database.url, { size: 2, name: 'node-2' })]
  drop = database.drop
})
afterEach(async () => {
  await Promise.all(stores.map((store) => store.destroy()))
  await drop()
  await rm(directory, { recursive: true, force: true })
})
const db = (): Store => stores[0] as Store // made in beforeEach

describe('the data key', () => {
  // Threat B8: keys made at random at each start, or by each node for itself
  test('twenty first boots over two nodes agree on one data key, and one identity', async () => {
    await Promise.all(stores.map((store) => ensureKek(path, store)))
    const opened = await Promise.all(
      Array.from({ length: 20 }, async (_, index) =>
        openSealer({ db: stores[index % 2] as Store, keks: [await ageKek(path)] }),
      ),
    )
    const sealers = opened.map(({ sealer }) => sealer)
    const sealed = sealers[0]?.seal(place, Buffer.from('totp')) ?? new Uint8Array()
    for (const sealer of sealers) expect(Buffer.from(sealer.unseal(place, sealed)).toString()).toBe('totp')
    expect(await db().selectFrom('data_key').select('id').execute()).toHaveLength(1)
  })

  test('the identity is made private, once, and never replaced', async () => {
    await ensureKek(path, db())
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    const first = (await ageKek(path)).fingerprint
    await ensureKek(path, db())
    expect((await ageKek(path)).fingerprint).toBe(first)
  })

  test('no data key is kept that its key does not open: nothing would ever start again', async () => {
    await ensureKek(path, db())
    const kek = await ageKek(path)
    const forgetful = { ...kek, wrap: () => kek.wrap(Buffer.alloc(32, 1), 'something else') }
    const opened = openSealer({ db: db(), keks: [forgetful] })
    await expect(opened).rejects.toMatchObject({ name: 'KekError', code: 'unwrap-failed' })
    expect(await db().selectFrom('data_key').select('id').execute()).toEqual([])
  })

  test('a lost identity is not replaced once the database holds a data key', async () => {
    await ensureKek(path, db())
    await openSealer({ db: db(), keks: [await ageKek(path)] })
    await rm(path)
    await expect(ensureKek(path, db())).rejects.toMatchObject({ code: 'missing' })
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('another key encryption key than the recorded one stops the start, naming both', async () => {
    await ensureKek(path, db())
    const right = await ageKek(path)
    await openSealer({ db: db(), keks: [right] })
    await openSealer({ db: db(), keks: [right] })
    const other = join(directory, 'other', 'kek.age')
    await createPrivateFile(other, await newAgeIdentity())
    const wrong = await ageKek(other)
    const refused = openSealer({ db: db(), keks: [wrong] })
    await expect(refused).rejects.toMatchObject({ code: 'kek-mismatch' })
    await expect(refused).rejects.toThrow(right.fingerprint)
    await expect(refused).rejects.toThrow(wrong.fingerprint)
  })

  // Threat B8 again: who can delete the data key can make the system forget every secret it holds
  test('the runtime login cannot change or delete the data key', async () => {
    await expect(db().deleteFrom('data_key').execute()).rejects.toMatchObject({ code: '42501' })
    await expect(db().updateTable('data_key').set({ kek_fingerprint: 'x' }).execute()).rejects.toMatchObject({
      code: '42501',
    })
  })

  test('a sealed file opens only as what it was made for', async () => {
    await ensureKek(path, db())
    const { sealer } = await openSealer({ db: db(), keks: [await ageKek(path)] })
    const target = join(directory, 'keys', 'audit-checkpoint.key')
    const file = sealedFile({ path: target, sealer, column: 'audit-checkpoint' })
    expect(await file.read()).toBeNull()
    expect(await file.create(Buffer.from('seed'))).toBe(true)
    expect(await file.create(Buffer.from('other'))).toBe(false)
    expect(Buffer.from((await file.read()) ?? []).toString()).toBe('seed')
    await expect(sealedFile({ path: target, sealer, column: 'payload-codec' }).read()).rejects.toMatchObject({
      code: 'not-ours',
    })
  })
})
