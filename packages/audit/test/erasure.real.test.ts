import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Input, Output } from '@gatehouse/contract'
import { anonymous, systemRandom, uid, type AuditDraft, type Handler } from '@gatehouse/enforcement'
import { directory } from '@gatehouse/identity'
import { sql } from 'kysely'
import { createOutbound } from '@gatehouse/kit/outbound'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeEntry } from '../src/entry.ts'
import { insertEntries } from '../src/entry.queries.ts'
import { auditHandlers, keepErasures, openErasureLedger, startSequencer, verifyRecord } from '../src/index.ts'
import { openHarness, person, personalOf, testSealer, type Harness } from './harness.ts'
import { draftOf } from './record.ts'

let h: Harness
let home: string
const admin = person({ username: 'lovelace', roles: ['Admin'] })
const grace = person({ username: 'hopper' })
beforeEach(async () => {
  h = await openHarness()
  home = await mkdtemp(join(tmpdir(), 'gatehouse-erasures-'))
  h.as(admin)
})
afterEach(async () => {
  await h.close()
  await rm(home, { recursive: true })
})

/** How the other domains knew her; what they do with their own rows is tested with them. */
const people = { eraseEverywhere: () => Promise.resolve(['hopper', 'Grace Hopper', 'grace@example.org']) }
const deps = () => ({
  db: h.db,
  records: h.db,
  key: h.key,
  subjectKeys: h.subjectKeys,
  clock: h.clock,
  random: systemRandom(h.clock),
  change: h.change,
  people,
  sealer: testSealer,
  source: { version: '1.0.0', host: 'gatehouse.test' },
  outbound: createOutbound({ allowed: [], ownPorts: [] }),
  sinkDirectory: null,
  witnesses: [],
  listenForLeaves: h.listenForLeaves,
  retentionFloor: { days: 365, breakGlassDays: 2555 },
  directory,
})
const anonymize = async (input: Partial<Input<'audit.anonymize'>> = {}): Promise<Output<'audit.anonymize'>> =>
  (await h.call(
    'audit.anonymize',
    { user: grace.id, reason: 'art. 17 GDPR, ticket DP-7', ...input },
    auditHandlers(deps())['audit.anonymize'] as Handler<'audit.anonymize'> as never, // called with its own permit
  )) as Output<'audit.anonymize'>
const keep = (ledger = openErasureLedger(join(home, 'erasures.jsonl'))) => keepErasures({ ...deps(), ledger })

const write = async (parts: Partial<AuditDraft>, principal: AuditDraft['principal'] = grace): Promise<string> => {
  const draft = draftOf(principal, parts)
  const made = makeEntry({ draft, at: h.clock.now(), intent: null, random: systemRandom(h.clock) })
  h.subjectKeys.confirm(await insertEntries(h.db, h.subjectKeys, { entries: [made] }))
  return made.id
}
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
    const keepNothing = { eraseEverywhere: () => Promise.resolve(['hopper', 'e.', 'ed']) }
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

describe('a backup of before', () => {
  const tables = ['audit_subject_key', 'audit_personal', 'audit_mention', 'audit_erasure'] as const

  test('is restored, and whoever was erased is erased again, and the audit log says so', async () => {
    const ids = [await write({}), await write({ action: 'user.get', input: { id: 'hopper' } }, admin)]
    for (const table of tables) await sql.raw(`create table backup_of_${table} as table ${table}`).execute(h.admin)
    await anonymize()
    expect(await keep()).toEqual({ replayed: 0 })
    for (const table of tables)
      await sql.raw(`truncate ${table}; insert into ${table} table backup_of_${table}`).execute(h.admin)
    expect(await clear()).toMatch(/hopper/)
    expect(await keep()).toEqual({ replayed: 1 })
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
    const text = await readFile(join(home, 'erasures.jsonl'), 'utf8')
    expect(text.split('\n').filter((line) => line !== '')).toHaveLength(1)
    expect(text).not.toMatch(/hopper|grace/i)
    expect((await stat(join(home, 'erasures.jsonl'))).mode & 0o777).toBe(0o600)
  })

  test('is not restored over a ledger that cannot be read; a line that a crash cut off is written again', async () => {
    await write({})
    await anonymize()
    const path = join(home, 'erasures.jsonl')
    await appendFile(path, '{"v":1,"subject":"0198')
    await keep()
    expect((await openErasureLedger(path).read()).map(({ subject }) => subject)).toEqual([grace.id])
    await appendFile(path, '{"v":1}\n')
    await expect(keep()).rejects.toThrow('a line that is not an erasure')
  })
})
