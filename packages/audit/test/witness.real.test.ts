import { generateKeyPairSync } from 'node:crypto'
import { systemRandom } from '@gatehouse/enforcement'
import { createOutbound, parseAllowedPlace } from '@gatehouse/kit/outbound'
import { startWitness, type TestWitness } from '@gatehouse/testkit'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readNewestCheckpoint } from '../src/checkpoint.queries.ts'
import { cosignedCheckpoint, withCosignatures } from '../src/witness/cosigned-checkpoint.ts'
import { submitOne, witnessClaimSeconds, type WitnessDeps } from '../src/witness/submit-checkpoint.ts'
import { ensureWitnesses, readWitnessLag } from '../src/witness/witness.queries.ts'
import {
  cosign,
  cosignersOf,
  parseCheckpoint,
  parseWitnessKey,
  witnessVerifier,
  type WitnessVerifier,
} from '../src/verify.ts'
import { logDocuments } from '../src/index.ts'
import { openHarness, type Harness } from './harness.ts'
import { placeEntries } from './record.ts'

let h: Harness
let witness: TestWitness
beforeAll(async () => {
  h = await openHarness()
  witness = await startWitness(h.key.publicKey)
})
afterAll(async () => {
  await witness.close()
  await h.close()
})

const outbound = createOutbound({
  allowed: ['127.0.0.0/8'].flatMap((place) => parseAllowedPlace(place) ?? []),
  ownPorts: [],
})
const verifierOf = (key: string): WitnessVerifier => {
  const verifier = parseWitnessKey(key)
  if (verifier === null) throw new TypeError('a key of ours')
  return verifier
}
const deps = (): WitnessDeps => ({
  db: h.db,
  clock: h.clock,
  random: systemRandom(h.clock),
  change: h.change,
  outbound,
  witnesses: [{ verifier: verifierOf(witness.key), url: witness.url }],
})
const state = async () => (await cosignedCheckpoint(h.db, deps().witnesses)).witnesses[0]
/** More entries, in the tree and signed. */
const grow = async (count: number): Promise<number> => {
  for (let n = 0; n < count; n += 1)
    await h.call('team.list', {}, () => Promise.resolve({ items: [], nextCursor: null }))
  return (parseCheckpoint(await placeEntries(h.admin, h.key)) ?? { size: 0 }).size
}
/** One submission, as if time had gone by. */
const submit = async (): Promise<boolean> => {
  h.clock.shiftSeconds(301)
  await ensureWitnesses(h.db, [verifierOf(witness.key).name], h.clock.now())
  return submitOne(deps())
}
const told = async (name: string): Promise<number> => (await h.entries()).filter(({ action }) => action === name).length

