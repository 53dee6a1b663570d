// Retention: entries go when their time is over and nothing holds them, and the tree is the same without them.
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Input, OperationName, Output } from '@gatehouse/contract'
import { anonymous, systemRandom, uid, type AuditDraft, type Principal } from '@gatehouse/enforcement'
import { directory } from '@gatehouse/identity'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { makeEntry } from '../src/entry.ts'
import { insertEntries } from '../src/entry.queries.ts'
import {
  auditHandlers,
  keepHolds,
  openOutsideLedgers,
  startSequencer,
  verifyRecord,
  type Sequencer,
} from '../src/index.ts'
import { handlerDepsOn, handlersOn } from './asking.ts'
import { openHarness, person, type Harness } from './harness.ts'
import { draftOf } from './record.ts'

type RetentionName = Extract<OperationName, `audit.${string}`>

let h: Harness
let sequencer: Sequencer
const ada = person({ username: 'ada', roles: ['Admin'] })
const grace = person({ username: 'grace', roles: ['Admin'] })
beforeAll(async () => {
  h = await openHarness()
  sequencer = startSequencer({ ...handlerDepsOn(h), url: h.database.url, onError: () => undefined })
  await h.admin.insertInto('workspace').values({ id: 'default', name: 'default', archived_at: null }).execute()
})
beforeEach(() => h.as(ada))
afterEach(async () => {
  await sql`truncate audit_hold, audit_retention`.execute(h.admin)
  await rm(join(h.home, 'holds.jsonl'), { force: true })
})
afterAll(async () => {
  await sequencer.close()
  await h.close()
})

const handlers = () => handlersOn(h)
const ask = async <N extends RetentionName>(name: N, raw: unknown): Promise<Output<N>> =>
  (await h.call(name, raw, handlers()[name] as never)) as Output<N> // the handler of this very name
const prune = async (): Promise<Output<'audit.prune'>> =>
  (await h.internal('audit.prune', handlers()['audit.prune'])) as Output<'audit.prune'> // of this very handler
const hold = (input: Partial<Input<'audit.holdPlace'>>) => ask('audit.holdPlace', { reason: 'case 4711', ...input })

/** Writes an entry of so many days ago. */
async function put(daysAgo: number, draft: Partial<AuditDraft> = {}, who: Principal = person()): Promise<string> {
  const at = new Date(h.clock.now().getTime() - daysAgo * 86_400_000)
  const made = makeEntry({ draft: draftOf(who, draft), at, intent: null, random: systemRandom(h.clock) })
  h.subjectKeys.confirm(await insertEntries(h.db, h.subjectKeys, { entries: [made] }))
  return made.id
}
const pending = async () => (await h.admin.selectFrom('audit_pending').select('entry_id').execute()).length
const settled = () => expect.poll(pending, { timeout: 10_000, interval: 50 }).toBe(0)
const left = async (ids: readonly string[]): Promise<string[]> => {
  const { rows } = await sql<{ id: string }>`
    select id from audit_entry where id = any(${[...ids]}::uuid[])`.execute(h.admin)
  return ids.filter((id) => rows.some((row) => row.id === id))
}
const verify = () => verifyRecord({ db: h.db, key: h.key, subjectKeys: h.subjectKeys, remembered: null })
const missing = async () => (await verify()).problems.filter(({ kind }) => kind === 'entry-missing')
/** Takes an entry away and gives it back, so that the next test begins with a log that is whole. */
async function without(id: string, work: () => Promise<void>): Promise<void> {
  const { entry } = await h.admin
    .selectFrom('audit_entry')
    .select('entry')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  await sql`delete from audit_placed where id = ${id}::uuid`.execute(h.admin)
  try {
    await work()
  } finally {
    await sql`insert into audit_placed (id, entry) values (${id}::uuid, ${entry})`.execute(h.admin)
  }
}

