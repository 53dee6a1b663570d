// The operations on keys, as handlers answer them: what is bound to what, and what the audit log has of it.
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '@gatehouse/database'
import type { RowClock } from '@gatehouse/enforcement'
import { createSecondPerson, directory, identityDomain } from '@gatehouse/identity'
import { ageKek, countKeptKeys, createPrivateFile, KekError, keysDomain, type KeyEncryptionKey } from '@gatehouse/keys'
import { personOf, startDomain, type DomainCalls, type DomainProcess } from '@gatehouse/testkit/domain-system'
import { generateX25519Identity } from 'age-encryption'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let h: DomainProcess & DomainCalls
let home: string
let clockOfKeys: RowClock
/** Which workflows were told of a change. */
const told: string[] = []
/** Whether the backend of `[kms]` is away. */
let isAway = false
const ada = personOf('ada')
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'gatehouse-keys-'))
  await createPrivateFile(join(home, 'kek.age'), `${await generateX25519Identity()}\n`)
  const started = await startDomain({ ...keysDomain.slices, Workspace: identityDomain.slices.Workspace })
  const { db, clock, random, change } = started
  const own = await ageKek(join(home, 'kek.age'))
  const orAway = <T>(use: () => Promise<T>): Promise<T> =>
    isAway ? Promise.reject(new KekError('unreachable', own.uri)) : use()
  const unwrap: KeyEncryptionKey['unwrap'] = (wrapped, purpose) => orAway(() => own.unwrap(wrapped, purpose))
  const generate: KeyEncryptionKey['generate'] = (purpose) => orAway(() => own.generate(purpose))
  const keks = [{ ...own, unwrap, generate }]
  const regions = { keks: new Map<string, KeyEncryptionKey>(), nearest: null }
  for (const name of ['west', 'north']) {
    await createPrivateFile(join(home, name), `${await generateX25519Identity()}\n`)
    regions.keks.set(name, await ageKek(join(home, name)))
  }
  const kekPlaces = [{ section: 'kms', kind: 'age', uri: own.uri }] as const
  const needs = { db, clock, random, change, directory, keks, regions, kekPlaces }
  const domain = await keysDomain.open({ ...needs, temporalWeb: null })
  const workflows = {
    follow: (kind: string, id: string) => {
      told.push(`${kind}/${id}`)
      return Promise.resolve()
    },
  }
  // made by who keeps sessions, and tried with them (apps/gateway/test/vault-clients.real.test.ts)
  const transitTokens = { make: () => Promise.reject(new TypeError('nobody asks for one here')) }
  const ports = { workflows, transitTokens, secondPerson: createSecondPerson(started) }
  const calls = started.serve(domain.handlers(ports))
  calls.as(ada)
  h = { ...started, ...calls }
  const [clockOfDomain] = domain.clocks()
  if (clockOfDomain === undefined) throw new TypeError('keys have a clock')
  clockOfKeys = clockOfDomain
  await addPerson(ada)
  await sql`insert into workspace (id, name, environment, created_at) values
    ('default', 'default', 'development', now()), ('shop', 'shop', 'development', now())`.execute(db)
})
afterAll(async () => {
  await h.close()
  await rm(home, { recursive: true, force: true })
})

/** Somebody who has been an Admin with a second factor for two days. */
async function addPerson({ id, username }: typeof ada): Promise<void> {
  const since = sql<Date>`now() - interval '2 days'`
  await sql`insert into users (id, username, display_name, password_hash, must_change_password, password_changed_at)
    values (${id}, ${username}, ${username}, '', false, now())`.execute(h.db)
  await sql`insert into user_role (user_id, role, granted_at) values (${id}, 'Admin', ${since})`.execute(h.db)
  await sql`insert into authenticator (id, user_id, kind, name, created_at, confirmed_at)
    values (${randomUUID()}, ${id}, 'webauthn', 'key', ${since}, ${since})`.execute(h.db)
}

const newName = (): string => `key-${randomUUID().slice(0, 8)}`
const create = (name = newName(), workspace = 'default') => h.call('kmsKey.create', { name, workspace })
const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64')
const encrypt = async (key: string, plaintext: string, context: Record<string, string> = {}): Promise<string> => {
  const { items } = await h.call('kms.encrypt', { key, items: [{ plaintext: base64(plaintext), context }] })
  return items[0]?.ciphertext ?? ''
}
const decrypt = async (...items: { ciphertext: string; context?: Record<string, string> }[]): Promise<string[]> =>
  (await h.call('kms.decrypt', { items })).items.map(
    ({ problem, plaintext }) => problem ?? Buffer.from(plaintext?.expose() ?? '', 'base64').toString(),
  )
const lastEntry = () =>
  h.db.selectFrom('audit_entry').selectAll().orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow()

describe('a key', () => {
  test('is made, found by id and by name in any case, and listed', async () => {
    const name = newName()
    const key = await create(name, 'shop')
    expect(key).toMatchObject({
      name,
      workspace: 'shop',
      backend: 'installation',
      state: 'enabled',
      deletionGuard: true,
    })
    expect([key.currentVersion, key.minimumVersion]).toEqual([1, 1])
    expect(await h.call('kmsKey.get', { id: name.toUpperCase() })).toEqual(key)
    expect(await h.call('kmsKey.get', { id: key.id })).toEqual(key)
    const { versions, ...listed } = key
    expect(versions).toEqual([{ version: 1, createdAt: key.createdAt }])
    const { items } = await h.call('kmsKey.list', { workspace: 'shop' })
    expect(items).toContainEqual(listed)
    expect((await h.call('kmsKey.list', { workspace: 'default' })).items).not.toContainEqual(listed)
    expect((await h.call('kmsKey.list', { workspace: 'nowhere' })).items).toEqual([])
  })

  test('is listed page by page, each once', async () => {
    const made = [await create(), await create(), await create()]
    const ids: string[] = []
    for (let after: string | null | undefined; after !== null;) {
      const page = await h.call('kmsKey.list', { first: 2, ...(after !== undefined && { after }) })
      ids.push(...page.items.map(({ id }) => id))
      after = page.nextCursor
    }
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toEqual(expect.arrayContaining(made.map(({ id }) => id)))
  })

  test('is found by its state and by part of its name, in any case', async () => {
    const [kept, stopped] = [await create(), await create()]
    await h.call('kmsKey.disable', { id: stopped.id, reason: 'a copy of it got away' })
    const found = async (wanted: { state?: 'enabled' | 'disabled'; search?: string }) =>
      (await h.call('kmsKey.list', wanted)).items.map(({ id }) => id)
    expect(await found({ search: stopped.name.slice(1, -1).toUpperCase() })).toEqual([stopped.id])
    expect(await found({ search: kept.name, state: 'disabled' })).toEqual([])
    expect(await found({ search: '%' })).toEqual([])
    const disabled = await found({ state: 'disabled' })
    expect([disabled.includes(stopped.id), disabled.includes(kept.id)]).toEqual([true, false])
  })

  test('says since when its newest version is there', async () => {
    const made = await create()
    expect(made.versionSince).toEqual(made.createdAt)
    h.advance(90)
    const rotated = await h.call('kmsKey.rotate', { id: made.id })
    const [newest] = (await h.call('kmsKey.usage', { key: made.id })).versions
    expect(rotated.versionSince).toEqual(newest?.createdAt)
    expect(rotated.versions).toEqual([
      { version: 1, createdAt: made.createdAt },
      { version: 2, createdAt: newest?.createdAt },
    ])
    expect(rotated.versionSince.getTime()).toBeGreaterThanOrEqual(made.createdAt.getTime() + 90_000)
    expect(rotated).toEqual(await h.call('kmsKey.get', { id: made.id }))
  })

  test('has its name alone; the entry of the audit log is about the key that was made', async () => {
    const key = await create()
    expect(JSON.parse((await lastEntry()).entry)).toMatchObject({
      action: 'kmsKey.create',
      resource: { type: 'KmsKey', id: key.id },
      workspace: 'default',
    })
    expect(await h.refusal('kmsKey.create', { name: key.name })).toMatchObject({ code: 'conflict' })
  })

  test('that is not there is not found, and encrypting does not make it', async () => {
    const items = [{ plaintext: base64('s') }]
    for (const key of ['no-such-key', randomUUID()])
      expect(await h.refusal('kms.encrypt', { key, items })).toMatchObject({ code: 'not-found' })
    const { rows } = await sql`select from kms_key where name = 'no-such-key'`.execute(h.db)
    expect(rows).toEqual([])
  })
})

