import { randomUUID } from 'node:crypto'
import { Refusal, type Input, type OperationName, type Output } from '@gatehouse/contract'
import type { Decision, DecisionRequest } from '@gatehouse/enforcement'
import { anonymous, systemRandom, uid, type AuditDraft, type Handler, type UserPrincipal } from '@gatehouse/enforcement'
import { directory } from '@gatehouse/identity'
import { createOutbound } from '@gatehouse/kit/outbound'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sql } from 'kysely'
import { makeEntry } from '../src/entry.ts'
import { storedKind } from '../src/stored-kind.ts'
import { insertEntries } from '../src/entry.queries.ts'
import { auditHandlers, startSequencer, type Sequencer } from '../src/index.ts'
import {
  allow,
  deny,
  openHarness,
  person,
  testSealer,
  type Harness,
  shareStores,
  type SharedStores,
} from './harness.ts'
import { draftOf } from './record.ts'

let stores: SharedStores
let h: Harness
let sequencer: Sequencer | null
const admin = person({ username: 'ada', roles: ['Admin'] })
const developer = person({ username: 'dev', roles: ['Developer'] })
beforeAll(async () => {
  stores = await shareStores()
})
afterAll(() => stores.end())
const prepare = async (where: { readonly stores?: SharedStores }) => {
  h = await openHarness(where)
  for (const id of ['default', 'other'])
    await h.admin.insertInto('workspace').values({ id, name: id, archived_at: null }).execute()
  h.as(admin)
}
beforeEach(async () => {
  sequencer = null
  await prepare({ stores })
})
afterEach(async () => {
  await sequencer?.close()
  await h.close()
})

const handlers = () =>
  auditHandlers({
    db: h.db,
    records: h.db,
    key: h.key,
    subjectKeys: h.subjectKeys,
    clock: h.clock,
    random: systemRandom(h.clock),
    change: h.change,
    sealer: testSealer,
    source: { version: '1.0.0', host: 'gatehouse.test' },
    people: { eraseEverywhere: () => Promise.resolve([]), forgetNames: () => Promise.resolve() },
    outbound: createOutbound({ allowed: [], ownPorts: [] }),
    listenForLeaves: h.listenForLeaves,
    sinkDirectory: null,
    retentionFloor: { days: 365, breakGlassDays: 2555 },
    witnesses: [],
    directory,
  })
type AuditName = Extract<OperationName, `audit.${string}` | `auditView.${string}`>
const ask = async <N extends AuditName>(name: N, raw: unknown): Promise<Output<N>> =>
  (await h.call(
    name,
    raw,
    handlers()[name] as unknown as Handler<N> & ((permit: unknown) => Promise<unknown>),
  )) as Output<N> // the handler of this very name
const put = async (
  parts: Partial<AuditDraft>,
  principal = developer as AuditDraft['principal'],
  at = h.clock.now(),
): Promise<string> => {
  const made = makeEntry({ draft: draftOf(principal, parts), at, intent: null, random: systemRandom(h.clock) })
  await insertEntries(h.db, h.subjectKeys, { entries: [made] })
  return made.id
}
const search = async (input: Partial<Input<'audit.search'>> = {}) =>
  (await ask('audit.search', input)).items.map(({ id }) => id)
/** Decides searches as a policy for this role would. */
const decideSearch = (parts: { whole?: string[]; own?: string[] }) =>
  h.decideBy((request: DecisionRequest): Decision => {
    const own = request.context['ownOnly'] === true
    return (own ? parts.own : parts.whole)?.includes(request.resource.id) === true ? allow : deny
  })