// in the order of time, as a real log is: what comes after it here is dated back
describe('a log that audit.prune has thinned out', () => {
  let [old, young]: [string[], string[]] = [[], []]
  beforeAll(async () => {
    // each has its place before the next is written: of two that wait, either may come first
    const placed = async (daysAgo: number): Promise<string> => {
      const id = await put(daysAgo)
      await vi.waitUntil(async () => (await pending()) === 0, { timeout: 10_000, interval: 50 })
      return id
    }
    old = [await placed(500), await placed(400), await placed(366)]
    young = [await placed(364), await placed(100), await placed(10)]
  })

  test('has lost what is older than is set, with all that is kept of it; the tree verifies as before', async () => {
    await settled()
    const { size } = await verify()
    expect(await prune()).toEqual({ removed: 3, complete: true })
    expect(await left([...old, ...young])).toEqual(young)
    const { rows } = await sql`select from audit_personal where entry_id = any(${old}::uuid[])`.execute(h.admin)
    expect(rows).toEqual([])
    await settled()
    expect(await verify()).toMatchObject({ ok: true, problems: [], pruned: 3, size: size + 1 })
    expect(await prune()).toEqual({ removed: 0, complete: true })
  })

  test('says in an entry which places are gone, how many, and what was set', async () => {
    const removals = (await h.entries()).filter(({ action }) => action === 'audit.prune')
    expect(removals[0]).toMatchObject({
      principal: { type: 'Service', id: 'worker' },
      outcome: 'allowed',
      detail: { removed: 3, places: '0-2', days: 365, breakGlassDays: 2555, before: expect.any(String) },
    })
  })

  test('shows none of it in a search, nor alone, nor with a proof', async () => {
    const [id = ''] = old
    for (const name of ['audit.get', 'audit.proof'] as const)
      await expect(ask(name, { id })).rejects.toMatchObject({ code: 'not-found' })
    const { items } = await ask('audit.search', { first: 50 })
    expect(items.filter((item) => old.includes(item.id))).toEqual([])
  })

  // Threat F5: to take an entry away and call it retention.
  test('is found to miss what somebody else took away', async () => {
    await without(young[2] ?? '', async () => {
      expect(await missing()).toMatchObject([{ seq: 5, message: expect.stringMatching(/is gone$/) }])
    })
    expect(await verify()).toMatchObject({ ok: true })
  })

  test('is not excused by who claims a removal of younger entries, or changes what an entry says of one', async () => {
    const before = new Date(h.clock.now().getTime() - 365 * 86_400_000).toISOString()
    // by somebody who can write entries as the worker does, but cannot make the log older than it is
    const claim = await put(0, { action: 'audit.prune', detail: { removed: 1, places: '5', before } })
    await settled()
    const rewrite = (text: string) =>
      sql`
      update audit_placed set entry = regexp_replace(entry, '"before":"[^"]*"', ${`"before":"${text}"`})
      where id = ${claim}::uuid`.execute(h.admin)
    await without(young[2] ?? '', async () => {
      expect(await missing()).toMatchObject([{ message: expect.stringContaining('was of older ones') }])
      await rewrite(new Date(h.clock.now().getTime() - 1000).toISOString())
      const kinds = (await verify()).problems.map(({ kind }) => kind)
      expect(kinds).toEqual(expect.arrayContaining(['entry-altered', 'entry-missing']))
    })
    await rewrite(before)
    expect(await verify()).toMatchObject({ ok: true })
  })
})

describe('audit.prune', () => {
  test('leaves emergency access for seven years, and what tells how the log was thinned out for ever', async () => {
    const kept = [
      await put(400, { action: 'breakGlass.request' as never }),
      await put(3000, { action: 'audit.retentionSet' }),
      await put(3000, { action: 'audit.anonymize' }),
      await put(3000, { action: 'audit.prune', detail: { removed: 7, places: '0-6' } }),
    ]
    const gone = [
      await put(2600, { action: 'emergencySession.revoke' as never }),
      await put(3000, { action: 'audit.search' }),
      await put(3000, { action: 'audit.prune', detail: { removed: 0, places: '' } }),
      await put(3000, { action: 'audit.retentionSet', outcome: 'refused', refusal: 'forbidden' }),
    ]
    await settled()
    await prune()
    expect(await left([...kept, ...gone])).toEqual(kept)
  })

  test('the runtime’s login removes nothing by itself', async () => {
    const [old, young] = [await put(4000), await put(10)]
    await expect(sql`delete from audit_placed where id = ${old}::uuid`.execute(h.db)).rejects.toThrow(
      'permission denied',
    )
    await settled()
    await prune()
    await sql`select audit_remove(${[young]}::uuid[])`.execute(h.db)
    expect(await left([young])).toEqual([young])
  })
})