describe('encrypting', () => {
  test('gives out what opens again with the same context, whatever the bytes', async () => {
    const { name } = await create()
    expect(
      await decrypt({
        ciphertext: await encrypt(name, 'sécret', { app: 'shop', use: '' }),
        context: { use: '', app: 'shop' },
      }),
    ).toEqual(['sécret'])
    const bytes = randomBytes(3072)
    const sealed = await h.call('kms.encrypt', { key: name, items: [{ plaintext: base64(bytes) }, { plaintext: '' }] })
    expect(sealed.items.map(({ keyVersion }) => keyVersion)).toEqual([1, 1])
    const opened = await h.call('kms.decrypt', {
      items: sealed.items.map(({ ciphertext }) => ({ ciphertext: ciphertext ?? '' })),
    })
    expect(opened.items.map(({ plaintext }) => plaintext?.expose())).toEqual([base64(bytes), ''])
  })

  test('takes one item in the call itself, and answers it there', async () => {
    const { name, version } = await create()
    const [plaintext, context] = [base64('one'), { app: 'shop' }]
    const sealed = await h.call('kms.encrypt', { key: name, plaintext, context, location: 'shop.yaml' })
    expect([version, sealed.keyVersion, sealed.items[0]?.ciphertext]).toEqual([1, 1, sealed.ciphertext])
    const ciphertext = sealed.ciphertext ?? ''
    expect((await h.call('kms.decrypt', { ciphertext, context })).plaintext?.expose()).toBe(plaintext)
    const moved = await h.call('kms.rewrap', { ciphertext, context })
    expect([moved.keyVersion, await decrypt({ ciphertext: moved.ciphertext ?? '', context })]).toEqual([1, ['one']])
  })

  test('of one item is refused with the field that is wrong, and asks for one item or for several', async () => {
    const { name } = await create()
    const ciphertext = await encrypt(name, 's', { app: 'shop' })
    const fieldOf = async (...call: Parameters<typeof h.refusal>): Promise<unknown> => {
      const { code, details } = await h.refusal(...call)
      return [code, details.fields?.map(({ path }) => path)]
    }
    const before = (await h.record()).length
    expect(await fieldOf('kms.decrypt', { ciphertext })).toEqual(['invalid-input', ['ciphertext']])
    expect((await h.record()).slice(before)).toEqual(['kms.decrypt refused'])
    expect(await fieldOf('kms.rewrap', { ciphertext: `${ciphertext.slice(0, -8)}AAAAAAA=` })).toEqual([
      'invalid-input',
      ['ciphertext'],
    ])
    const plaintext = base64('s')
    const context = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`n${at}`, 'x'.repeat(900)]))
    expect(await fieldOf('kms.encrypt', { key: name, plaintext, context })).toEqual(['invalid-input', ['context']])
    expect(await fieldOf('kms.encrypt', { key: name })).toEqual(['invalid-input', ['plaintext']])
    expect(await fieldOf('kms.encrypt', { key: name, items: [{ plaintext }], location: 'l' })).toEqual([
      'invalid-input',
      ['location'],
    ])
    expect(await fieldOf('kms.decrypt', { items: [{ ciphertext }], ciphertext })).toEqual([
      'invalid-input',
      ['ciphertext'],
    ])
  })

  // Threat E7
  test('binds to the context, so that no other opens it', async () => {
    const { name } = await create()
    const ciphertext = await encrypt(name, 's', { ab: 'c' })
    const others: Record<string, string>[] = [{}, { a: 'bc' }, { ab: 'c', d: '' }, { ab: 'C' }]
    expect(await decrypt(...others.map((context) => ({ ciphertext, context })))).toEqual(others.map(() => 'not-ours'))
  })

  test('answers each item for itself; one of another key is refused alone', async () => {
    const [one, other] = [await create(), await create()]
    const [mine, theirs] = [await encrypt(one.name, 'mine'), await encrypt(other.name, 'theirs')]
    const changed = `${mine.slice(0, -8)}AAAAAAA=`
    const items = ['no envelope', mine, theirs, changed].map((ciphertext) => ({ ciphertext }))
    expect(await decrypt(...items)).toEqual(['malformed', 'mine', 'wrong-key', 'not-ours'])
  })

  test('of a hundred items is one line of the audit log, which has none of them', async () => {
    const { name, id } = await create()
    const canary = randomBytes(18).toString('hex')
    const before = (await h.record()).length
    const items = Array.from({ length: 100 }, (_, at) => ({
      plaintext: base64(`${canary} ${at}`),
      context: { canary },
      location: `file ${at}`,
    }))
    const sealed = await h.call('kms.encrypt', { key: name, items })
    const opened = await decrypt(
      ...sealed.items.map(({ ciphertext }) => ({ ciphertext: ciphertext ?? '', context: { canary } })),
    )
    expect(opened).toEqual(items.map((_, at) => `${canary} ${at}`))
    expect((await h.record()).slice(before)).toEqual(['kms.encrypt allowed', 'kms.decrypt allowed'])
    const { rows } = await sql<{ entry: string }>`select entry from audit_entry order by id desc limit 2`.execute(h.db)
    const [decrypted, encrypted] = rows.map(({ entry }) => JSON.parse(entry) as Record<string, unknown>)
    expect(encrypted).toMatchObject({ resource: { id }, detail: { version: 1, ciphertexts: 100, asked: 100 } })
    expect(decrypted).toMatchObject({ resource: { id }, detail: { opened: 100, asked: 100 } })
    for (const encoding of ['utf8', 'base64', 'hex'] as const)
      expect(JSON.stringify(rows)).not.toContain(Buffer.from(canary).toString(encoding))
    const census = await h.db.selectFrom('kms_wrap').select('location').where('key_id', '=', id).execute()
    expect(census.map(({ location }) => location).toSorted()).toEqual(items.map(({ location }) => location).toSorted())
  })

  test('by forty calls at once is a few transactions, with an entry and a line of the census for each', async () => {
    const { name, id } = await create()
    const before = (await h.record()).length
    const texts = Array.from({ length: 40 }, (_, at) => `secret ${at}`)
    const sealed = await Promise.all(texts.map((text) => encrypt(name, text, { text })))
    const opened = await decrypt(...sealed.map((ciphertext, at) => ({ ciphertext, context: { text: `secret ${at}` } })))
    expect(opened).toEqual(texts)
    const entries = (await h.record()).slice(before).filter((line) => line === 'kms.encrypt allowed')
    expect(entries).toHaveLength(40)
    const { rows } = await sql<{ transactions: number; ciphertexts: number; entries: number }>`
      select count(distinct w.xmin::text)::int as transactions, count(*)::int as ciphertexts,
        (select count(*)::int from audit_entry e where e.resource_id = ${id}
          and (e.entry::jsonb -> 'detail') = '{"asked": 1, "version": 1, "ciphertexts": 1}') as entries
      from kms_wrap w where w.key_id = ${id}::uuid`.execute(h.db)
    expect(rows).toEqual([{ transactions: expect.any(Number) as number, ciphertexts: 40, entries: 40 }])
    // twenty with one credential are worked on at once
    expect(rows[0]?.transactions).toBeLessThanOrEqual(10)
  })

  // Threat D6
  test('refuses one call that is no longer allowed, and none of those that came with it', async () => {
    const { name, id } = await create()
    const other = openStore(h.node.url, { size: 1, name: 'other' })
    const [held, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const moving = other.transaction().execute(async (tx) => {
      await sql`update kms_key set state_since = state_since where id = ${id}::uuid`.execute(tx)
      held.resolve()
      await release.promise
    })
    await held.promise
    const lateFrom = new Date(h.clock.now().getTime() + 1_800_000).toISOString()
    let asked = 0
    h.decideBy(({ context }) => {
      asked += 1
      const isLate = JSON.stringify(context['now']) > JSON.stringify({ __extn: { fn: 'datetime', arg: lateFrom } })
      // of the late call only what is asked again, when its key has moved
      return isLate && asked > 3
        ? { effect: 'deny', policies: ['late'], version: 'test' }
        : { effect: 'allow', policies: ['all'], version: 'test' }
    })
    try {
      // the first waits for the key; the others come together behind it
      const calls = [encrypt(name, 'first')]
      await expect.poll(() => asked).toBe(1)
      calls.push(encrypt(name, 'early'))
      h.advance(3600)
      calls.push(encrypt(name, 'late'))
      await expect.poll(() => asked).toBe(3)
      release.resolve()
      const [first, early, late] = await Promise.allSettled(calls)
      expect([first?.status, early?.status]).toEqual(['fulfilled', 'fulfilled'])
      expect(late).toMatchObject({ status: 'rejected', reason: { code: 'forbidden', details: { policies: ['late'] } } })
      const census = await h.db.selectFrom('kms_wrap').select('id').where('key_id', '=', id).execute()
      expect(census).toHaveLength(2)
    } finally {
      release.resolve()
      await moving
      await other.destroy()
      h.decideBy(() => ({ effect: 'allow', policies: ['all'], version: 'test' }))
    }
  })

  test('refuses what is no input by its field', async () => {
    const { name } = await create()
    const refusals = [
      [{ plaintext: base64(randomBytes(3073)) }, 'items.0.plaintext'],
      [
        { plaintext: '', context: Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`k${at}`, ''])) },
        'items.0.context',
      ],
      // threat E7: it would be bound to less than its caller said
      [{ plaintext: '', contxt: { app: 'shop' } }, 'items.0.contxt'],
      [
        { plaintext: '', context: JSON.parse('{"__proto__":"x"}') as Record<string, string> },
        'items.0.context.__proto__',
      ],
    ] as const
    for (const [item, path] of refusals) {
      const refused = await h.refusal('kms.encrypt', { key: name, items: [item] })
      expect(refused).toMatchObject({ code: 'invalid-input', details: { fields: [{ path }] } })
    }
    for (const ciphertext of ['', 'R0hF', base64(randomBytes(90))])
      expect(await h.refusal('kms.decrypt', { items: [{ ciphertext }] })).toMatchObject({ code: 'invalid-input' })
    for (const plaintext of ['not base64!', 'QQ'])
      expect(await h.refusal('kms.encrypt', { key: name, plaintext })).toMatchObject({
        code: 'invalid-input',
        details: { fields: [{ path: 'plaintext' }] },
      })
  })

  // HashiCorp's Vault #13111: one item of a batch kept all others from an answer
  test('of several has a result for each, also where one is no base64', async () => {
    const { name, id } = await create()
    const items = ['QQ==', 'not base64!', 'QQ', '', 'QQ==\n'].map((plaintext) => ({ plaintext }))
    const sealed = await h.call('kms.encrypt', { key: name, items })
    expect(sealed.items.map(({ problem, keyVersion }) => [problem, keyVersion])).toEqual([
      [null, 1],
      ['malformed', null],
      ['malformed', null],
      [null, 1],
      ['malformed', null],
    ])
    const { detail } = JSON.parse((await lastEntry()).entry) as { detail: object }
    expect(detail).toMatchObject({ ciphertexts: 2, asked: 5 })
    expect((await h.call('kmsKey.usage', { key: id })).ciphertexts).toBe(2)
  })
})

