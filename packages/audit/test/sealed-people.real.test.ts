import { randomBytes, randomUUID } from 'node:crypto'
import { anonymous, systemRandom, uid, type Principal } from '@gatehouse/enforcement'
import { CompiledQuery, sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeEntry } from '../src/entry.ts'
import { insertEntries } from '../src/entry.queries.ts'
import { findEntry } from '../src/search.queries.ts'
import { sealOldValues } from '../src/seal-old-values.ts'
import { commitmentsIn, parseStoredEntry } from '../src/stored-entry.ts'
import { person, personalOf, shareStores, type SharedStores } from './harness.ts'
import { openTestKeys } from './test-keys.ts'
import { draftOf, openRecord, type TestRecord } from './record.ts'

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

/** All of the database as text, bytes as hexadecimal and as they are. */
async function everything(): Promise<string> {
  const { rows: tables } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = 'public'`.execute(r.admin)
  const dumps = await Promise.all(
    tables.map(
      async ({ name }) =>
        (await sql<{ row: string }>`select ${sql.table(name)}::text as row from ${sql.table(name)}`.execute(r.admin))
          .rows,
    ),
  )
  return dumps
    .flat()
    .map(({ row }) => row)
    .join('\n')
}
const hexOf = (text: string): string => Buffer.from(text).toString('hex')
const write = async (
  parts: Parameters<typeof draftOf>[1],
  principal: Principal = person({ username: 'lovelace' }),
  at = r.clock.now(),
) => {
  const made = makeEntry({
    draft: draftOf(principal, parts),
    at,
    intent: null,
    random: systemRandom(r.clock),
    sayOfSession: r.subjectKeys.sayOfSession,
  })
  r.subjectKeys.confirm(await insertEntries(r.db, r.subjectKeys, { entries: [made] }))
  return made.id
}

describe('what the audit log keeps of people', () => {
  test('is nowhere in clear: not in an entry, not beside it, not in what it is searched by', async () => {
    const call = { ...draftOf().call, address: '192.0.2.77', userAgent: 'lovelace-browser' }
    const id = await write({ action: 'user.disable', input: { id: 'babbage', reason: 'left with noether' }, call })
    const text = await everything()
    for (const value of ['lovelace', '192.0.2.77', 'babbage', 'noether'])
      expect([text.includes(value), text.includes(hexOf(value))], value).toEqual([false, false])
    expect((await personalOf(r, id)).map(({ value }) => value)).toEqual([
      'lovelace',
      '192.0.2.77',
      'lovelace-browser',
      'babbage',
      'left with noether',
    ])
  })

  test('of a person asked for by a name that nobody has, the entry has no name', async () => {
    const id = await write({ action: 'user.get', resource: uid('User', 'noether'), input: { id: 'noether' } })
    expect(await everything()).not.toContain('noether')
    expect((await personalOf(r, id)).map(({ value }) => value)).toContain('noether')
  })

  test('ends with its key: nothing is read any more, and the tree verifies', async () => {
    const [ada, grace] = [person({ username: 'lovelace' }), person({ username: 'hopper' })]
    const ids = [await write({}, ada), await write({}, ada), await write({}, grace)]
    await r.place()
    await r.db.deleteFrom('audit_subject_key').where('subject', '=', ada.id).execute()
    expect(await Promise.all(ids.map(async (id) => (await personalOf(r, id)).length))).toEqual([0, 0, 3])
    expect(await r.verify()).toMatchObject({ ok: true, size: 3 })
  })

  test('what is said of a person is sealed under their key, and not under that of who said it', async () => {
    const [ada, about] = [person({ username: 'lovelace' }), randomUUID()]
    const id = await write(
      { action: 'user.update', resource: uid('User', about), input: { displayName: 'Grace' } },
      ada,
    )
    await r.db.deleteFrom('audit_subject_key').where('subject', '=', about).execute()
    expect((await personalOf(r, id)).map(({ field }) => field)).toEqual(['principal.name', 'ip', 'userAgent'])
  })

  test('one person has one key in each process, and each opens what the other sealed', async () => {
    const ada = person({ username: 'lovelace' })
    await write({}, ada)
    await write({}, ada)
    const other = await openTestKeys(r.db)
    const made = makeEntry({ draft: draftOf(ada), at: r.clock.now(), intent: null, random: systemRandom(r.clock) })
    await insertEntries(r.db, other, { entries: [made] })
    const keys = await r.admin.selectFrom('audit_subject_key').select('id').where('subject', '=', ada.id).execute()
    expect(keys).toHaveLength(2)
    expect((await personalOf(r, made.id)).map(({ value }) => value)).toContain('lovelace')
  })

  test('a key that was never kept, because its transaction was rolled back, is used by nobody', async () => {
    const ada = person({ username: 'lovelace' })
    const made = () =>
      makeEntry({ draft: draftOf(ada), at: r.clock.now(), intent: null, random: systemRandom(r.clock) })
    await expect(
      r.db.transaction().execute(async (tx) => {
        await insertEntries(tx, r.subjectKeys, { entries: [made()] })
        throw new Error('rolled back')
      }),
    ).rejects.toThrow('rolled back')
    const id = await write({}, ada)
    expect((await personalOf(r, id)).map(({ value }) => value)).toContain('lovelace')
  })
})

describe('what the entries of a session say of their caller', () => {
  const kept = () =>
    r.admin.selectFrom('audit_personal').select(['entry_id', 'part', 'sealed']).orderBy('entry_id').execute()
  const commitmentsOf = async (id: string) => {
    const { entry } = await r.admin
      .selectFrom('audit_entry')
      .select('entry')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    return commitmentsIn(parseStoredEntry(entry) ?? {})
  }
  const found = async () => (await r.verify()).problems.map(({ kind, seq }) => [kind, seq])

  test('is committed to and sealed once a minute, and each entry opens by itself', async () => {
    const ada = person({ username: 'lovelace' })
    const [at, later] = [new Date('2026-11-28T12:00:00Z'), new Date('2026-11-28T12:01:00Z')]
    const asked = { action: 'user.get', input: { id: 'babbage' } } as const
    const ids = [await write({}, ada, at), await write(asked, ada, at), await write({}, ada, later)]
    await r.place()
    const commitments = await Promise.all(ids.map(commitmentsOf))
    for (const field of ['principal.name', 'ip', 'userAgent']) {
      expect(commitments[1]?.get(field)).toBe(commitments[0]?.get(field))
      expect(commitments[2]?.get(field)).not.toBe(commitments[0]?.get(field))
    }
    const shared = (await kept()).filter(({ part }) => part === 'caller-in-session')
    expect(new Set(shared.map(({ sealed }) => sealed.toString('hex'))).size).toBe(2)
    expect(await Promise.all(ids.map(async (id) => (await personalOf(r, id)).length))).toEqual([3, 4, 3])
    expect(await r.verify()).toMatchObject({ ok: true, size: 3 })
  })

  test.each([
    ['another address', { address: '192.0.2.8' }],
    ['another program', { userAgent: 'curl' }],
  ])('is said anew for %s, and by callers without a session each time', async (_, other) => {
    const [ada, { call }] = [person({ username: 'lovelace' }), draftOf()]
    const at = r.clock.now()
    const of = async (parts: Partial<typeof call>, principal: Principal) =>
      JSON.stringify([...(await commitmentsOf(await write({ call: { ...call, ...parts } }, principal, at)))])
    expect(await of(other, ada)).not.toBe(await of({}, ada))
    expect(await of({}, anonymous)).not.toBe(await of({}, anonymous))
  })

  test('is nothing that another entry of the same person could be given unseen', async () => {
    const ada = person({ username: 'lovelace' })
    const { call } = draftOf()
    const [one, two] = [await write({}, ada), await write({ call: { ...call, address: '198.51.100.7' } }, ada)]
    await r.place()
    await sql`update audit_personal set sealed = (select sealed from audit_personal where entry_id = ${one}::uuid)
      where entry_id = ${two}::uuid`.execute(r.admin)
    expect(await found()).toEqual([
      ['personal-altered', 1],
      ['personal-altered', 1],
      ['personal-altered', 1],
    ])
    const deps = { db: r.db, subjectKeys: r.subjectKeys }
    expect(await findEntry(deps, one)).toMatchObject({ withheld: false })
    expect(await findEntry(deps, two)).toMatchObject({ withheld: true, personal: [] })
  })
})

describe('what waits with its entry', () => {
  const waiting = () =>
    sql<Record<string, unknown>>`
      select caller_part, caller_key, caller_sealed, caller_ip, input_key, input_sealed from audit_pending`
      .execute(r.admin)
      .then(({ rows }) => rows)

  test('is read as what has its place is, and goes there with the entry', async () => {
    const ids = [await write({ action: 'user.get', input: { id: 'babbage' } }), await write({}, anonymous)]
    const read = () => Promise.all(ids.map((id) => personalOf(r, id)))
    const before = await read()
    expect(before.map((values) => values.length)).toEqual([4, 2])
    await r.place()
    expect(await read()).toEqual(before)
    expect(await waiting()).toEqual([])
  })

  test('is not kept of whom there is no key any more', async () => {
    const ada = person({ username: 'lovelace' })
    await write({}, ada)
    await r.place()
    await r.db.deleteFrom('audit_subject_key').where('subject', '=', ada.id).execute()
    await write({ action: 'user.get', input: { id: 'babbage' } }, ada) // by the key that this process remembers
    expect((await waiting()).flatMap((row) => Object.values(row))).toEqual(Array.from({ length: 6 }, () => null))
  })

  test('goes nowhere where the key is gone by then, by whomever it was taken', async () => {
    const ada = person({ username: 'lovelace' })
    await write({}, ada)
    // as a process of the version before does, which knows nothing of what waits
    await r.db.deleteFrom('audit_subject_key').where('subject', '=', ada.id).execute()
    await r.place()
    expect(await r.admin.selectFrom('audit_personal').selectAll().execute()).toEqual([])
    expect(await r.verify()).toMatchObject({ ok: true, size: 1 })
  })

  test('comes in whole or not at all, and goes nowhere by a key that is gone, whoever hands it on', async () => {
    await write({})
    const [key] = await r.db.selectFrom('audit_subject_key').select('id').execute()
    const [sealed, address, foreign] = [Buffer.from('eve'), Buffer.alloc(16), randomUUID()]
    const come = (...parts: readonly unknown[]) => {
      const text = `insert into audit_intake (entry_id, entry, caller_part, caller_key, caller_sealed, caller_ip,
          input_key, input_sealed)
        select $1::uuid, $2, $3, $4::uuid, $5::bytea, $6::bytea, $7::uuid, $8::bytea`
      const entry = '{"at":"2026-11-28T12:00:00Z"}'
      return r.db.executeQuery(CompiledQuery.raw(text, [randomUUID(), entry, ...parts]))
    }
    const refused = [
      ['eve', key?.id, sealed, address, null, null],
      ['input', key?.id, sealed, address, null, null],
      [null, key?.id, sealed, address, null, null],
      ['caller', key?.id, null, address, null, null],
      ['caller', key?.id, sealed, randomBytes(33), null, null], // longer than its index holds
      [null, null, null, null, key?.id, null],
    ]
    for (const parts of refused) await expect(come(...parts), String(parts)).rejects.toMatchObject({ code: '44000' })
    await come('caller', foreign, sealed, address, foreign, sealed)
    await sql`select audit_lock_parts()`.execute(r.db)
    expect(await r.admin.selectFrom('audit_personal').select('part').execute()).toEqual([{ part: 'caller-in-session' }])
    await come('caller-in-session', foreign, sealed, address, foreign, sealed)
    await r.place()
    expect(await r.admin.selectFrom('audit_personal').select('part').execute()).toEqual([{ part: 'caller-in-session' }])
    expect(await waiting()).toEqual([])
  })

  // A list of seventeen million numbers is more than the database holds at once: it fails of it otherwise.
  test('has its place unread where it is longer than any entry, and does not come in alone', async () => {
    const long = JSON.stringify({ action: 'eve', at: '2026-11-28T12:00:00Z', list: Array(600_000).fill(1) })
    const come = sql`insert into audit_intake (entry_id, entry) values (gen_random_uuid(), ${long})`
    await expect(come.execute(r.db)).rejects.toMatchObject({ code: '44000' })
    await sql`select audit_keep_one(gen_random_uuid(), ${long}, null, null, null, null, null, null, null)`.execute(r.db)
    await write({})
    await r.place()
    const placed = await r.admin.selectFrom('audit_placed').select('action').execute()
    expect(placed.map(({ action }) => action)).toEqual(expect.arrayContaining([null, expect.any(String)]))
    expect(placed).toHaveLength(2)
    expect((await r.verify()).size).toBe(2)
  })

  test('is whole or not there, and what somebody put into its place holds up nobody and is found', async () => {
    const id = await write({})
    const text = '{"at":"2026-11-28T12:00:00Z"}'
    await sql`
      select audit_keep_one(gen_random_uuid(), ${text}, null, part, key.id, sealed, 'eve', key.id, null)
      from (select id from audit_subject_key limit 1) as key,
        (values ('eve', 'eve'::bytea), ('input', 'eve'), ('caller', null), (null, 'eve')) as given (part, sealed)
    `.execute(r.db)
    expect((await waiting()).filter((row) => Object.values(row).some((value) => value !== null))).toHaveLength(1)
    // longer than the index holds by which it is searched
    const long = randomBytes(3000)
    await sql`
      select audit_keep_one(gen_random_uuid(), ${text}, null, 'caller', key.id, 'eve', ${long}::bytea, null, null)
      from (select id from audit_subject_key limit 1) as key`.execute(r.db)
    expect((await waiting()).map((row) => row['caller_ip'])).not.toContainEqual(long)
    await sql`insert into audit_personal (entry_id, part, key_id, sealed)
      select entry_id, caller_part, caller_key, 'eve' from audit_pending where entry_id = ${id}`.execute(r.db)
    await r.place()
    expect(await waiting()).toEqual([])
    expect((await r.verify()).problems.map(({ kind }) => kind)).toContain('personal-altered')
    expect(await findEntry({ db: r.db, subjectKeys: r.subjectKeys }, id)).toMatchObject({ withheld: true })
  })
})

describe('after an upgrade', () => {
  test('what an older version kept in clear is sealed by the first start, by two at once, and verifies', async () => {
    const ada = person({ username: 'lovelace' })
    const ids = [await write({}, ada), await write({ action: 'user.get', input: { id: 'babbage' } }, ada)]
    await r.place()
    for (const id of ids) {
      for (const { field, value, salt } of await personalOf(r, id))
        await r.admin
          .insertInto('audit_personal_clear')
          .values({ entry_id: id, field, value, salt: Buffer.from(salt) })
          .execute()
      await r.admin.deleteFrom('audit_personal').where('entry_id', '=', id).execute()
    }
    await r.admin.deleteFrom('audit_mention').execute()
    const [one, two] = [r.subjectKeys, await openTestKeys(r.db)]
    const sealed = await Promise.all([sealOldValues(r.db, one), sealOldValues(r.db, two)])
    expect(sealed.reduce((sum, count) => sum + count, 0)).toBe(2)
    expect(await r.admin.selectFrom('audit_personal_clear').selectAll().execute()).toEqual([])
    expect((await personalOf(r, ids[1] ?? '')).map(({ value }) => value).toSorted()).toEqual(
      ['192.0.2.7', 'babbage', 'lovelace', 'vitest'].toSorted(),
    )
    expect(await everything()).not.toMatch(/lovelace|babbage|192\.0\.2\.7/)
    expect(await r.verify()).toMatchObject({ ok: true, size: 2 })
  })
})
