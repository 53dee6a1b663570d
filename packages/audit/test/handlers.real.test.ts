import { systemRandom, uid } from '@gatehouse/enforcement'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeEntry } from '../src/entry.ts'
import { insertEntries } from '../src/entry.queries.ts'
import { startSequencer, type Sequencer } from '../src/index.ts'
import { askingOf, developer, openAsked } from './asking.ts'
import { allow, deny, person, shareStores, type Harness, type SharedStores } from './harness.ts'
import { draftOf, placeEntries } from './record.ts'

let stores: SharedStores
let h: Harness
let sequencer: Sequencer | null
const { handlers, ask, put, search, decideSearch } = askingOf(() => h)
beforeAll(async () => {
  stores = await shareStores()
})
afterAll(() => stores.end())
beforeEach(async () => {
  sequencer = null
  h = await openAsked({ stores })
})
afterEach(async () => {
  await sequencer?.close()
  await h.close()
})

describe('audit.tail', () => {
  const follow = async (raw: Record<string, unknown> = {}) => {
    const handler = handlers()['audit.tail']
    const stream = await h.subscribe('audit.tail', raw, handler as unknown as (permit: unknown) => never)
    const iterator = stream[Symbol.asyncIterator]()
    const next = async () => {
      const { value, done } = await iterator.next()
      return done === true ? null : { ids: value.entries.map(({ id }) => id), ...value }
    }
    return { next, end: () => iterator.return?.() }
  }
  /** Reads until so many entries have come. */
  const read = async (tail: Awaited<ReturnType<typeof follow>>, count: number) => {
    const ids: string[] = []
    let cursor = ''
    while (ids.length < count) {
      const part = await tail.next()
      if (part === null) break
      ids.push(...part.ids)
      cursor = part.cursor
    }
    return { ids, cursor }
  }
  const sequence = () => {
    sequencer = startSequencer({
      url: h.database.url,
      db: h.db,
      key: h.key,
      clock: h.clock,
      random: systemRandom(h.clock),
      subjectKeys: h.subjectKeys,
      onError: () => undefined,
    })
  }
  const changes = { kinds: ['change'] }

  test('tells what is new as it comes, and goes on after a break without loss or doubling', async () => {
    sequence()
    await put({ workspace: 'default' })
    // else it is new to who begins now
    await expect.poll(() => h.admin.selectFrom('audit_pending').select('entry_id').execute()).toEqual([])
    const first = await follow(changes)
    const opened = await first.next()
    expect(opened?.ids).toEqual([])
    const early = [await put({ workspace: 'default' }), await put({ workspace: 'default' })]
    const seen = await read(first, 2)
    expect(seen.ids).toEqual(early)
    await first.end()
    const meanwhile = [await put({ workspace: 'default' }), await put({ workspace: 'other' })]
    const again = await follow({ ...changes, after: seen.cursor })
    const late = put({ workspace: 'default' })
    expect((await read(again, 3)).ids).toEqual([...meanwhile, await late])
    await again.end()
    const fromBefore = await follow({ ...changes, after: opened?.cursor })
    expect((await read(fromBefore, 5)).ids).toEqual([...early, ...meanwhile, await late])
    await fromBefore.end()
  })

  test('shows what a search would show: by the same filters, and nobody else’s to who sees their own', async () => {
    sequence()
    decideSearch({ own: ['default'] })
    h.as(developer)
    const own = await follow({ outcome: 'refused' })
    await own.next()
    await put({ workspace: 'default', outcome: 'refused', refusal: 'forbidden' }, person({ username: 'eve' }))
    await put({ workspace: 'default' })
    const hidden = await put({ workspace: 'other', decision: deny, outcome: 'refused', refusal: 'not-found' })
    const mine = await put({ workspace: 'default', outcome: 'refused', refusal: 'forbidden' })
    expect((await read(own, 1)).ids).toEqual([mine])
    expect(await search({ outcome: 'refused' })).toEqual([mine])
    expect(hidden).not.toBe(mine)
    await own.end()
  })

  // Threat C2: a workspace that came to be meanwhile is one that nobody has decided on, and none that is archived
  test('shows nothing of a workspace that came to be since and that no policy lets its reader see', async () => {
    sequence()
    decideSearch({ whole: ['default'] })
    const tail = await follow(changes)
    await tail.next()
    await h.admin.insertInto('workspace').values({ id: 'new', name: 'new', archived_at: null }).execute()
    await put({ workspace: 'new' })
    const shown = [await put({ workspace: 'never-there' }), await put({ workspace: 'default' })]
    expect((await read(tail, 2)).ids.toSorted()).toEqual(shown.toSorted())
    await tail.end()
  })

  test('tells who may not identify people the pseudonyms of a search, and nobody by name', async () => {
    sequence()
    const zoe = person({ username: 'zoe-9' })
    h.as({ ...developer, roles: ['Operator'] })
    h.decideBy(({ action, context }) => (action === 'audit.identify' || context['ownOnly'] === true ? deny : allow))
    const tail = await follow(changes)
    await tail.next()
    const id = await put({ workspace: 'default', resource: uid('User', zoe.id) }, zoe)
    const { entries = [] } = (await tail.next()) ?? {}
    await tail.end()
    expect(JSON.stringify(entries)).not.toMatch(new RegExp(`${zoe.id}|${zoe.session.id}|zoe-9|192\\.0\\.2`, 'i'))
    expect(entries).toMatchObject([{ id, pseudonyms: true, ip: null, sessionId: null, principal: { name: null } }])
    const [told] = entries
    expect(told?.principal.id).toMatch(/^person-[0-9a-f]{16}$/)
    expect(told?.resource.id).toBe(told?.principal.id)
    expect(await search({ actor: told?.principal.id, kinds: ['change'] })).toEqual([id])
    const named = await follow({ actor: 'zoe-9' })
    await expect(named.next()).rejects.toMatchObject({
      code: 'invalid-input',
      details: { fields: [{ path: 'actor' }] },
    })
  })

  test('comes in parts in a flood, asks the database nothing while nothing happens, and ends at once', async () => {
    await h.close()
    h = await openAsked({}) // what the tests before asked of theirs is counted up to ten seconds late
    sequence()
    const tail = await follow(changes)
    await tail.next()
    const made = Array.from({ length: 1200 }, () =>
      makeEntry({
        draft: draftOf(developer, { workspace: 'default' }),
        at: h.clock.now(),
        intent: null,
        random: systemRandom(h.clock),
      }),
    )
    for (let at = 0; at < made.length; at += 200)
      await insertEntries(h.db, h.subjectKeys, { entries: made.slice(at, at + 200) })
    let [parts, count] = [0, 0]
    while (count < made.length) {
      const part = await tail.next()
      count += part?.ids.length ?? 0
      parts += 1
    }
    expect([count, parts <= 20]).toEqual([1200, true])
    const pending = tail.next()
    await sequencer?.close()
    sequencer = null
    const asked = async () => {
      const { rows } = await sql<{ n: string }>`select coalesce(sum(calls), 0) as n from (
        select xact_commit as calls from pg_stat_database where datname = current_database()) as s`.execute(h.admin)
      return Number(rows[0]?.n)
    }
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const before = await asked()
    await new Promise((resolve) => setTimeout(resolve, 1000))
    // our own question, and PostgreSQL's housekeeping
    expect((await asked()) - before).toBeLessThanOrEqual(3)
    const endedAt = performance.now()
    await tail.end()
    expect(await pending).toBeNull()
    expect(performance.now() - endedAt).toBeLessThan(200)
  })

  test('is recorded when it opens and when it closes, whatever it has told', async () => {
    sequence()
    const tail = await follow({ actor: 'dev' })
    await tail.next()
    await put({ workspace: 'default' })
    await read(tail, 1)
    await tail.end()
    const own = (await h.entries()).filter(({ action }) => action === 'audit.tail')
    expect(own.map(({ detail }) => detail)).toEqual([{ stream: 'opened' }, { stream: 'closed' }])
    expect(JSON.stringify(own)).not.toContain('"dev"')
  })

  test('a cursor of another audit log is refused, naming the field', async () => {
    const tail = await follow({ after: '999' })
    await expect(tail.next()).rejects.toMatchObject({ code: 'invalid-input', details: { fields: [{ path: 'after' }] } })
  })
})