describe('a legal hold', () => {
  test('wins over time: by workspace, request, span, and of all; what nothing holds goes a day later', async () => {
    const inWorkspace = await put(400, { workspace: 'default' })
    const ofRequest = await put(400, { call: { ...draftOf().call, requestId: 'request-7' } })
    const inSpan = await put(500)
    const elsewhere = await put(420)
    await settled()
    await hold({ workspace: 'default' })
    await hold({ requestId: 'request-7' })
    const spanned = await hold({ from: '501d', to: '499d' })
    await prune()
    expect(await left([inWorkspace, ofRequest, inSpan, elsewhere])).toEqual([inWorkspace, ofRequest, inSpan])
    const another = await put(400)
    await settled()
    const whole = await hold({ everything: true })
    await prune()
    const { holds } = await ask('audit.retentionGet', {})
    expect(holds[0]).toMatchObject({ id: whole.id, reason: 'case 4711', placedBy: ada.id, releasedAt: null })
    h.as(grace)
    for (const { id } of holds) await ask('audit.holdRelease', { id, reason: 'closed' })
    await prune()
    expect(await left([inSpan, another])).toEqual([inSpan, another])
    expect((await ask('audit.retentionGet', {})).holds).toHaveLength(4)
    await sql`update audit_hold set released_at = released_at - interval '25 hours'`.execute(h.admin)
    await prune()
    expect(await left([inWorkspace, ofRequest, inSpan, another])).toEqual([])
    expect((await ask('audit.retentionGet', {})).holds).toEqual([])
    expect((await sql`select from audit_hold`.execute(h.admin)).rows).toEqual([])
    expect(spanned.to).toBeInstanceOf(Date)
  })

  test('on a person is on what they did, what was done to them, and what others said of them', async () => {
    const who = person({ username: 'hopper' })
    const theirs = [
      await put(400, {}, who),
      await put(400, { action: 'user.get', resource: uid('User', who.id), input: { id: 'hopper' } }),
      await put(400, { action: 'audit.search', input: { actor: 'Hopper' } }),
      await put(
        400,
        { action: 'auth.login', outcome: 'refused', refusal: 'invalid-credentials', input: { username: 'hopper' } },
        anonymous,
      ),
    ]
    const others = await put(400)
    await settled()
    await hold({ user: who.id })
    await prune()
    expect(await left([...theirs, others])).toEqual(theirs)
  })

  test('keeps whoever it is over from being erased', async () => {
    const who = person({ username: 'lamarr' })
    await put(10, { workspace: 'default' }, who)
    await settled()
    const other = await hold({ requestId: 'another' })
    const held = await hold({ workspace: 'default', from: '11d' })
    await expect(ask('audit.anonymize', { user: who.id, reason: 'art. 17' })).rejects.toMatchObject({
      code: 'conflict',
      details: { hint: expect.stringContaining(held.id) },
    })
    await sql`delete from audit_hold where id = ${held.id}::uuid`.execute(h.admin)
    expect(await ask('audit.anonymize', { user: who.id, reason: 'art. 17' })).toMatchObject({ keysDestroyed: 1 })
    expect(other.id).not.toBe(held.id)
  })

  test('is not placed over somebody who was erased since they were looked up', async () => {
    const who = person({ username: 'hamilton' })
    await put(10, {}, who)
    const place = auditHandlers({
      ...handlerDepsOn(h),
      directory: {
        ...directory,
        findUserId: async () => {
          await ask('audit.anonymize', { user: who.id, reason: 'art. 17' })
          return who.id
        },
      },
    })['audit.holdPlace']
    const held = h.call('audit.holdPlace', { reason: 'case 4711', user: who.id }, place as never) // its own handler
    await expect(held).rejects.toMatchObject({ code: 'not-found' })
    const { rows } = await sql`select from audit_hold where principal_id = ${who.id}`.execute(h.admin)
    expect(rows).toEqual([])
  })

  test('is released by another Admin than the one who placed it, once', async () => {
    const { id } = await hold({ workspace: 'default' })
    await expect(ask('audit.holdRelease', { id, reason: 'mine' })).rejects.toMatchObject({
      code: 'conflict',
      details: { hint: 'you placed this hold; another Admin has to release it' },
    })
    h.as(grace)
    expect((await ask('audit.holdRelease', { id, reason: 'closed' })).releasedAt).toBeInstanceOf(Date)
    await expect(ask('audit.holdRelease', { id, reason: 'again' })).rejects.toMatchObject({ code: 'not-found' })
    await expect(ask('audit.holdRelease', { id: 'none', reason: 'r' })).rejects.toMatchObject({ code: 'not-found' })
    const told = (await h.entries()).filter(({ detail }) => (detail as { hold?: string } | null)?.hold === id)
    expect(told.map(({ action, principal }) => [action, (principal as { id: string }).id])).toEqual([
      ['audit.holdPlace', ada.id],
      ['audit.holdRelease', grace.id],
    ])
  })

  // a restore forgets what was placed after the backup, and audit.prune would remove what it was over within the hour
  test('outlives the restore of a backup of before it, until it is released', async () => {
    const home = await mkdtemp(join(tmpdir(), 'gatehouse-holds-'))
    const ledger = openOutsideLedgers(home, h.key).holds
    const keep = () => keepHolds({ db: h.db, change: h.change, ledger })
    try {
      const [own, other] = [await put(400, {}, grace), await put(400)]
      await settled()
      const [placed, over] = [await hold({ user: grace.id }), await hold({ everything: true })]
      h.as(grace)
      await ask('audit.holdRelease', { id: over.id, reason: 'case 4711 is closed' })
      expect(await keep()).toEqual({ replayed: 0 })
      expect(await readFile(ledger.path, 'utf8')).not.toContain('case 4711')
      await sql`truncate audit_hold`.execute(h.admin)
      expect(await keep()).toEqual({ replayed: 1 })
      expect(await keep()).toEqual({ replayed: 0 })
      expect((await ask('audit.retentionGet', {})).holds).toMatchObject([{ id: placed.id, user: grace.id }])
      expect(await h.entries()).toContainEqual(
        expect.objectContaining({
          action: 'audit.holdReplayed',
          detail: expect.objectContaining({ hold: placed.id, placedBy: ada.id }),
        }),
      )
      await prune()
      expect(await left([own, other])).toEqual([own])
      // one that was released while this process was away is over, though its ledger never heard of it
      await ask('audit.holdRelease', { id: placed.id, reason: 'case 4711 is closed' })
      await sql`truncate audit_hold`.execute(h.admin)
      expect(await keep()).toEqual({ replayed: 0 })
      expect((await ledger.read()).signed.filter(({ released_at: at }) => at === null).map(({ id }) => id)).toEqual([
        placed.id,
      ])
      await appendFile(ledger.path, '{"v":1,"id":"0198')
      await keep()
      await appendFile(ledger.path, '\n{"v":1}\n')
      await expect(keep()).rejects.toThrow('a line that is not a legal hold')
    } finally {
      await rm(home, { recursive: true })
    }
  })

  // until it stood there, a backup that was restored within the hour took the hold away
  test('is in the ledger by the time it is answered, and so is its release', async () => {
    const kept = async (id: string) =>
      (await h.ledgers.holds.read()).signed
        .filter((line) => line.id === id)
        .map(({ released_at: releasedAt }) => releasedAt !== null)
    const { id } = await hold({ workspace: 'default' })
    expect(await kept(id)).toEqual([false])
    h.as(grace)
    await ask('audit.holdRelease', { id, reason: 'closed' })
    expect(await kept(id)).toEqual([false, true])
    expect(h.unwritten).toEqual([])
  })

  test('is not placed again by a line that nobody signed, or that was changed', async () => {
    const { id } = await hold({ requestId: 'held' })
    const path = join(h.home, 'holds.jsonl')
    const [line = ''] = (await readFile(path, 'utf8')).split('\n').filter((text) => text.includes(id))
    const { signature: _, ...fields } = JSON.parse(line) as Record<string, unknown> // our own line
    const before = await readFile(path)
    const keep = () => keepHolds({ db: h.db, change: h.change, ledger: h.ledgers.holds })
    const forged = { ...fields, id: id.replace(/.$/, (end) => (end === '0' ? '1' : '0')) }
    for (const text of [JSON.stringify(forged), JSON.stringify({ ...forged, signature: 'AAAA' })]) {
      await appendFile(path, `${text}\n`)
      await expect(keep()).rejects.toThrow(/without a signature|not a legal hold/)
      await writeFile(path, before)
    }
    expect(await keep()).toEqual({ replayed: 0 })
  })

  test('on a name that is nobody’s, on nothing, or on a time that ends before it begins is refused', async () => {
    for (const [input, field] of [
      [{ workspace: 'nowhere' }, 'workspace'],
      [{}, 'everything'],
      [{ everything: true, workspace: 'default' }, 'everything'],
      [{ from: '1d', to: '2d' }, 'to'],
      [{ from: '2026-13-45' }, 'from'],
    ] as const)
      await expect(hold(input)).rejects.toMatchObject({ details: { fields: [{ path: field }] } })
    await expect(hold({ user: 'nobody' })).rejects.toMatchObject({ code: 'not-found' })
    expect((await ask('audit.retentionGet', {})).holds).toEqual([])
  })

  // a hold that was answered holds; what was gone before it is told with it
  test('placed while a run removes either keeps all that it is over, or says from when it came too late', async () => {
    const ids = await Promise.all(Array.from({ length: 60 }, (_, index) => put(400 + index, { workspace: 'default' })))
    await settled()
    const [, placed] = await Promise.all([prune(), hold({ workspace: 'default' })])
    const there = await left(ids)
    expect([0, ids.length]).toContain(there.length)
    if (there.length === 0) expect(placed.prunedBefore).toBeInstanceOf(Date)
    await prune()
    expect(await left(ids)).toEqual(there)
  })
})