describe('what a caller was told is not there', () => {
  /** As the enforcer records it: of what exists its id, workspace and decision, of what does not what was typed. */
  const refusedAs = async (host: string, exists: boolean) =>
    put({
      action: 'sshHost.get',
      outcome: 'refused',
      refusal: 'not-found',
      input: { id: host },
      ...(exists
        ? { resource: uid('SshHost', 'the-real-id'), workspace: 'other', decision: deny }
        : { resource: uid('SshHost', host), workspace: null, decision: null }),
    })

  test('their own audit log does not tell them from what does not exist, in no list, filter or entry', async () => {
    h.decideBy(({ action, context }) => (action === 'audit.get' || context['ownOnly'] === true ? allow : deny))
    h.as(developer)
    const ids = [await refusedAs('secret', true), await refusedAs('nothing', false)]
    const told = async (id: string) => {
      const { id: _, requestId: __, at: ___, ...rest } = await ask('audit.get', { id })
      return JSON.stringify(rest).replaceAll(/secret|nothing/g, 'NAME')
    }
    expect(await told(ids[0] ?? '')).toBe(await told(ids[1] ?? ''))
    expect(await told(ids[0] ?? '')).not.toMatch(/the-real-id|other/)
    const { items } = await ask('audit.search', { kinds: ['refusal'] })
    expect(items.map(({ resource, workspace, decision }) => [resource.id, workspace, decision])).toEqual([
      ['nothing', null, null],
      ['secret', null, null],
    ])
    for (const filter of [
      { workspace: 'other' },
      { resource: 'the-real-id' },
      { resource: 'SshHost' },
      { resource: 'secret' },
      { resource: 'nothing' },
      { decision: 'deny' as const },
    ])
      expect(await search(filter), JSON.stringify(filter)).toEqual([])
  })

  test('nor do its counts: of both there is neither a workspace nor a decision', async () => {
    h.decideBy(({ action, context }) => (action === 'audit.get' || context['ownOnly'] === true ? allow : deny))
    h.as(developer)
    await refusedAs('secret', true)
    await refusedAs('nothing', false)
    const counted = { counted: 2, workspaces: [], decisions: [] }
    expect(await ask('audit.stats', { kinds: ['refusal'] })).toMatchObject(counted)
  })

  test('an Auditor reads all of it', async () => {
    const id = await refusedAs('secret', true)
    expect(await search({ workspace: 'other', resource: 'the-real-id' })).toEqual([id])
    expect(await ask('audit.get', { id })).toMatchObject({ resource: { id: 'the-real-id' }, workspace: 'other' })
  })
})

