import { appendFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Input, Output } from '@gatehouse/contract'
import { anonymous, systemRandom, uid, type AuditDraft, type Handler } from '@gatehouse/enforcement'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { textsUnaskedMax } from '../src/anonymize.ts'
import { makeEntry } from '../src/entry.ts'
import { erasePerson } from '../src/erase-person.ts'
import { insertEntries } from '../src/entry.queries.ts'
import { lockPersonal } from '../src/erasure.queries.ts'
import { auditHandlers, keepErasures, openOutsideLedgers, startSequencer, verifyRecord } from '../src/index.ts'
import { handlerDepsOn } from './asking.ts'
import {
  newCheckpointKey,
  openHarness,
  person,
  personalOf,
  shareStores,
  type Harness,
  type SharedStores,
} from './harness.ts'
import { claimSink } from '../src/sinks/sink.queries.ts'
import { draftOf } from './record.ts'

let stores: SharedStores
let h: Harness
const admin = person({ username: 'lovelace', roles: ['Admin'] })
const grace = person({ username: 'hopper' })
beforeAll(async () => {
  stores = await shareStores()
})
afterAll(() => stores.end())
beforeEach(async () => {
  h = await openHarness({ stores })
  h.as(admin)
})
afterEach(() => h.close())

/** How the other domains knew her; what they do with their own rows is tested with them. */
const people = {
  eraseEverywhere: () => Promise.resolve(['hopper', 'Grace Hopper', 'grace@example.org']),
  forgetNames: () => Promise.resolve(),
}
const deps = () => ({ ...handlerDepsOn(h), people })
const anonymize = async (input: Partial<Input<'audit.anonymize'>> = {}): Promise<Output<'audit.anonymize'>> =>
  (await h.call(
    'audit.anonymize',
    { user: grace.id, reason: 'art. 17 GDPR, ticket DP-7', ...input },
    auditHandlers(deps())['audit.anonymize'] as Handler<'audit.anonymize'> as never, // called with its own permit
  )) as Output<'audit.anonymize'>
const ledgerPath = () => join(h.home, 'erasures.jsonl')
const keep = (known = people) => keepErasures({ ...deps(), people: known, ledger: h.ledgers.erasures })

const write = async (parts: Partial<AuditDraft>, principal: AuditDraft['principal'] = grace): Promise<string> => {
  const draft = draftOf(principal, parts)
  const made = makeEntry({ draft, at: h.clock.now(), intent: null, random: systemRandom(h.clock) })
  h.subjectKeys.confirm(await insertEntries(h.db, h.subjectKeys, { entries: [made] }))
  return made.id
}
const shown = (id: string) =>
  h.call('audit.get', { id }, auditHandlers(deps())['audit.get'] as Handler<'audit.get'> as never) // its own
const valuesOf = async (id: string): Promise<string[]> => (await personalOf(h, id)).map(({ value }) => value)
const clear = async (): Promise<string> => {
  const { rows } = await sql<{ id: string }>`select id from audit_entry`.execute(h.admin)
  const values = await Promise.all(rows.map(({ id }) => valuesOf(id)))
  const { rows: texts } = await sql<{ text: string }>`select string_agg(entry, ' ') as text from audit_entry`.execute(
    h.admin,
  )
  return [...values.flat(), texts[0]?.text ?? ''].join('\n')
}
/** Until the tree has grown over all of it. */
async function verified() {
  const sequencer = startSequencer({ ...deps(), url: h.database.url, onError: () => undefined })
  const verdict = () => verifyRecord({ db: h.db, key: h.key, subjectKeys: h.subjectKeys, remembered: null })
  await expect.poll(async () => (await verdict()).pending, { timeout: 10_000 }).toBe(0)
  await sequencer.close()
  return verdict()
}