describe('what is kept for how long', () => {
  test('is never less than the settings say, and of emergency access never less than seven years', async () => {
    expect(await ask('audit.retentionGet', {})).toMatchObject({ days: 365, breakGlassDays: 2555, updatedAt: null })
    for (const [input, field] of [
      [{ days: 364 }, 'days'],
      [{ days: 0 }, 'days'],
      [{ days: -1 }, 'days'],
      [{ days: 1e9 }, 'days'],
      [{ days: 365.5 }, 'days'],
      [{ breakGlassDays: 2554 }, 'breakGlassDays'],
      [{}, 'days'],
    ] as const)
      await expect(ask('audit.retentionSet', { ...input, reason: 'less' })).rejects.toMatchObject({
        details: { fields: [{ path: field }] },
      })
    expect(await ask('audit.retentionSet', { days: 730, reason: 'contract' })).toMatchObject({
      days: 730,
      breakGlassDays: 2555,
      updatedBy: ada.id,
    })
    const id = await put(500)
    await settled()
    await prune()
    expect(await left([id])).toEqual([id])
    expect((await ask('audit.retentionGet', {})).days).toBe(730)
    await sql`update audit_retention set days = 1`.execute(h.admin)
    expect((await ask('audit.retentionGet', {})).days).toBe(365)
  })
})

// the last one here: these entries were never in the tree
test('takes what has piled up some at a time, and passes over what is held', async () => {
  await prune()
  await sql`insert into audit_placed (id, entry) select gen_random_uuid(),
    '{"action":"team.create","at":"2020-01-01T00:00:00.000Z","outcome":"allowed","workspace":' ||
    case when n <= 2500 then '"default"' else 'null' end || '}' from generate_series(1, 4600) as n`.execute(h.admin)
  await sql`insert into audit_leaf (seq, entry_id, leaf_hash)
    select -row_number() over (), id, sha256(id::text::bytea) from audit_entry
      where entry like '%2020-01-01T00:00:00%'`.execute(h.admin)
  await hold({ workspace: 'default' })
  expect(await prune()).toEqual({ removed: 2100, complete: true })
  const removals = (await h.entries()).filter(({ action }) => action === 'audit.prune').slice(-3)
  const counts = removals.map(({ detail }) => (detail as { removed: number }).removed)
  expect(counts.every((count) => count > 0 && count < 2000)).toBe(true)
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2100)
  await sql`delete from audit_leaf where seq < 0`.execute(h.admin)
  await sql`delete from audit_placed where entry like '%2020-01-01T00:00:00%'`.execute(h.admin)
})