const rewrap = async (ciphertext: string, context: Record<string, string> = {}) =>
  (await h.call('kms.rewrap', { items: [{ ciphertext, context }] })).items[0]
const usage = async (id: string): Promise<number[][]> =>
  (await h.call('kmsKey.usage', { key: id })).versions.map(({ version, ciphertexts }) => [version, ciphertexts])
const listed = async (id: string, version?: number) =>
  (await h.call('kmsKey.ciphertexts', { id, ...(version !== undefined && { version }) })).items

describe('a data key', () => {
  test('is the same in clear and encrypted, another each time, and in the census by where it lies', async () => {
    const { name } = await create()
    const made = { key: name, context: { app: 'shop' }, location: 's3://backups' }
    const [one, other] = [await h.call('kms.generateDataKey', made), await h.call('kms.generateDataKey', made)]
    expect(Buffer.from(one.plaintext.expose(), 'base64')).toHaveLength(32)
    expect(one.plaintext.expose()).not.toBe(other.plaintext.expose())
    const { items } = await h.call('kms.decrypt', { items: [{ ciphertext: one.ciphertext, context: made.context }] })
    expect(items[0]?.plaintext?.expose()).toBe(one.plaintext.expose())
    expect((await listed(name)).map(({ location }) => location)).toEqual(['s3://backups', 's3://backups'])
    expect((await lastEntry()).entry).not.toContain(one.plaintext.expose())
  })
})

