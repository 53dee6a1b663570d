import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HeldConnections, Store } from '@gatehouse/database'
import { anonymous, systemRandom, type AuditDraft, type UserPrincipal } from '@gatehouse/enforcement'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createAuditTrail, createLedger, type RunningTrail } from '../src/index.ts'
import {
  batchEntriesMax,
  batchesAtOnce,
  createBatchWriter,
  queueEntriesMax,
  waitMillisecondsMax,
} from '../src/batch-writer.ts'
import { assumedOf } from '../src/assumed-callers.ts'
import { makeEntry } from '../src/entry.ts'
import { insertEntries } from '../src/entry.queries.ts'
import { talliesMax } from '../src/refusal-tally.ts'
import { assumedNow, insertAssumed } from './assumed.ts'
import { person, shareStores, type SharedStores } from './harness.ts'
import { draftOf, openRecord, type TestRecord } from './record.ts'

let stores: SharedStores
let r: TestRecord
let trail: RunningTrail
let errors: unknown[]
beforeAll(async () => {
  stores = await shareStores()
})
afterAll(() => stores.end())
beforeEach(async () => {
  r = await openRecord(stores)
  errors = []
  trail = createAuditTrail({
    url: r.database.url,
    subjectKeys: r.subjectKeys,
    clock: r.clock,
    random: systemRandom(r.clock),
    ledger: createLedger(),
    onError: (error) => {
      errors.push(error)
    },
  })
})
afterEach(async () => {
  await trail.close()
  await r.close()
})

const read = (parts: Partial<AuditDraft> = {}) => draftOf(person(), { action: 'team.list', input: {}, ...parts })
const from = (address: string) => ({
  requestId: randomUUID(),
  at: new Date(),
  address,
  userAgent: 'curl',
  transport: 'trpc' as const,
})
const stranger = (address: string, refusal: AuditDraft['refusal'] = 'unauthenticated') =>
  draftOf(anonymous, { outcome: 'refused', decision: null, refusal, input: {}, call: from(address) })
const entries = async () =>
  (await r.admin.selectFrom('audit_entry').select('entry').orderBy('id').execute()).map(
    ({ entry }) => JSON.parse(entry) as Record<string, unknown>,
  ) // our own JSON
const count = async () =>
  Number(
    (
      await r.admin
        .selectFrom('audit_entry')
        .select((eb) => eb.fn.countAll<string>().as('n'))
        .executeTakeFirstOrThrow()
    ).n,
  )
/** Keeps the writer's statement waiting, as a full disk or a stopped server would. */
const blocked = async <T>(work: () => Promise<T>): Promise<T> =>
  r.admin.transaction().execute(async (tx) => {
    await sql`lock table audit_pending in exclusive mode`.execute(tx)
    return work()
  })

/** Statements of ours that wait for a row of another transaction. */
const waitingForAnother = async (): Promise<number | undefined> => {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(r.db)
  return rows[0]?.n
}

