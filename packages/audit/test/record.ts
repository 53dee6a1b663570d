import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Store } from '@gatehouse/database'
import { systemRandom, uid, type AuditDraft, type Principal } from '@gatehouse/enforcement'
import { keepRows, type KeptRows, type TestDatabase } from '@gatehouse/testkit'
import { expect } from 'vitest'
import { insertCheckpoint } from '../src/checkpoint.queries.ts'
import { makeEntry } from '../src/entry.ts'
import { insertEntries } from '../src/entry.queries.ts'
import {
  startSequencer,
  verifyRecord,
  type CheckpointKey,
  type RecordVerdict,
  type Sequencer,
  type SequencerTimes,
  type SubjectKeys,
} from '../src/index.ts'
import { moveToLeaves } from '../src/leaf.queries.ts'
import { loadState } from '../src/sequencer-state.ts'
import { appendAll, packRange, rootOf } from '../src/verify.ts'
import { newCheckpointKey, person, storesOf, testClock, type SharedStores, type TestClock } from './harness.ts'
import { openTestKeys } from './test-keys.ts'

/** A database with a record in it, and the hands that write, sequence, verify and tamper. */
export interface TestRecord {
  readonly database: TestDatabase
  readonly db: Store
  readonly admin: Store
  readonly key: CheckpointKey
  readonly subjectKeys: SubjectKeys
  readonly clock: TestClock
  /** What sequencers complained of. */
  readonly complaints: unknown[]
  /** Writes entries as changes do, each in its own transaction; returns their ids. */
  write(count: number, parts?: Partial<AuditDraft>): Promise<string[]>
  start(times?: SequencerTimes): Sequencer
  /** What a sequencer does in a second, at once; returns the signed note. */
  place(): Promise<string>
  /** Waits until everything is in the tree and signed; returns the signed note. */
  settled(): Promise<string>
  verify(remembered?: string): Promise<RecordVerdict>
  /** Remembers the rows as they are now, for `restore`. */
  keep(): Promise<void>
  /** Ends the sequencers, forgets what they complained of, and has the rows as they were kept. */
  restore(): Promise<void>
  close(): Promise<void>
}

export const draftOf = (principal: Principal = person(), parts: Partial<AuditDraft> = {}): AuditDraft => ({
  action: 'team.create',
  outcome: 'allowed',
  principal,
  resource: uid('Team', randomUUID()),
  workspace: null,
  decision: { effect: 'allow', policies: ['p'], version: 'v' },
  refusal: null,
  input: { name: 'sre' },
  call: { requestId: randomUUID(), at: new Date(), address: '192.0.2.7', userAgent: 'vitest', transport: 'trpc' },
  ...parts,
})

/** What a sequencer does in a second, at once; answers the signed note. */
export async function placeEntries(admin: Store, key: CheckpointKey): Promise<string> {
  const state = await loadState(admin, key, null)
  const moved = await moveToLeaves(admin, { tail: state.tail, base: state.range.size, limit: 10_000 })
  const range = appendAll(state.range, moved.hashes)
  const facts = { size: range.size, root: rootOf(range) }
  const note = key.sign(facts)
  await insertCheckpoint(admin, { ...facts, frontier: packRange(range), note })
  return note
}

/** Opens a record in a database of its own, or in that of the file. */
export async function openRecord(stores?: SharedStores): Promise<TestRecord> {
  const { database, db, admin, end } = await storesOf({ poolSize: 20, ...(stores === undefined ? {} : { stores }) })
  const clock = testClock()
  const random = systemRandom(clock)
  const key = newCheckpointKey()
  const subjectKeys = await openTestKeys(db)
  const sequencers: Sequencer[] = []
  const complaints: unknown[] = []
  let kept: KeptRows | null = null
  const endSequencers = () => Promise.all(sequencers.splice(0).map((sequencer) => sequencer.close()))
  const counts = async () => {
    const count = async (table: 'audit_pending' | 'audit_leaf') =>
      Number(
        (
          await admin
            .selectFrom(table)
            .select((eb) => eb.fn.countAll<string>().as('n'))
            .executeTakeFirstOrThrow()
        ).n,
      )
    return { pending: await count('audit_pending'), leaves: await count('audit_leaf') }
  }
  return {
    database,
    db,
    admin,
    key,
    subjectKeys,
    clock,
    complaints,
    write: async (count, parts) => {
      const made = Array.from({ length: count }, () =>
        makeEntry({
          draft: draftOf(person({ username: 'lovelace' }), parts),
          at: clock.now(),
          intent: null,
          random,
          sayOfSession: subjectKeys.sayOfSession,
        }),
      )
      for (const entry of made) subjectKeys.confirm(await insertEntries(db, subjectKeys, { entries: [entry] }))
      return made.map(({ id }) => id)
    },
    start: (times) => {
      const sequencer = startSequencer({
        ...(times === undefined ? {} : { times }),
        url: database.url,
        db,
        key,
        subjectKeys,
        clock,
        random,
        onError: (error) => {
          complaints.push(error)
        },
      })
      sequencers.push(sequencer)
      return sequencer
    },
    place: () => placeEntries(admin, key),
    settled: async () => {
      let note = ''
      await expect
        .poll(
          async () => {
            const { pending, leaves } = await counts()
            const newest = await admin
              .selectFrom('audit_checkpoint')
              .select(['size', 'note'])
              .orderBy('size', 'desc')
              .limit(1)
              .executeTakeFirst()
            note = newest?.note ?? ''
            return pending === 0 && Number(newest?.size ?? 0) >= leaves
          },
          { timeout: 15_000, interval: 50 },
        )
        .toBe(true)
      return note
    },
    verify: (remembered) => verifyRecord({ db, key, subjectKeys, remembered: remembered ?? null }),
    keep: async () => {
      await kept?.close()
      kept = await keepRows(database)
    },
    restore: async () => {
      await endSequencers()
      complaints.length = 0
      await kept?.restore()
    },
    close: async () => {
      await endSequencers()
      await kept?.close()
      await sleep(0)
      await end()
    },
  }
}