describe('audit.anonymize', () => {
  // Threat F6, acceptance 6: what remains of somebody is an id that leads nowhere
  test('leaves nothing of a person, whoever said it, and the tree verifies', async () => {
    const own = await write({})
    const told = await write({ action: 'user.get', resource: uid('User', grace.id), input: { id: 'hopper' } }, admin)
    const asked = await write({ action: 'audit.search', input: { actor: 'Grace@Example.org', ip: '192.0.2.9' } }, admin)
    const tried = await write(
      { action: 'auth.login', outcome: 'refused', refusal: 'invalid-credentials', input: { username: 'Hopper' } },
      anonymous,
    )
    const others = await write({ input: { name: 'sre' } }, person({ username: 'babbage' }))
    await verified()
    expect(await anonymize()).toMatchObject({ id: grace.id, keysDestroyed: 1, entriesNaming: 3 })
    expect(await Promise.all([own, tried].map(valuesOf))).toEqual([[], []])
    expect(await Promise.all([told, asked].map(valuesOf))).toEqual([
      ['lovelace', '192.0.2.7', 'vitest'],
      ['lovelace', '192.0.2.7', 'vitest'],
    ])
    expect(await valuesOf(others)).toContain('babbage')
    expect(await clear()).not.toMatch(/hopper|grace/i)
    expect(await verified()).toMatchObject({ ok: true, pending: 0 })
  })

  test('is itself on record: who, on what ground, whose id; and not their name', async () => {
    await write({})
    await anonymize({ user: grace.id })
    const entry = (await h.entries()).find(({ action }) => action === 'audit.anonymize')
    expect(entry).toMatchObject({
      principal: { id: admin.id },
      resource: { type: 'User', id: grace.id },
      outcome: 'allowed',
      input: { reason: 'art. 17 GDPR, ticket DP-7' },
      detail: { keysDestroyed: 1, entriesNaming: 0 },
    })
    expect(await valuesOf(String(entry?.['id']))).toEqual(['lovelace', '192.0.2.7', 'vitest'])
  })

  // Threat F6, acceptance 6: what others write stands under their keys, and names people among other words
  test('takes out what others wrote in which somebody is named, field by field, and says on record which', async () => {
    await write({})
    const led = { name: 'sre', description: 'led by Grace Hopper, 2 years' }
    const team = await write({ action: 'team.update', input: led }, admin)
    const asked = { ticket: 'DP-9', reason: 'HOPPER wants it' }
    const lease = await write({ action: 'approval.request', input: asked }, person({ username: 'babbage' }))
    const list = await write({ action: 'policy.decided', input: { parameters: ['user=hopper', 'n=1'] } }, admin)
    const strange = await write({ call: { ...draftOf(admin).call, userAgent: "hopper's phone" } }, anonymous)
    const other = await write({ action: 'team.update', input: { ...led, description: 'led by Ada' } }, admin)
    await verified()
    expect(await anonymize()).toMatchObject({ entriesNaming: 4 })
    expect(await clear()).not.toMatch(/hopper|grace/i)
    expect(await valuesOf(team)).toEqual(['lovelace', '192.0.2.7', 'vitest'])
    expect(await valuesOf(lease)).toEqual(['babbage', '192.0.2.7', 'vitest', 'DP-9'])
    expect(await valuesOf(strange)).toEqual(['192.0.2.7'])
    expect(await valuesOf(other)).toContain('led by Ada')
    expect(await shown(lease)).toMatchObject({ erased: ['input.reason'] })
    expect(await shown(other)).toMatchObject({ erased: [] })
    const told = (await h.entries()).filter(({ action }) => action === 'audit.redacted')
    expect(told.map(({ detail }) => detail)).toEqual([
      {
        subject: grace.id,
        values: expect.arrayContaining([
          { entry: team, field: 'input.description' },
          { entry: lease, field: 'input.reason' },
          { entry: list, field: 'input.parameters' },
          { entry: strange, field: 'userAgent' },
        ]),
      },
    ])
    expect(await verified()).toMatchObject({ ok: true, problems: [] })
  })

  test('finds them by all names they ever went by, also after their account was deleted', async () => {
    const told: string[] = []
    const forgotten = {
      eraseEverywhere: () => Promise.resolve([]),
      forgetNames: (_tx: unknown, names: readonly string[]) => Promise.resolve(void told.push(...names)),
    }
    const renamed = person({ ...grace, username: 'murray' })
    await write({}, grace)
    await write({ action: 'auth.whoami' }, renamed)
    const about = uid('User', grace.id)
    await write({ action: 'user.create', resource: about, input: { username: 'm', displayName: 'Grace M.' } }, admin)
    const reasons = ['by hopper', 'murray asked', 'Grace M. wants it', 'by nobody']
    const ids = []
    for (const reason of reasons) ids.push(await write({ action: 'audit.holdRelease', input: { reason } }, admin))
    const handler = auditHandlers({ ...deps(), people: forgotten })['audit.anonymize']
    await h.call('audit.anonymize', { user: grace.id, reason: 'ticket DP-7' }, handler as never) // its own
    const left = (await Promise.all(ids.map(valuesOf))).map((values) => values[3])
    expect(left).toEqual([undefined, undefined, undefined, 'by nobody'])
    // by these every domain takes out what others wrote in its own rows
    expect(told).toEqual(expect.arrayContaining(['hopper', 'murray', 'Grace M.']))
  })

  test('leaves an entry that names them where a legal hold is over it, and has then done nothing', async () => {
    const named = await write({ action: 'team.update', input: { description: 'led by hopper' } }, admin)
    await sql`
      insert into audit_hold (id, reason, names, principal_id, placed_by, placed_at)
      values (gen_random_uuid(), 'case 4711', '{}', ${admin.id}, 'x', now())`.execute(h.admin)
    await write({})
    await expect(anonymize()).rejects.toMatchObject({
      code: 'conflict',
      details: { hint: expect.stringContaining('is over entries in which others name this person') },
    })
    expect(await valuesOf(named)).toContain('led by hopper')
  })

  test('answers where it had gone: sinks and exports that were not redacted', async () => {
    await write({})
    await verified()
    const sink = async (name: string, more: string) =>
      sql`
        insert into audit_sink (id, name, kind, format, target, redacted, state, cursor, due_at, created_at)
        select gen_random_uuid(), ${name}, ${name}, 'jsonl', ${more}, ${name === 'webhook'}, 'active',
          ${name === 'hec' ? -1 : 100}, now(), now()`.execute(h.admin)
    await sink('file', '{"file":"all.jsonl"}')
    await sink('http', '{"url":"https://siem.example.org"}')
    await sink('webhook', '{"url":"https://redacted.example.org"}')
    await sink('hec', '{"url":"https://late.example.org"}')
    const exported = { action: 'audit.export', detail: { export: 'e1', size: 9 } } as const
    await write({ ...exported, input: { format: 'csv', redact: false } }, admin)
    await write({ ...exported, input: { format: 'csv', redact: true } }, admin)
    await write({ ...exported, input: { format: 'csv', redact: false }, detail: { size: 0 } }, admin)
    const { copies, moreCopies } = await anonymize()
    expect(moreCopies).toBe(false)
    expect(copies).toMatchObject([
      { kind: 'sink', name: 'file', target: 'all.jsonl', writtenAnew: true },
      { kind: 'sink', name: 'http', target: 'siem.example.org', writtenAnew: false },
      { kind: 'export', id: 'e1', by: admin.id, format: 'csv', writtenAnew: false },
    ])
  })

  // a receiver that takes all and answers nothing has it, and what is on its way when they are erased arrives
  test('answers sinks that may have got it without having said so, and writes their files anew', async () => {
    await write({})
    await verified()
    const sink = (name: string, kind: string, { claimed = false, failing = false }) =>
      sql`
      insert into audit_sink (id, name, kind, format, target, redacted, state, cursor, due_at, created_at, claim,
        claimed_until, failing_since)
      select gen_random_uuid(), ${name}, ${kind}, 'jsonl', ${JSON.stringify({ file: name, url: `https://${name}` })},
        false, 'active', -1, now(), now(), ${claimed ? admin.id : null}::uuid,
        ${claimed ? new Date() : null}::timestamptz, ${failing ? new Date() : null}::timestamptz`.execute(h.admin)
    await sink('under-way', 'file', { claimed: true })
    await sink('silent', 'http', { failing: true })
    await sink('waiting', 'http', {})
    const { copies } = await anonymize()
    expect(copies.map(({ name, writtenAnew }) => [name, writtenAnew])).toEqual([
      ['silent', false],
      ['under-way', true],
    ])
    const anew = await h.admin.selectFrom('audit_sink').select('name').where('anew', '=', true).execute()
    expect(anew).toEqual([{ name: 'under-way' }])
  })

  test('has nobody begin to deliver what is being erased', async () => {
    await write({})
    await sql`
      insert into audit_sink (id, name, kind, format, target, redacted, state, cursor, due_at, created_at)
      values (gen_random_uuid(), 'due', 'http', 'jsonl', '{"url":"x"}', false, 'active', -1, now(), now())`.execute(
      h.admin,
    )
    await verified()
    // another process: a transaction asks for no second connection of its own
    const claim = () => claimSink(h.admin, { claim: admin.id, now: h.clock.now() })
    const claimed = await h.db.transaction().execute(async (tx) => {
      let meanwhile: unknown = 'not asked'
      const allow = async (): Promise<void> => {
        meanwhile = await claim()
      }
      const person = { id: grace.id, reason: 'ticket', erasedAt: h.clock.now(), names: [], redactions: [] }
      await erasePerson(deps(), tx, { ...person, allow })
      return meanwhile
    })
    expect(claimed).toBeNull()
    expect(await claim()).toMatchObject({ name: 'due' })
  })

  test('waits for whoever keeps several entries in one transaction, and is not in the way of their last', async () => {
    const made = () =>
      makeEntry({ draft: draftOf(person()), at: h.clock.now(), intent: null, random: systemRandom(h.clock) })
    const waiting = () => sql`select from pg_locks where not granted`.execute(h.admin)
    const locked = h.db.transaction().execute(async (tx) => {
      await insertEntries(tx, h.subjectKeys, { entries: [made()] })
      const erasing = h.admin.transaction().execute(lockPersonal) // another process
      await expect.poll(async () => (await waiting()).rows.length, { interval: 5 }).toBe(1)
      await insertEntries(tx, h.subjectKeys, { entries: [made()] }) // of somebody else, whose key comes with it
      return { erasing }
    })
    await (
      await locked
    ).erasing
    expect(await h.entries()).toHaveLength(2)
  })

  test('makes no key for them again: what still comes in their name is written without them', async () => {
    await write({})
    await anonymize()
    const late = await write({})
    expect(await valuesOf(late)).toEqual([])
    expect(await h.entries()).toContainEqual(expect.objectContaining({ id: late }))
    const keys = await h.admin.selectFrom('audit_subject_key').select('id').where('subject', '=', grace.id).execute()
    expect(keys).toEqual([])
  })

  test('takes nothing of others with it for a name that stands in every text', async () => {
    const keepNothing = { ...people, eraseEverywhere: () => Promise.resolve(['hopper', 'e.', 'ed']) }
    const reasons = ['we need evidence', 'asked by Ed', 'by e. himself', 'for hopper2']
    for (const reason of reasons)
      await sql`
        insert into audit_hold (id, reason, names, request_id, placed_by, placed_at, released_at)
        values (gen_random_uuid(), ${reason}, '{}', 'none', 'x', now(), now() - interval '2 days')`.execute(h.admin)
    await write({})
    const handler = auditHandlers({ ...deps(), people: keepNothing })['audit.anonymize']
    await h.call('audit.anonymize', { user: grace.id, reason: 'needed, ticket DP-7' }, handler as never) // its own
    const { rows } = await sql<{ reason: string }>`select reason from audit_hold order by reason`.execute(h.admin)
    expect(rows.map(({ reason }) => reason)).toEqual(['[erased]', '[erased]', '[erased]', 'we need evidence'])
  })

  // whoever is called `test` took every text of others along in which that word stands
  test('asks before it takes many texts of others along for a name that is a common word', async () => {
    const handler = auditHandlers({
      ...deps(),
      people: { ...people, eraseEverywhere: () => Promise.resolve(['hopper', 'test']) },
    })['audit.anonymize']
    const erase = (takeTexts: boolean) =>
      h.call('audit.anonymize', { user: grace.id, reason: 'ticket DP-7', takeTexts }, handler as never) // its own
    const own = await write({})
    const babbage = person({ username: 'babbage' })
    const draft = (number: number) =>
      draftOf(babbage, { action: 'team.update', input: { description: `test ${number}` } })
    const entries = Array.from({ length: textsUnaskedMax + 1 }, (_, number) =>
      makeEntry({ draft: draft(number), at: h.clock.now(), intent: null, random: systemRandom(h.clock) }),
    )
    h.subjectKeys.confirm(await insertEntries(h.db, h.subjectKeys, { entries }))
    const [first] = entries
    await expect(erase(false)).rejects.toMatchObject({
      code: 'conflict',
      details: { hint: expect.stringContaining(`${textsUnaskedMax + 1} texts of others`) },
    })
    expect(await valuesOf(own)).toContain('hopper')
    expect(await valuesOf(first?.id ?? '')).toContain('test 0')
    expect(await erase(true)).toMatchObject({ keysDestroyed: 1, entriesNaming: textsUnaskedMax + 1 })
    expect(await valuesOf(first?.id ?? '')).not.toContain('test 0')
  })

  test('refuses a reason that names the person, and has then done nothing', async () => {
    const own = await write({})
    await expect(anonymize({ reason: 'Grace Hopper has asked for it' })).rejects.toMatchObject({
      code: 'invalid-input',
      details: { fields: [{ path: 'reason' }] },
    })
    expect(await valuesOf(own)).toContain('hopper')
    expect(await h.admin.selectFrom('audit_erasure').selectAll().execute()).toEqual([])
  })

  test('refuses oneself, and a person of whom nothing is known', async () => {
    await write({}, admin)
    await expect(anonymize({ user: admin.id })).rejects.toMatchObject({ code: 'conflict' })
    await expect(anonymize({ user: 'nobody' })).rejects.toMatchObject({ code: 'not-found' })
    await expect(anonymize({ user: person().id })).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('the ledger of erasures', () => {
  const lines = async () => (await readFile(ledgerPath(), 'utf8')).split('\n').filter((line) => line !== '')
  const erasures = async () => (await h.admin.selectFrom('audit_erasure').select('subject').execute()).length
  /** As a version wrote them that signed none. */
  const unsigned = (subject: string) => JSON.stringify({ v: 1, subject, erasedAt: '2026-11-01T00:00:00Z', names: [] })

  // Threat F6: until it stood there, a backup that was restored within the hour brought the person back
  test('has an erasure by the time it is answered', async () => {
    await write({})
    await anonymize()
    expect((await h.ledgers.erasures.read()).signed.map(({ subject }) => subject)).toEqual([grace.id])
    expect(h.unwritten).toEqual([])
  })

  test('cannot be written: the erasure is answered all the same, told, and written down later', async () => {
    await write({})
    await mkdir(ledgerPath())
    expect(await anonymize()).toMatchObject({ id: grace.id, keysDestroyed: 1 })
    expect(h.unwritten).toEqual(['erasures'])
    await rm(ledgerPath(), { recursive: true })
    await keep()
    expect(await lines()).toHaveLength(1)
  })

  // who can write a file of the state directory could have anybody erased at the next start
  test.each([
    ['forged', (line: string) => line.replace(grace.id, admin.id)],
    ['of another time', (line: string) => line.replace(/"erasedAt":"[^"]*"/, '"erasedAt":"2020-01-01T00:00:00.000Z"')],
    ['without a signature that is one', (line: string) => line.replace(/"signature":"[^"]*"/, '"signature":null')],
  ])('is refused with a line that is %s, and nobody is erased', async (_, change) => {
    await write({})
    await anonymize()
    const [line = ''] = await lines()
    await appendFile(ledgerPath(), `${change(line)}\n`)
    await expect(keep()).rejects.toThrow(/not an erasure, the 3\./)
    expect(await erasures()).toBe(1)
  })

  test('is refused where another Gatehouse signed it', async () => {
    await write({})
    await anonymize()
    const other = openOutsideLedgers(h.home, newCheckpointKey())
    await expect(other.erasures.read()).rejects.toThrow(/not an erasure/)
  })

  test('of a version that signed nothing is done again and signed; from then on nothing unsigned counts', async () => {
    await write({})
    await writeFile(ledgerPath(), `\n${unsigned(grace.id)}\n`)
    expect(await keep()).toEqual({ replayed: 1 })
    expect(await h.ledgers.erasures.read()).toMatchObject({
      signed: [{ subject: grace.id }],
      unsigned: [{ subject: grace.id }],
    })
    expect(await keep()).toEqual({ replayed: 0 })
    expect(await lines()).toHaveLength(2)
    await appendFile(ledgerPath(), `${unsigned(admin.id)}\n`)
    await expect(keep()).rejects.toThrow(/1 line without a signature/)
    expect(await erasures()).toBe(1)
  })

  test('is not stopped by an unsigned line about what the database knows: an older process wrote it', async () => {
    await write({})
    await anonymize()
    await appendFile(ledgerPath(), `${unsigned(grace.id)}\n`)
    expect(await keep()).toEqual({ replayed: 0 })
  })
})

describe('a backup of before', () => {
  const tables = ['audit_subject_key', 'audit_pending', 'audit_personal', 'audit_mention', 'audit_erasure'] as const

  test('is restored, and whoever was erased is erased again, and the audit log says so', async () => {
    const ids = [await write({}), await write({ action: 'user.get', input: { id: 'hopper' } }, admin)]
    ids.push(await write({ action: 'team.update', input: { description: 'led by hopper' } }, admin))
    for (const table of tables) await sql.raw(`create table backup_of_${table} as table ${table}`).execute(h.admin)
    await anonymize()
    expect(await keep()).toEqual({ replayed: 0 })
    for (const table of tables)
      await sql.raw(`truncate ${table}; insert into ${table} table backup_of_${table}`).execute(h.admin)
    expect(await clear()).toMatch(/hopper/)
    // nobody knows any more what they were called: the ledger has it
    const nameless = { ...people, eraseEverywhere: () => Promise.resolve([]) }
    await h.admin.updateTable('audit_subject_key').set({ name: null }).where('subject', '=', grace.id).execute()
    expect(await keep(nameless)).toEqual({ replayed: 1 })
    expect(await clear()).not.toMatch(/hopper|grace/i)
    expect(await valuesOf(ids[1] ?? '')).toEqual(['lovelace', '192.0.2.7', 'vitest'])
    expect(await h.entries()).toContainEqual(
      expect.objectContaining({
        action: 'audit.erasureReplayed',
        detail: expect.objectContaining({ subject: grace.id }),
      }),
    )
    expect(await keep()).toEqual({ replayed: 0 })
    expect(await verified()).toMatchObject({ ok: true })
  })

  test('finds the ledger as it was left: readable by its owner only, and with nobody’s name', async () => {
    await write({})
    await anonymize()
    await keep()
    await keep()
    const text = await readFile(ledgerPath(), 'utf8')
    expect(text.split('\n').filter((line) => line !== '')).toHaveLength(1)
    expect(text).not.toMatch(/hopper|grace/i)
    expect((await stat(ledgerPath())).mode & 0o777).toBe(0o600)
  })

  test('is not restored over a ledger that cannot be read; a line that a crash cut off is written again', async () => {
    await write({})
    await anonymize()
    const path = ledgerPath()
    const begun = `{"v":1,"subject":"${grace.id.slice(0, 4)}`
    await writeFile(path, begun)
    await keep()
    expect(await readFile(path, 'utf8')).toContain(`${begun}\n{`)
    await appendFile(path, '\0\0\0')
    await keep()
    expect((await h.ledgers.erasures.read()).signed.map(({ subject }) => subject)).toEqual([grace.id])
    await appendFile(path, '{"v":1}\n')
    await expect(keep()).rejects.toThrow('a line that is not an erasure')
  })

  // Threat F4: of an erasure that is not in the backup, the ledger is all there is
  test.each([
    ['a quote that went', (line: string) => line.replace('"v"', '"v')],
    ['a half that went', (line: string) => line.slice(0, 70)],
  ])('is not restored over a ledger in which one line was damaged: %s', async (_, damage) => {
    const path = ledgerPath()
    await write({})
    await anonymize()
    await keep()
    const [whole = ''] = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '')
    const other = whole.replace(grace.id, admin.id)
    await writeFile(path, `\n${damage(whole)}\n\n${other}\n`)
    await expect(h.ledgers.erasures.read()).rejects.toThrow(/not an erasure, the 2\./)
  })
})