describe('audit.tail', () => {
  const follow = async (raw: Record<string, unknown> = {}) => {
    const handler = handlers()['audit.tail']
    const stream = await h.subscribe('audit.tail', raw, handler as unknown as (permit: unknown) => never)
    const iterator = stream[Symbol.asyncIterator]()
    const next = async () => {
      const { value, done } = await iterator.next()
      return done === true ? null : { ids: value.entries.map(({ id }) => id), cursor: value.cursor }
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

  test('comes in parts in a flood, asks the database nothing while nothing happens, and ends at once', async () => {
    await h.close()
    await prepare({}) // what the tests before asked of theirs is counted up to ten seconds late
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

describe('audit.search', () => {
  test('answers newest first, in pages that neither repeat nor lose an entry', async () => {
    const same = h.clock.now() // one millisecond: only the id tells them apart
    const all = await Promise.all(
      Array.from({ length: 25 }, (_, index) => put({ workspace: 'default' }, developer, index < 15 ? same : undefined)),
    )
    const seen: string[] = []
    let after: string | undefined
    do {
      const page = await ask('audit.search', { first: 4, after, workspace: 'default' })
      seen.push(...page.items.map(({ id }) => id))
      after = page.nextCursor ?? undefined
    } while (after !== undefined)
    expect(seen).toHaveLength(25)
    expect(new Set(seen)).toEqual(new Set(all))
  })

  test('finds by each filter, and by all together', async () => {
    const call = {
      requestId: randomUUID(),
      at: h.clock.now(),
      address: '198.51.100.9',
      userAgent: 'x',
      transport: 'trpc' as const,
    }
    const wanted = await put({
      action: 'sshHost.get',
      workspace: 'default',
      outcome: 'refused',
      refusal: 'forbidden',
      decision: deny,
      resource: uid('SshHost', 'host-7'),
      call,
    })
    await put({ workspace: 'other' }, person({ username: 'eve' }))
    const filters = {
      actor: 'dev',
      action: 'sshHost.get',
      resource: 'host-7',
      workspace: 'default',
      outcome: 'refused',
      ip: '198.51.100.9',
      session: developer.session.id,
      requestId: call.requestId,
      decision: 'deny',
      from: '1h',
      to: '2100-01-01',
    } as const
    for (const [name, value] of Object.entries(filters).filter(([name]) => name !== 'from' && name !== 'to'))
      expect(await search({ [name]: value }), name).toEqual([wanted])
    expect(await search(filters)).toEqual([wanted])
    expect(await search({ resource: 'SshHost::host-7' })).toEqual([wanted])
    expect(await search({ actor: developer.id })).toEqual([wanted])
  })

  test('finds by kind: changes, refusals and events without the reads that bury them', async () => {
    const sorted = (ids: readonly string[]) => [...ids].sort()
    const read = await put({ action: 'team.list', workspace: 'default' })
    const change = await put({ action: 'sshHost.register', workspace: 'default' })
    const refusal = await put({ action: 'team.list', outcome: 'refused', refusal: 'forbidden', workspace: 'default' })
    const failed = await put({ action: 'team.list', outcome: 'failed', workspace: 'default' })
    const event = await put({ action: 'lease.expired', workspace: 'default' })
    const by = (...kinds: NonNullable<Input<'audit.search'>['kinds']>) => search({ kinds, workspace: 'default' })
    expect(sorted(await by('change', 'refusal', 'event'))).toEqual(sorted([event, failed, refusal, change]))
    expect(await by('read')).toEqual([read])
    expect(await by('event')).toEqual([event])
    expect(sorted(await search({ workspace: 'default' }))).toEqual(sorted([event, failed, refusal, change, read]))
    const { items } = await ask('audit.search', { workspace: 'default' })
    expect(sorted(items.map(({ kind }) => kind))).toEqual(['change', 'event', 'read', 'refusal', 'refusal'])
  })

  test('entries from before kinds were recorded have one all the same', async () => {
    const old = (action: string, outcome: string) => ({
      v: 1,
      id: randomUUID(),
      at: '2026-01-01T00:00:00Z',
      action,
      outcome,
    })
    const nobody = { id: 'anonymous', name: null }
    const subjects = { caller: nobody, input: nobody }
    const entries = [
      old('lease.issue', 'allowed'),
      old('lease.list', 'allowed'),
      old('lease.list', 'failed'),
      old('lease.list', 'refused'),
      old('lease.expired', 'allowed'),
    ]
    await insertEntries(h.db, h.subjectKeys, {
      entries: entries.map((entry) => ({
        id: entry.id,
        entry: JSON.stringify(entry),
        personal: [],
        subjects,
        asked: null,
      })),
    })
    const rows = await h.admin.selectFrom('audit_entry').select(['id', 'kind', 'entry']).execute()
    const kinds = entries.map(({ id }) => rows.find((row) => row.id === id)?.kind)
    expect(kinds).toEqual(['change', 'read', 'refusal', 'refusal', 'event'])
    expect(entries.map((entry) => storedKind(entry))).toEqual(kinds)
  })

  test('leaves the reads out by an index, not by walking over them', async () => {
    await sql`
      insert into audit_entry (id, entry)
      select gen_random_uuid(), json_build_object('v', 2, 'at', '2026-01-01T00:00:00.000Z', 'action', 'team.list',
        'outcome', 'allowed', 'kind', 'read', 'workspace', 'default')::text
      from generate_series(1, 20000)`.execute(h.admin)
    await sql`analyze audit_entry`.execute(h.admin)
    const { rows } = await sql<{ 'QUERY PLAN': string }>`
      explain select id from audit_entry
      where workspace = any(array['default']) and (kind <> 'read' and kind = any(array['change', 'event']))
      order by at desc, id desc limit 51`.execute(h.admin)
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('audit_entry_not_read')
  })

  test('finds an action by its name, by its noun, and by how it begins', async () => {
    const revoke = await put({ action: 'sshKey.revoke', workspace: 'default' })
    const deploy = await put({ action: 'sshKey.deploy', workspace: 'default' })
    const list = await put({ action: 'sshKey.list', workspace: 'default' })
    const sign = await put({ action: 'sshCertificate.sign', workspace: 'default' })
    const by = async (action: string) => (await search({ action, workspace: 'default' })).sort()
    expect(await by('sshKey.revoke')).toEqual([revoke])
    expect(await by('sshKey')).toEqual([list, deploy, revoke].sort())
    expect(await by('sshKey.')).toEqual([list, deploy, revoke].sort())
    expect(await by('sshKey.de')).toEqual([deploy])
    expect(await by('ssh')).toEqual([sign, list, deploy, revoke].sort())
    expect(await by('sshCert')).toEqual([sign])
    expect(await by('key')).toEqual([])
  })

  test('takes times as they are and as how long ago', async () => {
    const hour = 3_600_000
    const old = await put({ workspace: 'default' }, developer, new Date(h.clock.now().getTime() - 30 * hour))
    const young = await put({ workspace: 'default' }, developer, new Date(h.clock.now().getTime() - hour))
    expect(await search({ from: '1d', workspace: 'default' })).toEqual([young])
    expect(await search({ to: '1d', workspace: 'default' })).toEqual([old])
    expect(await search({ from: '2d', to: '2h', workspace: 'default' })).toEqual([old])
    await expect(search({ from: '2026-99-99' })).rejects.toMatchObject({
      code: 'invalid-input',
      details: { fields: [{ path: 'from' }] },
    })
  })

  test("finds a person's log-ins by name, where the caller was still a stranger", async () => {
    const failed = await put(
      {
        action: 'auth.login',
        outcome: 'refused',
        refusal: 'invalid-credentials',
        decision: null,
        input: { username: 'ada' },
      },
      anonymous,
    )
    await put({ action: 'user.create', input: { username: 'ada' } }, person({ username: 'root' })) // not hers
    expect(await search({ actor: 'ada', action: 'auth.login' })).toEqual([failed])
    expect(await search({ actor: 'ada', action: 'user.create' })).toEqual([])
  })

  test('refuses a cursor that is not ours', async () => {
    for (const after of ['x', Buffer.from('["2026-11-23T00:00:00.000Z","not-a-uuid"]').toString('base64url')]) {
      await expect(search({ after })).rejects.toMatchObject({
        code: 'invalid-input',
        details: { fields: [{ path: 'after' }] },
      })
    }
  })

  // Threat C2: the list is only as wide as what was decided
  describe('shows', () => {
    let [mine, theirs, elsewhere, log, theirLog] = ['', '', '', '', '']
    const other = person({ username: 'other' })
    const as = (principal: UserPrincipal) => h.as(principal)
    beforeEach(async () => {
      mine = await put({ workspace: 'default' })
      theirs = await put({ workspace: 'default' }, other)
      elsewhere = await put({ workspace: 'other' })
      log = await put({ action: 'auth.whoami' })
      theirLog = await put({ action: 'auth.whoami' }, other)
    })
    const shown = async () => (await search({ to: '0s' })).sort()

    test('an Admin everything', async () => {
      expect(await shown()).toEqual(expect.arrayContaining([mine, theirs, elsewhere, log, theirLog].sort()))
    })

    test('an Operator the whole of his workspace, and what is his own without one', async () => {
      as({ ...developer, roles: ['Operator'] })
      decideSearch({ whole: ['default'] })
      expect(await shown()).toEqual([mine, theirs, log].sort())
    })

    test('a Developer only his own, there', async () => {
      as(developer)
      decideSearch({ own: ['default'] })
      expect(await shown()).toEqual([mine, log].sort())
    })

    test('an Admin whose scope is only his own nothing of others', async () => {
      as(admin)
      decideSearch({ own: ['default', 'other'] })
      expect(await shown()).toEqual([])
    })

    test('nobody anything without a decision', async () => {
      h.decideBy(() => deny)
      await expect(shown()).rejects.toBeInstanceOf(Refusal)
    })
  })

  test('a value that looks like SQL is only a value', async () => {
    await put({ workspace: 'default' })
    for (const text of ["' or '1'='1", '%', '*', '$1', '\\', "x'; drop table audit_entry; --"])
      expect(await search({ actor: text, resource: text })).toEqual([])
  })

  test('an address or an action that none can be is refused by its field, not searched for', async () => {
    for (const text of ["' or '1'='1", '%', '\0', '\u202e']) {
      await expect(search({ ip: text })).rejects.toMatchObject({ details: { fields: [{ path: 'ip' }] } })
      await expect(search({ action: text })).rejects.toMatchObject({ details: { fields: [{ path: 'action' }] } })
    }
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

describe('audit.search in other ways', () => {
  test('finds by category and by how much an entry weighs', async () => {
    const at = { workspace: 'default' }
    const weighty = await put({ ...at, action: 'role.assign' })
    const refused = await put({ ...at, action: 'role.assign', outcome: 'refused', refusal: 'forbidden' })
    const light = await put({ ...at, action: 'lease.list' })
    expect(await search({ category: 'people' })).toEqual([refused, weighty])
    expect(await search({ severity: 'high' })).toEqual([weighty])
    expect(await search({ severity: 'medium' })).toEqual([refused, weighty])
    expect(await search({ severity: 'info', category: 'credentials' })).toEqual([light])
    const { items } = await ask('audit.search', { severity: 'high' })
    expect(items).toMatchObject([{ category: 'people', severity: 'high' }])
  })

  test('sorts by time, action and actor, and a cursor of one order is refused in another', async () => {
    for (const action of ['team.create', 'lease.revoke', 'user.create'] as const)
      for (const who of [developer, person({ username: 'eve' })]) await put({ action, workspace: 'default' }, who)
    const sorted = async (sort: Input<'audit.search'>['sort']) => {
      const seen: Output<'audit.get'>[] = []
      let after: string | undefined
      do {
        const page = await ask('audit.search', { sort, first: 2, after, kinds: ['change'] })
        seen.push(...page.items)
        after = page.nextCursor ?? undefined
      } while (after !== undefined)
      return seen
    }
    const newest = await sorted(undefined)
    expect((await sorted('oldest')).map(({ id }) => id)).toEqual(newest.map(({ id }) => id).toReversed())
    expect((await sorted('action')).map(({ action }) => action)).toEqual(newest.map(({ action }) => action).toSorted())
    const actors = (await sorted('actor')).map(({ principal }) => principal.id)
    expect(actors).toEqual(actors.toSorted())
    expect(actors).toHaveLength(6)
    const { nextCursor } = await ask('audit.search', { sort: 'action', first: 2 })
    await expect(ask('audit.search', { sort: 'actor', first: 2, after: nextCursor })).rejects.toMatchObject({
      code: 'invalid-input',
    })
  })
})

describe('audit.stats', () => {
  test('counts what a search of the same filters finds, and names the busiest', async () => {
    for (let round = 0; round < 3; round += 1) await put({ action: 'lease.revoke', workspace: 'default' })
    await put({ action: 'lease.revoke', outcome: 'refused', refusal: 'forbidden', decision: deny, workspace: 'other' })
    const stats = await ask('audit.stats', { action: 'lease' })
    expect(stats).toMatchObject({
      counted: 4,
      complete: true,
      actions: [{ value: 'lease.revoke', count: 4 }],
      categories: [{ value: 'credentials', count: 4 }],
      severities: [{ value: 'low', count: 4 }],
      outcomes: [
        { value: 'allowed', count: 3 },
        { value: 'refused', count: 1 },
      ],
      decisions: [
        { value: 'allow', count: 3 },
        { value: 'deny', count: 1 },
      ],
      workspaces: [
        { value: 'default', count: 3 },
        { value: 'other', count: 1 },
      ],
      actors: [{ id: developer.id, name: 'dev', count: 4 }],
      days: [{ count: 4 }],
    })
    expect((await ask('audit.stats', { outcome: 'refused', action: 'lease' })).counted).toBe(1)
    expect(await ask('audit.stats', { action: 'policy.reload' })).toMatchObject({ counted: 0, since: null, actors: [] })
  })

  test('counts nothing that its caller does not see', async () => {
    await put({ action: 'lease.revoke', workspace: 'other' }, person({ username: 'eve' }))
    await put({ action: 'lease.revoke', workspace: 'default' })
    h.as(developer)
    decideSearch({ own: ['default'] })
    expect((await ask('audit.stats', { action: 'lease' })).counted).toBe(1)
    decideSearch({})
    await expect(ask('audit.stats', {})).rejects.toMatchObject({ code: 'forbidden' })
  })
})

describe('saved searches', () => {
  const stored = async (who: UserPrincipal) => {
    await h.admin
      .insertInto('users')
      .values({
        id: who.id,
        username: who.username,
        display_name: who.username,
        email: null,
        cut_off: null,
        last_login_at: null,
        password_hash: '',
        must_change_password: false,
        password_changed_at: new Date(),
      })
      .execute()
    return who
  }

  test('are kept by name, seen by others only when shared, and removed by their owner alone', async () => {
    const ada = await stored(person({ username: 'ada', roles: ['Admin'] }))
    const bob = await stored(person({ username: 'bob', roles: ['Admin'] }))
    h.as(ada)
    const first = await ask('auditView.save', { name: 'refused', outcome: 'refused', from: '1d' })
    const again = await ask('auditView.save', { name: 'refused', outcome: 'failed' })
    expect(again).toMatchObject({ id: first.id, filters: '{"outcome":"failed"}', shared: false, own: true })
    const shared = await ask('auditView.save', { name: 'mine', actor: 'ada', shared: true })
    expect((await ask('auditView.list', {})).items.map(({ name }) => name)).toEqual(['mine', 'refused'])
    h.as(bob)
    expect((await ask('auditView.list', {})).items).toMatchObject([{ name: 'mine', own: false }])
    for (const id of [shared.id, 'mine'])
      await expect(ask('auditView.remove', { id })).rejects.toMatchObject({ code: 'not-found' })
    h.as(ada)
    expect(await ask('auditView.remove', { id: 'mine' })).toEqual({ id: shared.id })
    expect((await ask('auditView.list', {})).items.map(({ name }) => name)).toEqual(['refused'])
    await expect(ask('auditView.remove', { id: shared.id })).rejects.toMatchObject({ code: 'not-found' })
    await expect(ask('auditView.save', { name: 'x', from: '2026-13-45' })).rejects.toMatchObject({
      code: 'invalid-input',
    })
    const saves = (await h.entries()).filter(({ action }) => action === 'auditView.save')
    expect(saves.map(({ outcome }) => outcome)).toEqual(['allowed', 'allowed', 'allowed', 'refused'])
    expect(JSON.stringify(saves)).not.toContain('"ada"') // who is looked for is a person
  })
})
