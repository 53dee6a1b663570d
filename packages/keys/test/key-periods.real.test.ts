// Keys that are rotated by the clock, and versions that are closed by it.
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import {
  clockOfKeys,
  create,
  day,
  decrypt,
  encrypt,
  eventsOf,
  h,
  laterBy,
  listed,
  newName,
  rewrap,
  rotateDue,
  told,
  whileAway,
  withKeys,
} from './keys-in-use.ts'

withKeys()

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
    await whileAway(async () => {
      expect(await rotateDue(id)).toEqual({ rotated: 0, closed: 0, failed: [id] })
      // a key that cannot be rotated is not asked for again and again
      expect(await clockOfKeys.run((name, raw) => h.internal(name, raw, randomUUID()), id)).toBe(900)
      expect(await decrypt({ ciphertext: await encrypt(id, 's') })).toEqual(['s'])
    })
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