describe('leaving a version behind', () => {
  test('is a rotation, a rewrap of each in the list, and a minimum version; then the old open nothing', async () => {
    const { name } = await create()
    const [kept, lost] = [await encrypt(name, 'kept', { a: 'b' }), await encrypt(name, 'lost')]
    expect(await h.call('kmsKey.rotate', { id: name })).toMatchObject({ currentVersion: 2, minimumVersion: 1 })
    expect(await usage(name)).toEqual([
      [2, 0],
      [1, 2],
    ])
    const moved = await rewrap(kept, { a: 'b' })
    expect(moved).toMatchObject({ problem: null, keyVersion: 2 })
    expect(await rewrap(kept)).toMatchObject({ problem: 'not-ours', ciphertext: null })
    const raise = { id: name, minimumVersion: 2 }
    expect(await h.refusal('kmsKey.update', raise)).toMatchObject({
      code: 'conflict',
      details: { hint: expect.stringContaining('1 ciphertexts') as string },
    })
    const [left] = await listed(name, 1)
    const gone = { id: name, ciphertexts: [left?.id ?? ''], reason: 'the file was deleted' }
    expect(await h.call('kmsKey.forget', gone)).toMatchObject({ forgotten: 1 })
    expect(await h.call('kmsKey.forget', gone)).toMatchObject({ forgotten: 0 })
    expect(await h.call('kmsKey.update', raise)).toMatchObject({ minimumVersion: 2 })
    const items = [kept, lost, moved?.ciphertext ?? ''].map((ciphertext) => ({ ciphertext, context: { a: 'b' } }))
    expect(await decrypt(...items)).toEqual(['below-minimum', 'below-minimum', 'kept'])
  })

  test('asked for by ten at once makes one version, and each of them is told of it', async () => {
    const { name } = await create()
    const all = await Promise.all(Array.from({ length: 10 }, () => h.call('kmsKey.rotate', { id: name })))
    const { versions } = await h.call('kmsKey.usage', { key: name })
    expect(all.every(({ currentVersion }) => currentVersion >= 2)).toBe(true)
    expect(versions).toHaveLength((await h.call('kmsKey.get', { id: name })).currentVersion)
  })

  test('the list is read page by page, of one version or of all', async () => {
    const { name } = await create()
    for (const text of ['a', 'b', 'c']) await encrypt(name, text)
    const seen: string[] = []
    for (let after: string | null | undefined; after !== null;) {
      const input = { id: name, first: 2, version: 1, ...(after !== undefined && { after }) }
      const page = await h.call('kmsKey.ciphertexts', input)
      seen.push(...page.items.map(({ id }) => id))
      after = page.nextCursor
    }
    expect(new Set(seen).size).toBe(3)
    expect(await listed(name, 2)).toEqual([])
  })
})

const day = 86_400
const laterBy = (from: Date, days: number): Date => new Date(from.getTime() + days * day * 1000)
/** The worker's own look at one key. */
const rotateDue = (key: string) => h.internal('kmsKey.rotateDue', { key }, randomUUID())
const eventsOf = async (id: string): Promise<{ action: string; detail: unknown }[]> =>
  (
    await sql<{ entry: string }>`select entry from audit_entry where entry like ${`%${id}%`} order by id`.execute(h.db)
  ).rows
    .map(({ entry }) => JSON.parse(entry) as { action: string; kind: string; detail: unknown })
    .filter(({ kind }) => kind === 'event')
    .map(({ action, detail }) => ({ action, detail }))