describe('callers who are assumed to be who they were', () => {
  const insertPerson = () => insertAssumed(r.admin)
  const known = (one: UserPrincipal) => assumedNow(r.db, one)
  const by = (principal: UserPrincipal) => draftOf(principal, { action: 'team.list', input: {} })
  const moved = { name: 'CallerMovedError' }

  test('are recorded while they are, in one batch with others', async () => {
    const [ada, bob] = [await insertPerson(), await insertPerson()]
    await trail.record(by(ada))
    await Promise.all([by(ada), by(bob), by(bob), read()].map((draft) => trail.record(draft)))
    expect(await count()).toBe(5)
  })

  const changes: readonly [string, (one: UserPrincipal) => Promise<unknown>][] = [
    [
      'their session was ended',
      ({ session: { id } }) =>
        sql`update session set revoked_at = now(), revoke_reason = 'x' where id = ${id}`.execute(r.admin),
    ],
    [
      'another factor was proved',
      ({ session: { id } }) => sql`update session set proved_at = now() where id = ${id}`.execute(r.admin),
    ],
    ['they were disabled', ({ id }) => sql`update users set status = 'disabled' where id = ${id}`.execute(r.admin)],
    ['their tokens were cut off', ({ id }) => sql`update users set cut_off = now() where id = ${id}`.execute(r.admin)],
    [
      'their name is another',
      ({ id }) => sql`update users set display_name = 'Augusta' where id = ${id}`.execute(r.admin),
    ],
    [
      'they got a role',
      ({ id }) =>
        sql`insert into user_role (user_id, role, granted_at) values (${id}, 'Admin', now())`.execute(r.admin),
    ],
    [
      'their token was ended',
      ({ tokenId }) =>
        sql`insert into revoked_token (jti, expires_at, reason)
          values (${tokenId}, now() + interval '1 hour', 'x')`.execute(r.admin),
    ],
    ['they are gone', ({ id }) => sql`delete from users where id = ${id}`.execute(r.admin)],
  ]
  test.for(changes)('are recorded no more once %s, and nobody else with them is held up', async ([, change]) => {
    const [ada, bob] = [await insertPerson(), await insertPerson()]
    await change(ada)
    await expect(trail.record(by(ada))).rejects.toMatchObject(moved)
    expect(await count()).toBe(0)
    const written = await Promise.allSettled([by(bob), by(ada), read(), by(bob)].map((draft) => trail.record(draft)))
    expect(written.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
    expect(written[1]).toMatchObject({ reason: moved })
    expect(await count()).toBe(3)
    expect(JSON.stringify(await entries())).not.toContain(ada.id)
  })

  // what comes alone, by somebody whose key is kept, is another statement
  test.for(changes)('are recorded no more once %s, where they call alone', async ([, change]) => {
    const ada = await insertPerson()
    for (let call = 0; call < 2; call += 1) await trail.record(by(ada))
    await change(ada)
    await expect(trail.record(by(ada))).rejects.toMatchObject(moved)
    expect(await count()).toBe(2)
  })

  test('are looked at by a plan that is kept, where they call alone', async () => {
    const one = await insertPerson()
    const assumed = [assumedOf(one)].filter((known) => known !== null)
    const ada = by(one)
    const write = async (db: Store) => {
      const entry = makeEntry({ draft: ada, at: r.clock.now(), intent: null, random: systemRandom(r.clock) })
      r.subjectKeys.confirm(await insertEntries(db, r.subjectKeys, { entries: [entry], areNew: true, assumed }))
    }
    await write(r.db)
    const plans = await r.db.connection().execute(async (db) => {
      for (let call = 0; call < 8; call += 1) await write(db)
      return sql<{ generic: number; custom: number }>`
        select generic_plans::int as generic, custom_plans::int as custom from pg_prepared_statements
        where name = 'gatehouse-audit-append-one'`.execute(db)
    })
    expect(plans.rows).toEqual([{ generic: 3, custom: 5 }]) // the database tries five before it keeps one
  })

  test('are recorded by a new look', async () => {
    const ada = await insertPerson()
    await sql`update users set display_name = 'Augusta' where id = ${ada.id}`.execute(r.admin)
    await trail.record(by(await known(ada)))
    expect(await count()).toBe(1)
  })

  test('are never only counted: a count proves nobody', async () => {
    const ada = await insertPerson()
    const page = { ...by(ada), call: { ...from('192.0.2.7'), background: true } }
    for (let read = 0; read < 3; read += 1) await trail.record(page)
    expect(await count()).toBe(3)
  })
})

describe('the batch writer', () => {
  test('has an entry durable when it says so, and queued for the tree', async () => {
    await trail.record(read())
    expect(await count()).toBe(1)
    expect(await r.admin.selectFrom('audit_pending').select('entry_id').execute()).toHaveLength(1)
  })

  test('writes what comes at once in far fewer transactions', async () => {
    await trail.record(read())
    for (let wave = 0; wave < 4; wave += 1) await Promise.all(Array.from({ length: 100 }, () => trail.record(read())))
    expect(await count()).toBe(401)
    const { rows } = await sql<{ n: string }>`select count(distinct xmin::text) as n from audit_pending`.execute(
      r.admin,
    )
    expect(Number(rows[0]?.n)).toBeLessThan(20)
  })

  // Threat F1: a record that cannot be written refuses the call within a second
  test('refuses as unavailable after a second, and does not write later what was still waiting', async () => {
    await blocked(async () => {
      const from = performance.now()
      const results = await Promise.allSettled(Array.from({ length: 300 }, () => trail.record(read())))
      expect(waitMillisecondsMax).toBeLessThanOrEqual(1000)
      expect(performance.now() - from).toBeLessThan(waitMillisecondsMax + 4000) // and what a loaded machine adds
      for (const result of results)
        expect(result).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } })
    })
    await trail.record(read())
    // what was under way when the second passed may be there; the rest is not
    expect(await count()).toBeLessThanOrEqual(1 + batchesAtOnce * batchEntriesMax)
  })

  test('refuses at once when too many wait, and takes again when they are gone', async () => {
    await blocked(async () => {
      const all = Array.from({ length: queueEntriesMax + 500 }, () =>
        trail.record(read()).then(
          () => null,
          (error: unknown) => error,
        ),
      )
      const from = performance.now()
      await expect(trail.record(read())).rejects.toMatchObject({ code: 'unavailable' })
      expect(performance.now() - from).toBeLessThan(900) // at once, not after the second that others wait
      await Promise.all(all)
    })
    await expect(trail.record(read())).resolves.toMatch(/^[0-9a-f-]{36}$/)
  })

  test('a batch that waits does not hold up the next one', async () => {
    const id = randomUUID()
    let isHeld = true
    const held = r.admin.transaction().execute(async (tx) => {
      await sql`insert into audit_pending (entry_id, entry) values (${id}, '{}')`.execute(tx)
      const waiting = trail.record(read({ id })).then(
        () => isHeld,
        () => isHeld,
      )
      await sleep(20) // it is on its way by now
      await Promise.all(Array.from({ length: 20 }, () => trail.record(read())))
      isHeld = false
      return { waiting }
    })
    const { waiting } = await held
    expect(await waiting).toBe(false)
    expect(await count()).toBe(21)
  })

  test('an entry that is sent again while the attempt before is still under way is there once', async () => {
    const entry = makeEntry({ draft: read(), at: r.clock.now(), intent: null, random: systemRandom(r.clock) })
    const writer = createBatchWriter({ connections: { run: (work) => work(r.db) }, subjectKeys: r.subjectKeys })
    const { again } = await r.admin.transaction().execute(async (tx) => {
      await insertEntries(tx, r.subjectKeys, { entries: [entry] })
      const written = writer.write({ entry, closes: null, isNew: false, assumed: null })
      await expect.poll(waitingForAnother, { interval: 5 }).toBe(1)
      return { again: written }
    })
    await again
    await r.place()
    const { rows } = await sql`select entry_id from audit_personal`.execute(r.admin)
    expect(rows).toHaveLength(1)
    expect(await r.verify()).toMatchObject({ ok: true, size: 1, problems: [] })
  })

  test('an entry whose answer was lost is looked for by the next attempt, and stays one with one place', async () => {
    const entry = makeEntry({ draft: read(), at: r.clock.now(), intent: null, random: systemRandom(r.clock) })
    let isLost = false
    const connections: Pick<HeldConnections, 'run'> = {
      run: async (work) => {
        const answer = await work(r.db)
        if (isLost) return answer
        isLost = true
        await r.place()
        throw new TypeError('the answer was lost')
      },
    }
    const writer = createBatchWriter({ connections, subjectKeys: r.subjectKeys })
    await writer.write({ entry, closes: null, isNew: true, assumed: null })
    expect(await r.verify()).toMatchObject({ ok: true, size: 1, pending: 0, problems: [] })
  })

  test('survives losing its connection: what it said it wrote is there, once', async () => {
    await trail.record(read())
    let lost = 0
    const killer = (async () => {
      for (let round = 0; round < 5; round += 1) {
        await sleep(30)
        await sql`
          select pg_terminate_backend(pid) from pg_stat_activity
          where application_name = 'gatehouse-audit-writer' and datname = current_database()`.execute(r.admin)
      }
    })()
    for (let round = 0; round < 100; round += 1) {
      await Promise.all(
        Array.from({ length: 5 }, () =>
          trail.record(read()).catch(() => {
            lost += 1
          }),
        ),
      )
      await sleep(2)
    }
    await killer
    expect(lost).toBe(0)
    expect(await count()).toBe(501)
    expect(await r.admin.selectFrom('audit_pending').select('entry_id').execute()).toHaveLength(501)
  })

  test('one entry that the database refuses does not take the others with it', async () => {
    await sql`alter table audit_pending add constraint no_poison check (entry not like '%poison%')`.execute(r.admin)
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) =>
        trail.record(read({ input: { name: index === 20 ? 'poison' : 'fine' } })),
      ),
    )
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1)
    expect(await count()).toBe(49)
    await sql`alter table audit_pending drop constraint no_poison`.execute(r.admin)
  })

  // Threat F1: what is the same to all of them is asked once, not by halves, each of which may wait as long again
  test('a batch that finds no room is refused whole, by one statement', async () => {
    await sql`create function no_room() returns trigger language plpgsql as
      $$ begin raise exception 'no room' using errcode = 'disk_full'; end $$`.execute(r.admin)
    await sql`create trigger no_room before insert on audit_pending execute function no_room()`.execute(r.admin)
    let asked = 0
    const connections: Pick<HeldConnections, 'run'> = {
      run: (work) => {
        asked += 1
        return work(r.db)
      },
    }
    const writer = createBatchWriter({ connections, subjectKeys: r.subjectKeys })
    const random = systemRandom(r.clock)
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, () => {
        const entry = makeEntry({ draft: read(), at: r.clock.now(), intent: null, random })
        return writer.write({ entry, closes: null, isNew: true, assumed: null })
      }),
    )
    await sql`drop function no_room() cascade`.execute(r.admin)
    const hint = expect.stringContaining('make room')
    for (const result of results)
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'unavailable', details: { hint } } })
    expect(asked).toBe(1)
  })

  test('whatever somebody sends, his refusal can be recorded', async () => {
    const nasty = ['\0', '\ud800', '\u2028', '"\\', '\u{1F600}', 'x'.repeat(200_000)]
    for (const text of nasty)
      await trail.record(
        read({
          outcome: 'refused',
          refusal: 'forbidden',
          resource: { type: 'Team', id: text },
          input: { [text.slice(0, 100)]: text, deep: [[[{ text }]]], n: Number.POSITIVE_INFINITY, b: 1n },
        }),
      )
    await trail.record(
      draftOf(person(), {
        action: 'auth.login',
        outcome: 'refused',
        refusal: 'forbidden',
        input: { username: '\0\ud800' },
      }),
    )
    expect(await count()).toBe(nasty.length + 1)
    expect(await r.verify()).toMatchObject({ ok: true, pending: nasty.length + 1 })
    await r.place()
    expect(await r.verify()).toMatchObject({ ok: true, size: nasty.length + 1 })
  })

  test('an input too long for an entry stands there as its hash', async () => {
    await trail.record(read({ input: { text: 'x'.repeat(70_000) }, detail: { short: true } }))
    expect((await entries())[0]).toMatchObject({
      input: { sha256: expect.stringMatching(/^[\w-]{43}$/), sizeBytes: 70_011 },
      detail: { short: true },
    })
  })
})

