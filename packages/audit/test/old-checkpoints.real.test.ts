import { sequencerRole, type Store } from '@gatehouse/database'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { pruneCheckpoints, readRootAt } from '../src/checkpoint.queries.ts'
import { readLeavesFrom } from '../src/leaf.queries.ts'
import { loadState } from '../src/sequencer-state.ts'
import {
  consistencyProof,
  inclusionProof,
  isSignedBy,
  parseCheckpoint,
  verifyConsistency,
  verifyInclusion,
} from '../src/verify.ts'
import { shareStores, type SharedStores } from './harness.ts'
import { openRecord, type TestRecord } from './record.ts'

let stores: SharedStores
let r: TestRecord
/** When each was signed; every one has three entries more than the one before. */
const signedAt = [
  "date_trunc('hour', now() - interval '3 days') + interval '1 minute'",
  "date_trunc('hour', now() - interval '3 days') + interval '2 minutes'",
  "date_trunc('hour', now() - interval '3 days') + interval '59 minutes'",
  "date_trunc('hour', now() - interval '2 days') + interval '10 minutes'",
  "date_trunc('hour', now() - interval '2 days') + interval '20 minutes'",
  "now() - interval '2 hours'",
  "now() - interval '2 hours' + interval '1 second'",
  'now()',
]
const notes: string[] = []
const kept = [9, 15, 18, 21, 24]

beforeAll(async () => {
  stores = await shareStores()
})
afterAll(() => stores.end())
beforeEach(async () => {
  r = await openRecord(stores)
  notes.splice(0)
  for (const [index, time] of signedAt.entries()) {
    await r.write(3)
    notes.push(await r.place())
    await sql`update audit_checkpoint set signed_at = ${sql.raw(time)} where size = ${(index + 1) * 3}`.execute(r.admin)
  }
}, 60_000)
afterEach(() => r.close())

const sizes = async (): Promise<number[]> =>
  (await r.admin.selectFrom('audit_checkpoint').select('size').orderBy('size').execute()).map(({ size }) =>
    Number(size),
  )

/** As the sequencer does it: on a connection of the runtime's login, in the sequencer's role. */
const asSequencer = <T>(work: (db: Store) => Promise<T>): Promise<T> =>
  r.db.transaction().execute(async (tx) => {
    await sql`set local role ${sql.id(sequencerRole)}`.execute(tx)
    return work(tx)
  })

describe('old checkpoints', () => {
  test('are pruned by the sequencer, but for the last of each hour and all of the last day', async () => {
    r.start()
    await expect.poll(sizes, { timeout: 10_000 }).toEqual(kept)
    expect(r.complaints).toEqual([])
    await r.write(1)
    await r.settled()
    expect(await r.verify()).toMatchObject({ ok: true, size: 25 })
  })

  test('go in slices, and a second time nothing goes', async () => {
    expect(await asSequencer((db) => pruneCheckpoints(db, 2))).toBe(2)
    expect(await asSequencer((db) => pruneCheckpoints(db, 2))).toBe(1)
    expect(await asSequencer((db) => pruneCheckpoints(db, 2))).toBe(0)
    expect(await sizes()).toEqual(kept)
  })

  test('leave every proof good: between those kept, of every entry, and of those that people remember', async () => {
    await asSequencer((db) => pruneCheckpoints(db, 100))
    const leaves = (await readLeavesFrom(r.db, 0, 1000)).map(({ hash }) => hash)
    for (const size of kept) {
      const tree = leaves.slice(0, size)
      const root = (await readRootAt(r.db, size)) ?? Buffer.alloc(0)
      for (const oldSize of kept.filter((one) => one <= size)) {
        const oldRoot = (await readRootAt(r.db, oldSize)) ?? Buffer.alloc(0)
        expect(verifyConsistency({ oldSize, oldRoot, size, root, proof: consistencyProof(tree, oldSize) })).toBe(true)
      }
      for (const [index, leaf] of tree.entries())
        expect(verifyInclusion({ index, size, leaf, root, proof: inclusionProof(tree, index) })).toBe(true)
    }
    for (const note of notes) {
      expect(await r.verify(note)).toMatchObject({ ok: true, problems: [] })
      const parsed = parseCheckpoint(note)
      expect(parsed !== null && isSignedBy(parsed, r.key.verifier)).toBe(true)
      const { size, root } = parsed ?? { size: 0, root: Buffer.alloc(0) }
      const now = { size: 24, root: (await readRootAt(r.db, 24)) ?? Buffer.alloc(0) }
      expect(verifyConsistency({ oldSize: size, oldRoot: root, ...now, proof: consistencyProof(leaves, size) })).toBe(
        true,
      )
    }
  })

  test('leave a change of what they covered as visible as before', async () => {
    const [leaf] = await readLeavesFrom(r.admin, 4, 1)
    await asSequencer((db) => pruneCheckpoints(db, 100))
    await sql`update audit_leaf set leaf_hash = sha256('x') where seq = ${leaf?.seq ?? 0}`.execute(r.admin)
    const { ok, problems } = await r.verify(notes[1])
    expect(ok).toBe(false)
    expect(problems.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['entry-altered', 'root-mismatch']))
  })

  test('that a process signed itself are compared with the leaves when it leads again', async () => {
    const signed = { size: 6, root: (await readRootAt(r.db, 6)) ?? Buffer.alloc(0) }
    await asSequencer((db) => pruneCheckpoints(db, 100))
    expect(await loadState(r.db, r.key, signed)).toMatchObject({ tail: 24, signedSize: 24 })
    const other = { ...signed, root: Buffer.alloc(32, 1) }
    await expect(loadState(r.db, r.key, other)).rejects.toMatchObject({ code: 'record-forked' })
    await expect(loadState(r.db, r.key, { ...signed, size: 99 })).rejects.toMatchObject({ code: 'record-forked' })
  })

  test("are out of reach for the runtime's login, and the sequencer's role chooses none itself", async () => {
    await expect(pruneCheckpoints(r.db, 1)).rejects.toThrow(/permission denied/)
    await expect(sql`delete from audit_checkpoint`.execute(r.db)).rejects.toThrow(/permission denied/)
    await expect(asSequencer((db) => sql`delete from audit_checkpoint`.execute(db))).rejects.toThrow(
      /permission denied/,
    )
    expect(await sizes()).toHaveLength(8)
  })
})
