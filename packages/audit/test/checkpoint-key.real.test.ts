import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openCheckpointKey, type SeedFile } from '../src/index.ts'
import { shareStores, type SharedStores } from './harness.ts'
import { openRecord, type TestRecord } from './record.ts'

let stores: SharedStores
let r: TestRecord
beforeAll(async () => {
  stores = await shareStores()
})
afterAll(() => stores.end())
beforeEach(async () => {
  r = await openRecord(stores)
})
afterEach(() => r.close())

const origin = 'gatehouse.test/audit'
const memoryFile = (): SeedFile & { lose(): void } => {
  let kept: Uint8Array | null = null
  return {
    path: 'keys/audit-checkpoint.key',
    read: () => Promise.resolve(kept),
    lose: () => {
      kept = null
    },
    create: (seed) => {
      if (kept !== null) return Promise.resolve(false)
      kept = seed
      return Promise.resolve(true)
    },
  }
}

describe('the checkpoint key', () => {
  test('is made once, and the same for every process of a home', async () => {
    const file = memoryFile()
    const keys = await Promise.all(Array.from({ length: 5 }, () => openCheckpointKey({ db: r.db, file, origin })))
    expect(new Set(keys.map((key) => key.publicKey)).size).toBe(1)
  })

  // Threat B8 and F5: a new key would make a rewritten record look like an honest one
  test('that is lost is not replaced once something was signed', async () => {
    const file = memoryFile()
    await openCheckpointKey({ db: r.db, file, origin })
    await r.write(1)
    await r.place()
    await expect(openCheckpointKey({ db: r.db, file, origin })).resolves.toMatchObject({ origin })
    file.lose()
    await expect(openCheckpointKey({ db: r.db, file, origin })).rejects.toMatchObject({
      code: 'checkpoint-key-missing',
    })
    expect(await file.read()).toBeNull()
  })

  test('of a wrong length is refused', async () => {
    const file = memoryFile()
    await file.create(new Uint8Array(31))
    await expect(openCheckpointKey({ db: r.db, file, origin })).rejects.toMatchObject({
      code: 'checkpoint-key-malformed',
    })
  })
})