describe('refusals of strangers', () => {
  test('the first of an address and reason is recorded, the rest of that minute counted', async () => {
    // one /64
    for (let round = 0; round < 500; round += 1) await trail.record(stranger(`2001:db8::${round.toString(16)}`))
    await trail.record(stranger('2001:db8:0:1::1')) // another
    await trail.record(stranger('2001:db8::1', 'rate-limited')) // another reason
    expect(await count()).toBe(3)
    await trail.close()
    const [aggregate, ...more] = (await entries()).filter((entry) => entry['action'] === 'refusals.aggregated')
    expect(more).toEqual([])
    expect(aggregate).toMatchObject({
      outcome: 'refused',
      refusal: 'unauthenticated',
      principal: { type: 'Anonymous' },
      detail: { count: 499 },
      ip: { c: expect.any(String) },
    })
    expect(errors).toEqual([])
  })

  test('counts are written when their minute is over', async () => {
    await trail.record(stranger('192.0.2.1'))
    await trail.record(stranger('192.0.2.1'))
    r.clock.shiftSeconds(61)
    await expect.poll(count, { timeout: 5000 }).toBe(2)
    await trail.record(stranger('192.0.2.1')) // a new minute has a new first
    expect(await count()).toBe(3)
  })

  // Threat C14 and F1: 2^16 addresses must fill neither memory nor disk
  test('a flood from ever new addresses is counted together beyond a limit', async () => {
    for (let wave = 0; wave < talliesMax; wave += 50)
      await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          trail.record(stranger(`10.0.${(wave + index) >> 8}.${(wave + index) & 255}`)),
        ),
      )
    const before = await count()
    for (let index = 0; index < 5000; index += 1) await trail.record(stranger(`10.1.${index >> 8}.${index & 255}`))
    expect(await count()).toBe(before + 1)
  })

  test('a wrong password is never just counted', async () => {
    for (let round = 0; round < 20; round += 1) await trail.record(stranger('192.0.2.1', 'invalid-credentials'))
    expect(await count()).toBe(20)
  })

  test("a known person's refusals are never just counted", async () => {
    for (let round = 0; round < 20; round += 1)
      await trail.record(read({ outcome: 'refused', refusal: 'rate-limited' }))
    expect(await count()).toBe(20)
  })
})