// Threat F5: a log that is shown to one as this and to another as that
describe('a witness', () => {
  test('is shown the newest checkpoint with a proof, and its co-signature is kept and served', async () => {
    const first = await grow(3)
    expect(await submit()).toBe(true)
    const second = await grow(5)
    expect(await submit()).toBe(true)
    expect(witness.state.size).toBe(second)
    expect(witness.requests.map((text) => text.split('\n')[0])).toEqual(['old 0', `old ${first}`])
    const { cosigned } = await cosignedCheckpoint(h.db, deps().witnesses)
    const parsed = parseCheckpoint(cosigned ?? '')
    expect(parsed?.size).toBe(second)
    expect(parsed !== null && cosignersOf(parsed, [verifierOf(witness.key)])).toMatchObject([
      { witness: 'witness.test/w1' },
    ])
    const documents = logDocuments({ db: h.db, key: h.key, witnesses: deps().witnesses })
    expect([await documents.cosigned(), await documents.checkpoint()]).toEqual([cosigned, cosigned])
  })

  test('is not asked again while there is nothing new, nor twice at once', async () => {
    const before = witness.requests.length
    expect(await submit()).toBe(true)
    expect(await submitOne(deps())).toBe(false)
    await grow(1)
    h.clock.shiftSeconds(301)
    const both = await Promise.all([submitOne(deps()), submitOne(deps())])
    expect(both.filter(Boolean)).toHaveLength(1)
    expect(witness.requests).toHaveLength(before + 1)
    expect(witnessClaimSeconds).toBeGreaterThanOrEqual(30)
  })

  test('that has seen another size of this log is shown the way from there', async () => {
    await h.admin.updateTable('audit_witness').set({ size: '2' }).execute()
    const size = await grow(2)
    await submit()
    expect(witness.requests.slice(-2).map((text) => text.split('\n')[0])).toEqual([
      'old 2',
      expect.stringMatching(/^old \d+$/) as string,
    ])
    expect(await state()).toMatchObject({ size, failingSince: null })
  })

  test.each([
    ['refuses', { status: 403, body: 'x' }],
    ['knows nothing of the log', { status: 404, body: 'x' }],
    ['is overloaded', { status: 503, body: '\u001b[31m' }],
    ['answers with a signature of somebody else', { status: 200, body: '— witness.test/w1 AAAAAAAA\n' }],
    ['says another size without saying which', { status: 409, body: '-1\n', type: 'text/x.tlog.size' }],
    ['answers with nothing', { status: 200, body: '' }],
    ['answers without an end', { status: 200, body: 'x'.repeat(100_000) }],
  ])('that %s is told of once, and stops nothing', async (_, lie) => {
    const before = await told('auditWitness.failing')
    await grow(1)
    witness.lie = lie
    await submit()
    await submit()
    const { failing, seconds } = await readWitnessLag(h.db, ['witness.test/w1'], h.clock.now())
    expect(failing).toBe(1)
    expect(seconds).toBeGreaterThan(0)
    expect((await state())?.lastError).not.toMatch(/\p{Cc}|x{9}/u)
    witness.lie = null
    await submit()
    expect(await state()).toMatchObject({ failingSince: null, lastError: null })
    expect(await told('auditWitness.failing')).toBe(before + 1)
    expect(await told('auditWitness.recovered')).toBe(await told('auditWitness.failing'))
  })

  // who signs for next year once could stay away until then and pass for somebody who has just looked
  test('that signs for a time that has not come is not believed', async () => {
    const keys = generateKeyPairSync('ed25519')
    const raw = keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
    const own = { privateKey: keys.privateKey, verifier: witnessVerifier('witness.test/ahead', raw) }
    await grow(1)
    const { note = '' } = (await readNewestCheckpoint(h.db)) ?? {}
    const body = note.slice(0, note.indexOf('\n\n') + 1)
    const seconds = Math.floor(h.clock.now().getTime() / 1000)
    const told = async (ahead: number): Promise<string | null | undefined> => {
      witness.lie = { status: 200, body: cosign(body, own, seconds + ahead) }
      h.clock.shiftSeconds(1)
      const witnesses = [{ verifier: own.verifier, url: witness.url }]
      await ensureWitnesses(h.db, [own.verifier.name], h.clock.now())
      await sql`update audit_witness set size = 1, due_at = ${h.clock.now()} where name = ${own.verifier.name}`.execute(
        h.admin,
      )
      await submitOne({ ...deps(), witnesses })
      return (await cosignedCheckpoint(h.db, witnesses)).witnesses[0]?.lastError
    }
    expect(await told(86_400)).toMatch('for a time that has not come')
    expect(await told(-86_400)).toBeNull()
    witness.lie = null
    await submit()
    await h.admin.deleteFrom('audit_cosignature').where('witness', '=', own.verifier.name).execute()
  })

  test('finds an old backup that was restored, and another history: each is told as what it is', async () => {
    const seen = witness.state
    const { note: kept = '' } = (await readNewestCheckpoint(h.db)) ?? {}
    const size = await grow(1)
    witness.state = { ...seen, size: size + 1000 }
    await submit()
    expect((await state())?.lastError).toBe(`it has seen a log of ${size + 1000} entries, and this one has ${size}`)
    witness.state = { ...seen, root: Buffer.alloc(32, 7).toString('base64') }
    await submit()
    expect((await state())?.lastError).toBe('it says that the log does not go on from what it saw before')
    expect(await told('auditWitness.refuted')).toBe(2)
    witness.state = seen
    await submit()
    expect(await state()).toMatchObject({ size, failingSince: null })
    expect(await withCosignatures(h.db, deps().witnesses, kept)).toContain('witness.test/w1')
  })

  test('whose co-signature somebody put into the database did not sign: it is not served', async () => {
    const { size = 0, note = '' } = (await readNewestCheckpoint(h.db)) ?? {}
    const line = `— witness.test/w1 ${Buffer.alloc(76, 1).toString('base64')}\n`
    await h.admin.updateTable('audit_cosignature').set({ line }).where('size', '=', String(size)).execute()
    expect(await withCosignatures(h.db, deps().witnesses, note)).toBe(note)
  })

  test('that is at no public address is contacted only where the settings allow it', async () => {
    const size = await grow(1)
    h.clock.shiftSeconds(301)
    await submitOne({ ...deps(), outbound: createOutbound({ allowed: [], ownPorts: [] }) })
    expect(witness.state.size).toBeLessThan(size)
    expect((await state())?.lastError).not.toBeNull()
  })
})
