// What is encrypted under a key: what it is bound to, and what the audit log and the census have of it.
import { randomBytes } from 'node:crypto'
import { openStore } from '@gatehouse/database'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { base64, create, decrypt, encrypt, h, inTurn, lastEntry, listed, withKeys } from './keys-in-use.ts'

withKeys()

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

  // what was read a moment before was still answered after whoever stopped the key had been
  test('opens nothing any more once the key is stopped, also for calls that are on their way', async () => {
    const { name, id } = await create()
    const ciphertext = await encrypt(name, 's')
    const before = (await h.record()).length
    const [stopped, opened] = await inTurn(id, [
      () => h.call('kmsKey.disable', { id, reason: 'it leaked' }),
      () => h.call('kms.decrypt', { ciphertext }),
    ])
    expect(stopped?.status).toBe('fulfilled')
    expect(opened).toMatchObject({ status: 'rejected', reason: { code: 'conflict' } })
    expect((await h.record()).slice(before)).toEqual(['kmsKey.disable allowed', 'kms.decrypt refused'])
    await h.call('kmsKey.enable', { id })
    // what only moved is no reason to refuse
    const others = await inTurn(id, [() => h.call('kmsKey.rotate', { id }), () => decrypt({ ciphertext })])
    expect(others).toMatchObject([{ status: 'fulfilled' }, { status: 'fulfilled', value: ['s'] }])
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