describe('what a page asks again by itself', () => {
  const page = person()
  const again = (parts: Partial<AuditDraft> = {}, background = true, principal = page) =>
    draftOf(principal, {
      action: 'lease.list',
      input: {},
      resource: { type: 'System', id: 'gatehouse' },
      call: { ...from('192.0.2.7'), background },
      ...parts,
    })

  test('is recorded once a minute, and counted: nothing is lost', async () => {
    for (let round = 0; round < 12; round += 1) await trail.record(again())
    for (let round = 0; round < 6; round += 1) await trail.record(again({ action: 'system.status' }))
    expect(await count()).toBe(2)
    await trail.close()
    const [aggregate, ...more] = (await entries()).filter((entry) => entry['action'] === 'reads.aggregated')
    expect(more).toEqual([])
    expect(aggregate).toMatchObject({
      kind: 'read',
      sessionId: page.session.id,
      principal: { type: 'User', id: page.id },
      detail: {
        count: 16,
        reads: [
          { action: 'lease.list', count: 11 },
          { action: 'system.status', count: 5 },
        ],
      },
    })
    expect(errors).toEqual([])
    expect(await r.verify()).toMatchObject({ ok: true })
  })

  test('is told apart by what was asked, of what, by whom, and by what the policies said', async () => {
    const drafts = [
      again(),
      again({ input: { state: 'active' } }),
      again({ resource: { type: 'Lease', id: 'l-1' } }),
      again({ decision: { effect: 'allow', policies: ['q'], version: 'v' } }),
      again({}, true, person()),
      again({ call: { ...from('198.51.100.1'), background: true } }),
    ]
    for (const draft of [...drafts, ...drafts]) await trail.record(draft)
    expect(await count()).toBe(drafts.length)
  })

  test('never hides what a person asked, what was refused or failed, or when a stream opened and closed', async () => {
    const kept = [
      again({}, false),
      again({ outcome: 'refused', refusal: 'forbidden' }),
      again({ outcome: 'failed' }),
      again({ action: 'lease.watch', detail: { stream: 'opened' } }),
      again({ action: 'lease.watch', detail: { stream: 'closed' } }),
    ]
    for (const draft of [...kept, ...kept]) await trail.record(draft)
    expect(await count()).toBe(2 * kept.length)
  })

  test('counts that the database did not take are written when it is back', async () => {
    await trail.record(again())
    await trail.record(again())
    r.clock.shiftSeconds(61)
    await blocked(async () => {
      await expect.poll(() => errors.length, { timeout: 8000 }).toBeGreaterThan(0)
      // who gave up waiting may find it written all the same: this attempt never is
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
        and application_name = 'gatehouse-audit-writer' and wait_event_type = 'Lock'`.execute(r.db)
    })
    await expect.poll(count, { timeout: 8000 }).toBe(2)
  })
})
