// Keys themselves: made and found, stopped, and destroyed after a wait.
import { randomUUID } from 'node:crypto'
import { countKeptKeys } from '@gatehouse/keys'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { base64, create, decrypt, encrypt, h, lastEntry, newName, withKeys } from './keys-in-use.ts'

withKeys()

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
    const { versions, ...one } = key
    expect(versions).toEqual([{ version: 1, createdAt: key.createdAt }])
    const { items } = await h.call('kmsKey.list', { workspace: 'shop' })
    expect(items).toContainEqual(one)
    expect((await h.call('kmsKey.list', { workspace: 'default' })).items).not.toContainEqual(one)
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