describe('audit.get', () => {
  test('answers the entry with its personal values, and without them once they are erased', async () => {
    const id = await put({
      action: 'auth.login',
      workspace: 'default',
      input: { username: 'dev' },
      detail: { step: 1 },
    })
    const entry = await ask('audit.get', { id })
    expect(entry).toMatchObject({
      id,
      seq: null,
      action: 'auth.login',
      outcome: 'allowed',
      principal: { type: 'User', id: developer.id, name: 'dev' },
      ip: '192.0.2.7',
      workspace: 'default',
      decision: { effect: 'allow', policies: ['p'] },
    })
    expect(JSON.parse(entry.detail)).toMatchObject({
      input: { username: 'dev' },
      detail: { step: 1 },
      userAgent: 'vitest',
    })
    await placeEntries(h.admin, h.key)
    await h.db.deleteFrom('audit_personal').where('entry_id', '=', id).execute()
    const erased = await ask('audit.get', { id })
    expect(erased).toMatchObject({ principal: { name: null, id: developer.id }, ip: null })
    expect(JSON.parse(erased.detail)).toMatchObject({ input: { username: null }, userAgent: null })
  })

  test("gives the decision the entry's owner and workspace", async () => {
    const id = await put({ workspace: 'default' })
    await ask('audit.get', { id })
    const entity = h.decisions.at(-1)?.entities.find(({ uid: { type } }) => type === 'AuditEntry')
    expect(entity).toEqual({
      uid: { type: 'AuditEntry', id },
      attrs: {
        owner: { __entity: { type: 'User', id: developer.id } },
        workspace: { __entity: { type: 'Workspace', id: 'default' } },
      },
      parents: [{ type: 'Workspace', id: 'default' }],
    })
  })

  test.each(['not-a-uuid', '00000000-0000-7000-8000-000000000000'])('`%s` is not found', async (id) => {
    await expect(ask('audit.get', { id })).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('audit.verify and audit.checkpoint', () => {
  const start = () => {
    sequencer = startSequencer({
      url: h.database.url,
      db: h.db,
      key: h.key,
      subjectKeys: h.subjectKeys,
      clock: h.clock,
      random: systemRandom(h.clock),
      onError: () => undefined,
    })
  }

  test('an empty record verifies, and has no checkpoint', async () => {
    expect(await ask('audit.checkpoint', {})).toMatchObject({
      size: 0,
      root: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
      at: null,
      checkpoint: null,
      publicKey: expect.stringContaining('gatehouse.test/audit+'),
    })
  })

  test('a checkpoint handed out is found in the record for ever after', async () => {
    start()
    await put({ workspace: 'default' })
    await expect
      .poll(async () => (await ask('audit.checkpoint', {})).size, { timeout: 10_000, interval: 300 })
      .toBeGreaterThan(0)
    const { checkpoint } = await ask('audit.checkpoint', {})
    await put({ workspace: 'default' })
    expect(await ask('audit.verify', { remembered: checkpoint })).toMatchObject({
      ok: true,
      problems: [],
      root: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
    })
  })

  test('one of one person runs at a time; those of many one after the other, and too many are refused', async () => {
    const { 'audit.verify': verify } = handlers()
    const alone = await Promise.allSettled(Array.from({ length: 5 }, () => h.call('audit.verify', {}, verify)))
    expect(alone.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const results = await Promise.allSettled(
      Array.from({ length: 30 }, (_, at) => {
        h.as(person({ username: `auditor.${at}`, roles: ['Auditor'] }))
        return h.call('audit.verify', {}, verify)
      }),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(9)
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'unavailable' })
  })
})