describe('a key with a period', () => {
  const createFor = (rotationDays: number) => h.call('kmsKey.create', { name: newName(), rotationDays })

  test('tells when it is rotated next, and takes another period, or none', async () => {
    const key = await createFor(90)
    expect(key).toMatchObject({ rotationDays: 90, rotatesAt: laterBy(key.createdAt, 90) })
    expect(told).toContain(`key-rotation/${key.id}`)
    const changed = await h.call('kmsKey.update', { id: key.id, rotationDays: 30 })
    expect(changed).toMatchObject({ rotationDays: 30, rotatesAt: laterBy(key.createdAt, 30) })
    const byHand = await h.call('kmsKey.update', { id: key.id, rotationDays: 0 })
    expect(byHand).toMatchObject({ rotationDays: null, rotatesAt: null })
    expect(await create()).toMatchObject({ rotationDays: null, rotatesAt: null })
    for (const [operation, rotationDays] of [
      ['kmsKey.create', 0],
      ['kmsKey.create', 3651],
      ['kmsKey.update', -1],
      ['kmsKey.update', 1.5],
    ] as const) {
      const input = operation === 'kmsKey.create' ? { name: newName(), rotationDays } : { id: key.id, rotationDays }
      expect(await h.refusal(operation, input as never), `${operation} ${rotationDays}`).toMatchObject({
        code: 'invalid-input',
        details: { fields: [{ path: 'rotationDays' }] },
      })
    }
  })

  test('is rotated by the worker when that is over, once, and what it encrypted opens', async () => {
    const { id } = await createFor(30)
    const ciphertext = await encrypt(id, 's')
    expect(await rotateDue(id)).toEqual({ rotated: 0, closed: 0, failed: [] })
    h.advance(95 * day) // whoever was away for three periods makes one version
    const all = await Promise.all([rotateDue(id), rotateDue(id), rotateDue(id)])
    expect(all.reduce((sum, { rotated }) => sum + rotated, 0)).toBe(1)
    const rotated = await h.call('kmsKey.get', { id })
    expect(rotated.currentVersion).toBe(2)
    const madeAt = (await h.call('kmsKey.usage', { key: id })).versions[0]?.createdAt
    expect(rotated.rotatesAt).toEqual(laterBy(madeAt ?? new Date(0), 30))
    expect(await eventsOf(id)).toEqual([{ action: 'kmsKey.rotated', detail: { name: rotated.name, version: 2 } }])
    expect(await decrypt({ ciphertext })).toEqual(['s'])
    expect(await rotateDue(id)).toMatchObject({ rotated: 0 })
  })

  test('is rotated with all others that are due, by a run that names none', async () => {
    const keys = [await createFor(10), await createFor(10), await createFor(300)]
    h.advance(11 * day)
    await h.internal('kmsKey.rotateDue', {}, randomUUID())
    const versions = await Promise.all(keys.map(async ({ id }) => (await h.call('kmsKey.get', { id })).currentVersion))
    expect(versions).toEqual([2, 2, 1])
  })

  test.each(['disabled', 'decrypt-only', 'pending-deletion'] as const)(
    'is left alone while it is %s, and is due again when it is enabled',
    async (state) => {
      const { id } = await createFor(1)
      const reason = 'a test'
      if (state === 'pending-deletion') {
        await h.call('kmsKey.update', { id, deletionGuard: false })
        await h.call('kmsKey.scheduleDeletion', { id, reason, days: 7 })
      } else await h.call('kmsKey.disable', { id, reason, decryptOnly: state === 'decrypt-only' })
      h.advance(2 * day)
      expect(await rotateDue(id)).toEqual({ rotated: 0, closed: 0, failed: [] })
      expect(await h.call('kmsKey.get', { id })).toMatchObject({ state, currentVersion: 1, rotatesAt: null })
      expect(await clockOfKeys.dueInSeconds(id)).toBeNull()
      if (state === 'pending-deletion') await h.call('kmsKey.cancelDeletion', { id, reason })
      await h.call('kmsKey.enable', { id })
      expect(await rotateDue(id)).toMatchObject({ rotated: 1 })
    },
  )

  test('that somebody rotates by hand has its period anew, and a clock that is set back rotates nothing', async () => {
    const { id } = await createFor(30)
    h.advance(29 * day)
    const { rotatesAt } = await h.call('kmsKey.rotate', { id })
    expect(rotatesAt?.getTime()).toBeGreaterThan(laterBy(h.clock.now(), 29).getTime())
    h.advance(2 * day)
    expect(await rotateDue(id)).toMatchObject({ rotated: 0 })
    h.advance(-20 * day)
    expect(await rotateDue(id)).toMatchObject({ rotated: 0 })
    expect(await h.call('kmsKey.get', { id })).toMatchObject({ currentVersion: 2, rotatesAt })
    h.advance(20 * day)
  })

  test('stays due while its backend is away, and encrypts; it is rotated as soon as that is back', async () => {
    const { id } = await createFor(1)
    await encrypt(id, 's') // its version is in memory from here on
    h.advance(2 * day)
    isAway = true
    try {
      expect(await rotateDue(id)).toEqual({ rotated: 0, closed: 0, failed: [id] })
      // a key that cannot be rotated is not asked for again and again
      expect(await clockOfKeys.run((name, raw) => h.internal(name, raw, randomUUID()), id)).toBe(900)
      expect(await decrypt({ ciphertext: await encrypt(id, 's') })).toEqual(['s'])
    } finally {
      isAway = false
    }
    expect(await rotateDue(id)).toMatchObject({ rotated: 1 })
  })

  test('has a clock that waits for it, rotates it and no other, and knows no key by a forged id', async () => {
    const [one, other] = [await createFor(5), await createFor(5)]
    const run = (id: string) => clockOfKeys.run((name, raw) => h.internal(name, raw, randomUUID()), id)
    expect((await clockOfKeys.livingIds(2)).toSorted()).toEqual([one.id, other.id].toSorted())
    expect(await clockOfKeys.dueInSeconds(one.id)).toBeCloseTo(5 * day, -4)
    h.advance(5 * day + 1)
    expect(await clockOfKeys.dueInSeconds(one.id)).toBeLessThanOrEqual(0)
    expect(await run(one.id)).toBeCloseTo(5 * day, -4)
    expect((await h.call('kmsKey.get', { id: one.id })).currentVersion).toBe(2)
    expect((await h.call('kmsKey.get', { id: other.id })).currentVersion).toBe(1)
    for (const forged of ['', 'x', randomUUID(), `${one.id}' or true --`]) {
      expect(await clockOfKeys.dueInSeconds(forged)).toBeNull()
      expect(await run(forged)).toBeNull()
    }
  })
})

