import { randomUUID } from 'node:crypto'
import { Refusal, type Input, type Output } from '@gatehouse/contract'
import { anonymous, uid, type UserPrincipal } from '@gatehouse/enforcement'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { insertEntries } from '../src/entry.queries.ts'
import { storedKind } from '../src/stored-kind.ts'
import { admin, askingOf, developer, openAsked } from './asking.ts'
import { allow, deny, person, shareStores, type Harness, type SharedStores } from './harness.ts'
import { placeEntries } from './record.ts'

let stores: SharedStores
let h: Harness
const { ask, put, search, decideSearch } = askingOf(() => h)
beforeAll(async () => {
  stores = await shareStores()
})
afterAll(() => stores.end())
beforeEach(async () => {
  h = await openAsked({ stores })
})
afterEach(() => h.close())

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
    // what was acknowledged is found at once, and the same way when it has its place
    expect(await h.admin.selectFrom('audit_placed').select('id').execute()).toEqual([])
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
    const isFound = async () => {
      for (const [name, value] of Object.entries(filters).filter(([name]) => name !== 'from' && name !== 'to'))
        expect(await search({ [name]: value }), name).toEqual([wanted])
      expect(await search(filters)).toEqual([wanted])
      expect(await search({ resource: 'SshHost::host-7' })).toEqual([wanted])
      expect(await search({ actor: developer.id })).toEqual([wanted])
    }
    await isFound()
    await placeEntries(h.admin, h.key)
    expect(await h.admin.selectFrom('audit_pending').select('entry_id').execute()).toEqual([])
    await isFound()
  })

  test('has what waits for its place and what has one in one order', async () => {
    const putOne = (minute: number) =>
      put({ workspace: 'default' }, developer, new Date(h.clock.now().getTime() - minute * 60_000))
    const early = [await putOne(9), await putOne(5)]
    await placeEntries(h.admin, h.key)
    const late = [await putOne(7), await putOne(1)]
    const inOrder = [late[1], early[1], late[0], early[0]]
    for (const [sort, ids] of [
      ['newest', inOrder],
      ['oldest', inOrder.toReversed()],
    ] as const) {
      const seen: (string | undefined)[] = []
      let after: string | undefined
      do {
        const page = await ask('audit.search', { first: 1, after, workspace: 'default', sort })
        seen.push(...page.items.map(({ id }) => id))
        after = page.nextCursor ?? undefined
      } while (after !== undefined)
      expect(seen).toEqual(ids)
    }
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
        ofSession: null,
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
      insert into audit_placed (id, entry)
      select gen_random_uuid(), json_build_object('v', 2, 'at', '2026-01-01T00:00:00.000Z', 'action', 'team.list',
        'outcome', 'allowed', 'kind', 'read', 'workspace', 'default')::text
      from generate_series(1, 20000)`.execute(h.admin)
    await sql`analyze audit_placed`.execute(h.admin)
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

    // Threat F1: who may archive a workspace took what had happened there out of every list, count and export
    test('also what stands in a workspace that is archived, or that never was', async () => {
      const nowhere = await put({ workspace: 'never-there' }, other)
      await h.admin.updateTable('workspace').set({ archived_at: h.clock.now() }).where('id', '=', 'other').execute()
      as(admin)
      expect(await shown()).toEqual(expect.arrayContaining([elsewhere, nowhere, theirs]))
      expect(await search({ workspace: 'other' })).toEqual([elsewhere])
      expect((await ask('audit.stats', { workspace: 'other' })).counted).toBe(1)
      as({ ...other, roles: ['Operator'] })
      decideSearch({ whole: ['default'] })
      const seen = await shown()
      expect(seen).toContain(nowhere)
      expect(seen).not.toContain(elsewhere)
    })

    // Threat C2: whom a policy keeps from a workspace would else see all that had happened there by its archiving
    test.each([false, true])(
      'and in a workspace nobody whom no policy lets, archived or not (%s)',
      async (archived) => {
        const archived_at = archived ? h.clock.now() : null
        await h.admin.updateTable('workspace').set({ archived_at }).where('id', '=', 'other').execute()
        as(admin)
        decideSearch({ whole: ['default'] })
        expect(await shown()).not.toContain(elsewhere)
      },
    )

    test('nobody anything without a decision', async () => {
      h.decideBy(() => deny)
      await expect(shown()).rejects.toBeInstanceOf(Refusal)
    })
  })

  // the right to see people is that of asking whose a pseudonym is; of entries of others nothing tells who they are
  describe('a reader who may not identify people', () => {
    const zoe = person({ username: 'zoe-9', displayName: 'Zoe' })
    const operator = { ...developer, roles: ['Operator'] as const }
    const program = { type: 'Service', id: 'ci', name: 'ci', bound: true } as const
    let theirs = ''
    beforeEach(async () => {
      theirs = await put(
        {
          action: 'user.update',
          workspace: 'default',
          resource: uid('User', zoe.id),
          input: { id: zoe.id, displayName: 'Zoe', reason: 'zoe-9 asked' },
          detail: { changed: ['displayName'], user: zoe.id, was: { name: 'Zoe' }, text: 'zoe-9 was called so' },
        },
        zoe,
      )
      await put({ action: 'lease.get', workspace: 'default', resource: uid('Lease', 'a-lease') }, zoe)
      await put({ action: 'lease.get', workspace: 'default', resource: uid('Lease', 'a-lease') }, program)
      await put({ action: 'lease.get', workspace: 'default' }, operator)
    })
    const mayIdentify = (may: boolean) =>
      h.decideBy(({ action, resource, context }) => {
        if (action === 'audit.identify') return may ? allow : deny
        const isWhole = resource.id === 'default' && context['ownOnly'] !== true
        return resource.type !== 'Workspace' || isWhole ? allow : deny
      })
    const asOperator = (may = false) => {
      h.as(operator)
      mayIdentify(may)
    }
    const telling = new RegExp([zoe.id, zoe.session.id, '\\bzoe\\b', '192\\.0\\.2', 'vitest'].join('|'), 'i')

    test('is shown pseudonyms, in lists, entries, facets and a proof, and no text tells whose they are', async () => {
      asOperator(true)
      expect(JSON.stringify(await ask('audit.search', {}))).toMatch(telling) // who may identify people sees them
      asOperator()
      const { items } = await ask('audit.search', {})
      const others = items.filter(({ principal }) => principal.id !== operator.id)
      expect(others).toHaveLength(3)
      const one = await ask('audit.get', { id: theirs })
      const stats = await ask('audit.stats', {})
      for (const shown of [...others.filter(({ principal }) => principal.type === 'User'), one, ...stats.actors])
        expect(JSON.stringify(shown)).not.toMatch(telling)
      expect(one).toMatchObject({ pseudonyms: true, ip: null, sessionId: null, principal: { name: null } })
      expect(JSON.parse(one.detail)).toMatchObject({ detail: { changed: ['displayName'], user: null, was: null } })
    })

    test('is whoever comes by a token without that right among its scopes, though its owner has it', async () => {
      mayIdentify(true)
      const by = async (...scopes: readonly string[]): Promise<string> => {
        const expiresAt = new Date(h.clock.now().getTime() + 60_000)
        h.as({ ...operator, apiToken: { id: operator.session.id, scopes, expiresAt, keyThumbprint: null } })
        const { items } = await ask('audit.search', {})
        return JSON.stringify(items.filter(({ principal }) => principal.id !== operator.id))
      }
      expect(await by('audit.search')).not.toMatch(telling)
      expect(await by('audit.search', 'audit.identify')).toMatch(telling)
    })

    test('meets the same pseudonym for the same person, as actor and as resource; programs have names', async () => {
      asOperator()
      const { items } = await ask('audit.search', {})
      const people = items.filter(({ principal }) => principal.type === 'User' && principal.id !== operator.id)
      expect(new Set(people.map(({ principal }) => principal.id)).size).toBe(1)
      const [pseudonym = ''] = people.map(({ principal }) => principal.id)
      expect(pseudonym).toMatch(/^person-[0-9a-f]{16}$/)
      expect((await ask('audit.get', { id: theirs })).resource.id).toBe(pseudonym)
      expect(items.find(({ principal }) => principal.type === 'Service')?.principal.name).toBe('ci')
      expect(await search({ actor: pseudonym })).toHaveLength(2)
      expect((await ask('audit.stats', { actor: pseudonym })).actors).toEqual([{ id: pseudonym, name: null, count: 2 }])
      h.as(admin)
      mayIdentify(true)
      expect(await ask('audit.identify', { pseudonym })).toEqual({ pseudonym, id: zoe.id, name: null })
      expect(await search({ actor: pseudonym })).toHaveLength(2)
    })

    test.each([
      ['actor', { actor: 'zoe-9' }],
      ['actor', { actor: zoe.id }],
      ['ip', { ip: '192.0.2.7' }],
      ['session', { session: zoe.session.id }],
      ['resource', { resource: `User::${zoe.id}` }],
      ['resource', { resource: `Session::${zoe.session.id}` }],
      ['sort', { sort: 'actor' as const }],
    ])('finds and sorts nothing by %s %j', async (path, input) => {
      asOperator(true)
      expect((await search(input)).length).toBeGreaterThanOrEqual(path === 'session' || path === 'resource' ? 0 : 1)
      asOperator()
      const refused = { code: 'invalid-input', details: { fields: [{ path }] } }
      await expect(search(input)).rejects.toMatchObject(refused)
      if (path === 'sort') return
      await expect(ask('audit.stats', input as object)).rejects.toMatchObject(refused)
      await expect(ask('auditView.save', { name: 'x', ...input } as object)).rejects.toMatchObject(refused)
    })

    test('finds nothing of people by a bare id, and other things by theirs', async () => {
      asOperator(true)
      expect(await search({ resource: zoe.id })).toEqual([theirs])
      asOperator()
      expect(await search({ resource: zoe.id })).toEqual([])
      expect(await search({ resource: 'a-lease' })).toHaveLength(2)
      expect(await search({ resource: 'User' })).toEqual([theirs])
    })

    test('reads all of what they did themselves, and looks for themselves by name', async () => {
      asOperator()
      expect(await search({ actor: operator.username, action: 'lease.get' })).toHaveLength(1)
      expect(await search({ session: operator.session.id })).toBeDefined()
      const { items } = await ask('audit.search', { actor: operator.id, action: 'lease.get' })
      expect(items).toMatchObject([{ pseudonyms: false, ip: '192.0.2.7', principal: { name: operator.username } }])
    })

    test('is not shown a shared search that names somebody, and may not begin an export with proofs', async () => {
      await h.admin
        .insertInto('users')
        .values(
          [admin, operator].map(({ id, username }) => ({
            id,
            username,
            display_name: username,
            email: null,
            password_hash: '',
            must_change_password: false,
            password_changed_at: h.clock.now(),
            cut_off: null,
            last_login_at: null,
          })),
        )
        .execute()
      h.as(admin)
      mayIdentify(true)
      await ask('auditView.save', { name: 'zoe', shared: true, actor: 'zoe-9' })
      await ask('auditView.save', { name: 'refused', shared: true, outcome: 'refused' })
      asOperator()
      expect((await ask('auditView.list', {})).items.map(({ name }) => name)).toEqual(['refused'])
      // what is left out of a list leaves no holes in its pages
      h.as(admin)
      mayIdentify(true)
      for (const name of ['one', 'two', 'three']) await ask('auditView.save', { name, shared: true, actor: 'zoe-9' })
      asOperator()
      const page = await ask('auditView.list', { first: 1 })
      expect([page.items.map(({ name }) => name), page.nextCursor]).toEqual([['refused'], null])
      await ask('auditView.save', { name: 'own' })
      const [newest, next] = [await ask('auditView.list', { first: 1 }), await ask('auditView.list', { first: 2 })]
      expect([newest.items.map(({ name }) => name), next.items.map(({ name }) => name)]).toEqual([
        ['own'],
        ['own', 'refused'],
      ])
      const after = await ask('auditView.list', { first: 1, after: newest.nextCursor ?? '' })
      expect([after.items.map(({ name }) => name), after.nextCursor]).toEqual([['refused'], null])
      await expect(ask('audit.export', { format: 'jsonl', proofs: true })).rejects.toMatchObject({
        details: { fields: [{ path: 'proofs' }] },
      })
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
    const secret = await refusedAs('secret', true)
    h.clock.shiftSeconds(1) // two of one millisecond have no order
    const ids = [secret, await refusedAs('nothing', false)]
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
