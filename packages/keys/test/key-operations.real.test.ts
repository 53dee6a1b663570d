// The operations on keys, as handlers answer them: what is bound to what, and what the audit log has of it.
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { directory, identityDomain } from '@gatehouse/identity'
import { ageKek, createPrivateFile, keysDomain } from '@gatehouse/keys'
import { personOf, startDomain, type DomainCalls, type DomainProcess } from '@gatehouse/testkit/domain-system'
import { generateX25519Identity } from 'age-encryption'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let h: DomainProcess & DomainCalls
let home: string
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'gatehouse-keys-'))
  await createPrivateFile(join(home, 'kek.age'), `${await generateX25519Identity()}\n`)
  const started = await startDomain({ ...keysDomain.slices, Workspace: identityDomain.slices.Workspace })
  const { db, clock, random, change } = started
  const keks = [await ageKek(join(home, 'kek.age'))]
  const domain = await keysDomain.open({ db, clock, random, change, directory, keks })
  const calls = started.serve(domain.handlers())
  calls.as(personOf('ada'))
  h = { ...started, ...calls }
  await sql`insert into workspace (id, name, environment, created_at) values
    ('default', 'default', 'development', now()), ('shop', 'shop', 'development', now())`.execute(db)
})
afterAll(async () => {
  await h.close()
  await rm(home, { recursive: true, force: true })
})

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
    const { items } = await h.call('kmsKey.list', { workspace: 'shop' })
    expect(items).toContainEqual(key)
    expect((await h.call('kmsKey.list', { workspace: 'default' })).items).not.toContainEqual(key)
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

  test('refuses what is no input by its field', async () => {
    const { name } = await create()
    const refusals = [
      [{ plaintext: 'not base64!' }, 'items.0.plaintext'],
      [{ plaintext: 'QQ' }, 'items.0.plaintext'],
      [{ plaintext: base64(randomBytes(3073)) }, 'items.0.plaintext'],
      [
        { plaintext: '', context: Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`k${at}`, ''])) },
        'items.0.context',
      ],
    ] as const
    for (const [item, path] of refusals) {
      const refused = await h.refusal('kms.encrypt', { key: name, items: [item] })
      expect(refused).toMatchObject({ code: 'invalid-input', details: { fields: [{ path }] } })
    }
    for (const ciphertext of ['', 'R0hF', base64(randomBytes(90))])
      expect(await h.refusal('kms.decrypt', { items: [{ ciphertext }] })).toMatchObject({ code: 'invalid-input' })
  })
})