describe('older versions', () => {
  const closed = async (id: string): Promise<number> => (await rotateDue(id)).closed
  const leaving = async (id: string) => (await h.call('kmsKey.usage', { key: id })).leaving

  test('are closed by themselves a week after nothing needs them, and not before', async () => {
    const { id, name } = await create()
    const [moved, gone] = [await encrypt(id, 'kept'), await encrypt(id, 'gone')]
    expect(await leaving(id)).toBeNull()
    h.advance(day)
    await h.call('kmsKey.rotate', { id })
    h.advance(2 * day)
    const answer = (await rewrap(moved))?.ciphertext ?? ''
    expect(await closed(id)).toBe(0)
    const halfWay = await leaving(id)
    expect(halfWay).toMatchObject({ moved: 1, left: 1, perDay: 0.5, closesAt: null })
    expect(halfWay?.doneAt?.getTime()).toBeGreaterThan(laterBy(h.clock.now(), 1.9).getTime())
    h.advance(100 * day)
    expect(await closed(id)).toBe(0)
    const [left] = await listed(id, 1)
    await h.call('kmsKey.forget', { id, ciphertexts: [left?.id ?? ''], reason: 'the file was deleted' })
    expect(await closed(id)).toBe(0)
    const { closesAt, doneAt } = (await leaving(id)) ?? {}
    expect(closesAt?.getTime()).toBeGreaterThan(laterBy(h.clock.now(), 6.9).getTime())
    expect(doneAt).toBeNull()
    h.advance(6 * day)
    expect(await closed(id)).toBe(0)
    expect(await decrypt({ ciphertext: gone })).toEqual(['gone']) // struck out by mistake: there is a week for that
    h.advance(day + 1)
    const all = await Promise.all([closed(id), closed(id), closed(id)])
    expect(all.reduce((sum, one) => sum + one, 0)).toBe(1)
    expect(await h.call('kmsKey.get', { id })).toMatchObject({ currentVersion: 2, minimumVersion: 2 })
    expect(await leaving(id)).toBeNull()
    expect(await eventsOf(id)).toEqual([{ action: 'kmsKey.versionsClosed', detail: { name, minimumVersion: 2 } }])
    const opened = await decrypt(...[moved, gone, answer].map((ciphertext) => ({ ciphertext })))
    expect(opened).toEqual(['below-minimum', 'below-minimum', 'kept'])
  })

  test('are looked at when their last ciphertext was rewrapped or struck out, and at no other', async () => {
    const { id } = await create()
    const [first, last] = [await encrypt(id, 'first'), await encrypt(id, 'last')]
    await encrypt(id, 'gone')
    await h.call('kmsKey.rotate', { id })
    const toldOf = () => told.filter((one) => one === `key-rotation/${id}`).length
    const before = toldOf()
    await rewrap(first)
    await rewrap(last)
    expect(toldOf()).toBe(before)
    const [gone] = await listed(id, 1)
    await h.call('kmsKey.forget', { id, ciphertexts: [gone?.id ?? ''], reason: 'the file was deleted' })
    expect(toldOf()).toBe(before + 1)
    await rotateDue(id)
    await rewrap(last)
    expect(toldOf()).toBe(before + 1)
    await h.call('kmsKey.rotate', { id })
    const again = toldOf()
    for (const ciphertext of [first, last]) await rewrap(ciphertext)
    expect(toldOf()).toBe(again + 1)
  })

  test('are opened again by whoever lowers the minimum, and are waited for another week', async () => {
    const { id } = await create()
    const lost = await encrypt(id, 's')
    await h.call('kmsKey.rotate', { id })
    await rewrap(lost) // the answer got lost on the way
    await rotateDue(id)
    h.advance(8 * day)
    expect(await closed(id)).toBe(1)
    expect(await decrypt({ ciphertext: lost })).toEqual(['below-minimum'])
    await h.call('kmsKey.update', { id, minimumVersion: 1 })
    expect(await decrypt({ ciphertext: lost })).toEqual(['s'])
    expect(await closed(id)).toBe(0)
    h.advance(6 * day)
    expect(await closed(id)).toBe(0)
    h.advance(2 * day)
    expect(await closed(id)).toBe(1)
  })

  test('wait anew after a rotation in the week', async () => {
    const { id } = await create()
    await h.call('kmsKey.rotate', { id })
    await rotateDue(id)
    h.advance(6 * day)
    await encrypt(id, 's')
    await h.call('kmsKey.rotate', { id })
    h.advance(2 * day)
    expect(await closed(id)).toBe(0)
    expect(await leaving(id)).toMatchObject({ left: 1, closesAt: null })
  })

  test('that are needed after all are not waited for, nor looked at all the time', async () => {
    const { id } = await create()
    await h.call('kmsKey.rotate', { id })
    await rotateDue(id)
    expect(await leaving(id)).toMatchObject({ closesAt: expect.any(Date) as Date })
    // as one that was on its way when the key was rotated, and that the first look did not see
    await sql`insert into kms_wrap (id, key_id, version, mark, sealed_at)
      values (${randomUUID()}, ${id}, 1, decode(repeat('00', 32), 'hex'), ${h.clock.now()})`.execute(h.db)
    expect(await clockOfKeys.dueInSeconds(id)).toBe(0)
    expect(await clockOfKeys.run((name, raw) => h.internal(name, raw, randomUUID()), id)).toBe(day)
    expect(await leaving(id)).toMatchObject({ left: 1, closesAt: null })
  })

  test('of a key that is stopped stay as they are', async () => {
    const { id } = await create()
    await h.call('kmsKey.rotate', { id })
    await rotateDue(id)
    await h.call('kmsKey.disable', { id, reason: 'a test' })
    h.advance(8 * day)
    expect(await closed(id)).toBe(0)
    expect(await leaving(id)).toMatchObject({ closesAt: null })
    await h.call('kmsKey.enable', { id })
    expect(await closed(id)).toBe(1)
  })
})

describe('older versions that are still needed', () => {
  const reason = 'on laptops that were sold'
  const approve = async (person: typeof ada): Promise<void> =>
    void (await sql`update approval set state = 'approved', approver_id = ${person.id}::uuid, decided_at = now()
      where state = 'pending' and action = 'kmsKey.update'`.execute(h.db))
  const colleague = async (): Promise<typeof ada> => {
    const person = personOf(`second-${randomUUID().slice(0, 8)}`)
    await addPerson(person)
    return person
  }

  test('are closed by two people alone, who know how many are lost and why', async () => {
    const { id, name } = await create()
    const ciphertext = await encrypt(id, 's')
    await encrypt(id, 't')
    await h.call('kmsKey.rotate', { id })
    const raise = { id, minimumVersion: 2, losing: 2, reason }
    for (const losing of [0, 1])
      expect(await h.refusal('kmsKey.update', { ...raise, losing })).toMatchObject({
        code: 'conflict',
        details: { hint: expect.stringContaining('2 ciphertexts') as string },
      })
    expect(await h.refusal('kmsKey.update', { id, minimumVersion: 2, losing: 2 })).toMatchObject({
      code: 'invalid-input',
      details: { fields: [{ path: 'reason' }] },
    })
    expect(await h.refusal('kmsKey.update', { ...raise, deletionGuard: false })).toMatchObject({
      code: 'invalid-input',
    })
    expect(await h.refusal('kmsKey.update', raise)).toMatchObject({ code: 'approval-pending' })
    expect(await decrypt({ ciphertext })).toEqual(['s'])
    const { rows } = await sql<{ resource_id: string }>`
      select resource_id from approval where state = 'pending' and action = 'kmsKey.update'`.execute(h.db)
    expect(rows[0]?.resource_id).toBe(`${name}: versions before 2, with up to 2 ciphertexts; key ${id}`)
    await approve(await colleague())
    // another number, another version and another reason are another call
    expect(await h.refusal('kmsKey.update', { ...raise, losing: 3 })).toMatchObject({ code: 'approval-pending' })
    expect(await h.refusal('kmsKey.update', { ...raise, reason: 'another' })).toMatchObject({ code: 'conflict' })
    expect(await h.call('kmsKey.update', raise)).toMatchObject({ minimumVersion: 2 })
    expect(await decrypt({ ciphertext })).toEqual(['below-minimum'])
    // what was left behind is nobody's to ask about again
    await h.call('kmsKey.rotate', { id })
    expect(await h.call('kmsKey.update', { id, minimumVersion: 3 })).toMatchObject({ minimumVersion: 3 })
  })

  test('are not closed by an approval that did not know of all, nor by one that was used', async () => {
    const { id } = await create()
    await encrypt(id, 's')
    await h.call('kmsKey.rotate', { id })
    const raise = { id, minimumVersion: 2, losing: 1, reason }
    expect(await h.refusal('kmsKey.update', raise)).toMatchObject({ code: 'approval-pending' })
    await approve(await colleague())
    await sql`insert into kms_wrap (id, key_id, version, mark, sealed_at)
      values (${randomUUID()}, ${id}, 1, decode(repeat('00', 32), 'hex'), now())`.execute(h.db)
    expect(await h.refusal('kmsKey.update', raise)).toMatchObject({ code: 'conflict' })
    const [one] = await listed(id, 1)
    await h.call('kmsKey.forget', { id, ciphertexts: [one?.id ?? ''], reason })
    expect(await h.call('kmsKey.update', raise)).toMatchObject({ minimumVersion: 2 })
    await h.call('kmsKey.update', { id, minimumVersion: 1 })
    expect(await h.refusal('kmsKey.update', raise)).toMatchObject({ code: 'approval-pending' })
  })
})

