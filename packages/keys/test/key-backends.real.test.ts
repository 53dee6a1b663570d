// The backends of a key, as its operations show and change them.
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { create, decrypt, encrypt, h, newName, whileAway, withKeys } from './keys-in-use.ts'

withKeys()

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
    await whileAway(async () => {
      const ciphertext = await encrypt(key.id, 's')
      expect(await decrypt({ ciphertext })).toEqual(['s'])
    })
    expect(await entryOf('kmsKey.backendPassedOver')).toMatchObject({
      resource: { type: 'KmsKey', id: key.id },
      detail: { backend: 'installation', version: 1, failure: 'unreachable', answered: ['west'] },
    })
  })
})
