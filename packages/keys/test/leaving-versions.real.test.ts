// How the older versions of a key are left behind by those who use it.
import { randomUUID } from 'node:crypto'
import { personOf } from '@gatehouse/testkit/domain-system'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import {
  addPerson,
  create,
  decrypt,
  encrypt,
  h,
  inTurn,
  listed,
  rewrap,
  usage,
  withKeys,
  type Somebody,
} from './keys-in-use.ts'

withKeys()

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

describe('older versions that are still needed', () => {
  const reason = 'on laptops that were sold'
  const approve = async (person: Somebody): Promise<void> =>
    void (await sql`update approval set state = 'approved', approver_id = ${person.id}::uuid, decided_at = now()
      where state = 'pending' and action = 'kmsKey.update'`.execute(h.db))
  const colleague = async (): Promise<Somebody> => {
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

  test('that got away opens nothing from then on, also for calls that are on their way', async () => {
    const { id } = await create()
    const ciphertext = await encrypt(id, 's')
    await h.call('kmsKey.rotate', { id })
    const [revoked, opened] = await inTurn(id, [
      () => h.call('kmsKey.revokeVersion', { id, version: 1, reason: 'in a build log' }),
      () => decrypt({ ciphertext }),
    ])
    expect(revoked?.status).toBe('fulfilled')
    expect(opened).toMatchObject({ status: 'fulfilled', value: ['version-revoked'] })
  })
})