describe('a version that got away', () => {
  test('is revoked after the key was rotated: it only rewraps, and the answer says how much there is', async () => {
    const { name } = await create()
    const ciphertext = await encrypt(name, 's')
    const revoke = { id: name, version: 1, reason: 'in a build log' }
    expect(await h.refusal('kmsKey.revokeVersion', revoke)).toMatchObject({
      code: 'conflict',
      details: { hint: expect.stringContaining('rotate') as string },
    })
    await h.call('kmsKey.rotate', { id: name })
    const { versions, ciphertexts } = await h.call('kmsKey.revokeVersion', revoke)
    expect(versions).toMatchObject([
      { version: 2, state: 'live', revokedAt: null },
      { version: 1, state: 'revoked', ciphertexts: 1, revokedAt: expect.any(Date) as Date },
    ])
    expect(ciphertexts).toBe(1)
    expect(await decrypt({ ciphertext })).toEqual(['version-revoked'])
    expect(await decrypt({ ciphertext: (await rewrap(ciphertext))?.ciphertext ?? '' })).toEqual(['s'])
    for (const version of [1, 7])
      expect(await h.refusal('kmsKey.revokeVersion', { ...revoke, version })).toMatchObject({ code: 'conflict' })
  })
})

describe('a key that is stopped', () => {
  test('does nothing, or decrypts only, until it is enabled again', async () => {
    const { name } = await create()
    const ciphertext = await encrypt(name, 's')
    const items = [{ plaintext: base64('s') }]
    const reason = 'a copy of it got away'
    expect(await h.call('kmsKey.disable', { id: name, reason, decryptOnly: true })).toMatchObject({
      state: 'decrypt-only',
    })
    expect(await decrypt({ ciphertext })).toEqual(['s'])
    expect(await h.refusal('kms.encrypt', { key: name, items })).toMatchObject({
      code: 'conflict',
      details: { hint: expect.stringContaining('decrypt-only') as string },
    })
    expect(await h.call('kmsKey.disable', { id: name, reason })).toMatchObject({ state: 'disabled' })
    for (const operation of ['kms.decrypt', 'kms.rewrap'] as const)
      expect(await h.refusal(operation, { items: [{ ciphertext }] })).toMatchObject({ code: 'conflict' })
    expect(await h.refusal('kmsKey.rotate', { id: name })).toMatchObject({ code: 'conflict' })
    expect(await h.refusal('kmsKey.disable', { id: name, reason })).toMatchObject({ code: 'conflict' })
    expect(await h.call('kmsKey.enable', { id: name })).toMatchObject({ state: 'enabled' })
    expect(await decrypt({ ciphertext })).toEqual(['s'])
  })

  test('keeps or loses its guard by a change, and a change of nothing is refused', async () => {
    const { name } = await create()
    expect(await h.call('kmsKey.update', { id: name, deletionGuard: false })).toMatchObject({ deletionGuard: false })
    expect(await h.call('kmsKey.update', { id: name, deletionGuard: true })).toMatchObject({ deletionGuard: true })
    expect(await h.refusal('kmsKey.update', { id: name })).toMatchObject({ code: 'invalid-input' })
    expect(await h.refusal('kmsKey.update', { id: name, minimumVersion: 2 })).toMatchObject({ code: 'conflict' })
    expect(await h.refusal('kmsKey.forget', { id: name, ciphertexts: ['short'], reason: 'x' })).toMatchObject({
      code: 'invalid-input',
      details: { fields: [{ path: 'ciphertexts.0' }] },
    })
  })
})

describe('a key that is to go', () => {
  const reason = 'replaced by another'
  const destroyDue = () => h.internal('kmsKey.destroyDue', {}, randomUUID())

  test('waits behind its guard and the count of what is lost, and its days can be called off', async () => {
    const { name } = await create()
    const ciphertext = await encrypt(name, 's')
    const schedule = (losing: number, days = 7) => ({ id: name, reason, days, losing })
    const hintOf = async (losing: number): Promise<unknown> =>
      (await h.refusal('kmsKey.scheduleDeletion', schedule(losing))).details
    expect(await hintOf(1)).toMatchObject({ hint: expect.stringContaining('guard') as string })
    await h.call('kmsKey.update', { id: name, deletionGuard: false })
    expect(await hintOf(0)).toMatchObject({ hint: expect.stringContaining('there are 1') as string })
    for (const days of [6, 31])
      expect(await h.refusal('kmsKey.scheduleDeletion', schedule(1, days))).toMatchObject({
        code: 'invalid-input',
        details: { fields: [{ path: 'days' }] },
      })
    const waiting = await h.call('kmsKey.scheduleDeletion', schedule(1))
    expect(waiting.state).toBe('pending-deletion')
    expect(waiting.deleteAt?.getTime()).toBe(waiting.stateSince.getTime() + 7 * 86_400_000)
    expect(await h.refusal('kms.decrypt', { items: [{ ciphertext }] })).toMatchObject({ code: 'conflict' })
    expect(await destroyDue()).toEqual({ destroyed: 0 })
    expect(await h.call('kmsKey.cancelDeletion', { id: name, reason })).toMatchObject({
      state: 'disabled',
      deleteAt: null,
    })
    await h.call('kmsKey.enable', { id: name })
    expect(await decrypt({ ciphertext })).toEqual(['s'])
  })

  test('no longer keeps its workspace from being archived, until that is called off', async () => {
    const kept = () => h.db.transaction().execute((tx) => countKeptKeys(tx, 'shop'))
    const before = await kept()
    const { id } = await create(newName(), 'shop')
    expect(await kept()).toBe(before + 1)
    await h.call('kmsKey.update', { id, deletionGuard: false })
    await h.call('kmsKey.scheduleDeletion', { id, reason, days: 7, losing: 0 })
    expect(await kept()).toBe(before)
    await h.call('kmsKey.cancelDeletion', { id, reason })
    expect(await kept()).toBe(before + 1)
  })

  test('is destroyed by the worker when its days are over, once, and its name is not free', async () => {
    const { id, name } = await create()
    const ciphertext = await encrypt(name, 's')
    await h.call('kmsKey.update', { id, deletionGuard: false })
    await h.call('kmsKey.scheduleDeletion', { id, reason, days: 7, losing: 1 })
    const before = (await h.record()).length
    h.advance(7 * 86_400 + 1)
    const all = await Promise.all([destroyDue(), destroyDue(), destroyDue()])
    expect(all.reduce((sum, { destroyed }) => sum + destroyed, 0)).toBe(1)
    expect((await h.record()).slice(before).filter((line) => line.startsWith('kmsKey.destroyed'))).toHaveLength(1)
    expect(await h.call('kmsKey.get', { id })).toMatchObject({ state: 'destroyed', deleteAt: null })
    const { rows } = await sql`select from kms_version_wrap where key_id = ${id}`.execute(h.db)
    expect(rows).toEqual([])
    expect(await h.refusal('kms.decrypt', { items: [{ ciphertext }] })).toMatchObject({ code: 'conflict' })
    for (const operation of ['kmsKey.cancelDeletion', 'kmsKey.disable'] as const)
      expect(await h.refusal(operation, { id, reason })).toMatchObject({ code: 'conflict' })
    expect(await h.refusal('kmsKey.create', { name })).toMatchObject({ code: 'conflict' })
  })
})

describe('the backends of a key', () => {
  const standing = async (id: string) =>
    (await h.call('kmsKey.get', { id })).backends.map(
      ({ name, state, versions, of }) => `${name} ${state} ${versions}/${of}`,
    )
  const entryOf = async (action: string) => {
    const rows = await h.db.selectFrom('audit_entry').select('entry').orderBy('id', 'desc').execute()
    return rows.map(({ entry }) => JSON.parse(entry) as Record<string, unknown>).find((one) => one['action'] === action)
  }

  test('are those that it was made with; what it says of them is what it has', async () => {
    const plain = await create()
    expect([plain.quorum, plain.backends]).toEqual([
      null,
      [{ name: 'installation', state: 'whole', versions: 1, of: 1 }],
    ])
    const key = await h.call('kmsKey.create', {
      name: newName(),
      backend: 'north',
      regions: ['west', 'installation'],
      quorum: 2,
    })
    expect([key.backend, key.quorum]).toEqual(['north', 2])
    await h.call('kmsKey.rotate', { id: key.id })
    expect(await standing(key.id)).toEqual(['north whole 2/2', 'west whole 2/2', 'installation whole 2/2'])
    const { items } = await h.call('kmsKey.list', { first: 100 })
    expect(items.find(({ id }) => id === key.id)?.backends).toHaveLength(3)
  })

  test('are named by their names, and wrong ones are refused with the field', async () => {
    const refusal = async (raw: object) =>
      (await h.refusal('kmsKey.create', { name: newName(), ...raw })).details.fields?.map(({ path }) => path)
    expect(await refusal({ backend: 'nowhere' })).toEqual(['backend'])
    expect(await refusal({ backend: 'age' })).toEqual(['backend']) // three are of this kind
    expect(await refusal({ regions: ['west', 'nowhere'] })).toEqual(['regions.1'])
    expect(await refusal({ regions: ['west', 'west'] })).toEqual(['regions.1'])
    for (const quorum of [0, 1, 3, 9]) expect(await refusal({ regions: ['west'], quorum })).toEqual(['quorum'])
    expect(await refusal({ quorum: 2 })).toEqual(['quorum'])
  })

  test('become more and fewer, and the audit log says by how many versions', async () => {
    const key = await create()
    await h.call('kmsKey.rotate', { id: key.id })
    await h.call('kmsKey.replicate', { id: key.id, region: 'west' })
    expect(await standing(key.id)).toEqual(['installation whole 2/2', 'west whole 2/2'])
    expect(await entryOf('kmsKey.replicate')).toMatchObject({
      resource: { type: 'KmsKey', id: key.id },
      input: { region: 'west' },
      detail: { added: 2, left: 0 },
    })
    await sql`delete from kms_version_wrap where key_id = ${key.id} and backend = 'west' and version = 1`.execute(h.db)
    expect(await standing(key.id)).toEqual(['installation whole 2/2', 'west incomplete 1/2'])
    await h.call('kmsKey.withdraw', { id: key.id, region: 'west', reason: 'the site was closed' })
    expect(await standing(key.id)).toEqual(['installation whole 2/2'])
    expect(await entryOf('kmsKey.withdraw')).toMatchObject({ outcome: 'allowed', detail: { removed: 1 } })
    for (const region of ['nowhere', 'west'])
      expect(await h.refusal('kmsKey.withdraw', { id: key.id, region, reason: 'again' })).toMatchObject({
        code: 'invalid-input',
      })
    expect(await h.refusal('kmsKey.replicate', { id: key.id, region: 'installation-2' })).toMatchObject({
      code: 'invalid-input',
    })
  })

  test('that the settings do not name, or name with another key, are shown to be so', async () => {
    const key = await h.call('kmsKey.create', { name: newName(), regions: ['west', 'north'] })
    await sql`update kms_version_wrap set backend = 'closed', kek_fingerprint = 'age:closed'
      where key_id = ${key.id} and backend = 'west'`.execute(h.db)
    await sql`update kms_version_wrap set kek_fingerprint = 'age:before'
      where key_id = ${key.id} and backend = 'north'`.execute(h.db)
    expect(await standing(key.id)).toEqual(['closed not-here 1/1', 'installation whole 1/1', 'north other-key 1/1'])
  })

  test('that were passed over stand in the audit log, and the call is answered', async () => {
    const key = await h.call('kmsKey.create', { name: newName(), regions: ['west'] })
    isAway = true
    try {
      const ciphertext = await encrypt(key.id, 's')
      expect(await decrypt({ ciphertext })).toEqual(['s'])
    } finally {
      isAway = false
    }
    expect(await entryOf('kmsKey.backendPassedOver')).toMatchObject({
      resource: { type: 'KmsKey', id: key.id },
      detail: { backend: 'installation', version: 1, failure: 'unreachable', answered: ['west'] },
    })
  })
})
