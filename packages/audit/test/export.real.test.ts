import { randomUUID } from 'node:crypto'
import type { Output } from '@gatehouse/contract'
import { systemRandom } from '@gatehouse/enforcement'
import { volume } from '@gatehouse/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeEntry } from '../src/entry.ts'
import { insertEntries } from '../src/entry.queries.ts'
import { exportSeconds } from '../src/export/export-handlers.ts'
import { exportFormats, type ExportFormatName } from '../src/export/formats.ts'
import { startSequencer, type Sequencer } from '../src/index.ts'
import { parseVerifier, readManifest, rootOfLines, verifyExport } from '../src/verify.ts'
import { handlersOn } from './asking.ts'
import { allow, deny, openHarness, person, type Harness } from './harness.ts'
import { parseCsv } from './independent-readers.ts'
import { draftOf } from './record.ts'

type Part = Output<'audit.exportStream'>

let h: Harness
let sequencer: Sequencer
const admin = person({ username: 'ada', roles: ['Admin'] })
const entries = volume({ full: 900, sample: 480 })
beforeAll(async () => {
  h = await openHarness()
  h.as(admin)
  await h.admin.insertInto('workspace').values({ id: 'default', name: 'default', archived_at: null }).execute()
  const random = systemRandom(h.clock)
  const made = Array.from({ length: entries }, (_, index) =>
    makeEntry({
      draft: draftOf(person({ username: `dev-${index % 7}` }), {
        action: index % 3 === 0 ? 'lease.revoke' : 'team.create',
        workspace: 'default',
        input: { name: index === 5 ? 'a\r\n=cmd\u2028"' : 'sre' },
      }),
      at: h.clock.now(),
      intent: null,
      random,
    }),
  )
  for (let at = 0; at < entries; at += 100)
    await insertEntries(h.db, h.subjectKeys, { entries: made.slice(at, at + 100) })
  sequencer = startSequencer({
    url: h.database.url,
    db: h.db,
    key: h.key,
    subjectKeys: h.subjectKeys,
    clock: h.clock,
    random,
    onError: () => undefined,
  })
})
afterAll(async () => {
  await sequencer.close()
  await h.close()
})

const handlers = () => handlersOn(h)
const begin = async (raw: unknown): Promise<Output<'audit.export'>> =>
  (await h.call('audit.export', raw, handlers()['audit.export'])) as Output<'audit.export'> // of this very handler
const read = (id: string, after?: string): Promise<AsyncIterable<Part>> =>
  h.subscribe('audit.exportStream', { id, ...(after === undefined ? {} : { after }) }, handlers()['audit.exportStream'])

/** All parts; with `breaking`, each is read by a stream of its own that goes on after the last one. */
async function partsOf(id: string, breaking = false): Promise<Part[]> {
  const parts: Part[] = []
  for (;;) {
    for await (const part of await read(id, parts.at(-1)?.cursor)) {
      parts.push(part)
      if (part.manifest !== null) return parts
      if (breaking) break
    }
  }
}
const insertOne = async () => {
  const entry = makeEntry({
    draft: draftOf(person(), { action: 'team.update', workspace: 'default' }),
    at: h.clock.now(),
    intent: null,
    random: systemRandom(h.clock),
  })
  await insertEntries(h.db, h.subjectKeys, { entries: [entry] })
  return entry
}
const textOf = (parts: readonly Part[]): string => parts.map(({ text }) => text).join('')
const verifier = () => {
  const key = parseVerifier(h.key.publicKey)
  if (key === null) throw new TypeError('a key of ours')
  return key
}
// eslint-disable-next-line @typescript-eslint/require-await -- a stream of one text
async function* streamOf(text: string): AsyncGenerator<string> {
  yield text
}
const filters = { action: 'team.create' }
const wanted = entries - entries / 3

describe.each(Object.keys(exportFormats) as ExportFormatName[])('an export as %s', (format) => {
  test('holds each entry once, is the same when every part is fetched anew, and is signed', async () => {
    const { id } = await begin({ format, ...filters })
    const parts = await partsOf(id)
    const text = textOf(parts)
    expect(parts.at(-1)).toMatchObject({ rows: wanted, percent: 100, bytes: Buffer.byteLength(text, 'utf8') })
    expect(textOf(await partsOf(id, true))).toBe(text)
    const manifest = readManifest(parts.at(-1)?.manifest ?? '', verifier())
    const whole = await rootOfLines(streamOf(text))
    expect(manifest).toMatchObject({ id, format, rows: wanted, ...whole })
    for (const changed of [text.replace('sre', 'srf'), text.slice(0, -1), `${text}\n`, text.replace(/.*\n/, '')])
      expect(await rootOfLines(streamOf(changed))).not.toEqual(whole)
  })
})

describe('an export with proofs', () => {
  const verdictOf = async (raw: unknown, remembered: string | null = null) => {
    const parts = await partsOf((await begin(raw)).id, true)
    const check = { manifest: parts.at(-1)?.manifest ?? '', verifier: verifier(), remembered }
    return verifyExport(streamOf(textOf(parts)), check)
  }

  test.each(['json', 'jsonl'])('as %s verifies by the public key alone, and against a checkpoint', async (format) => {
    const early = (await begin({ format })).checkpoint
    expect(await verdictOf({ format }, early)).toMatchObject({
      ok: true,
      problems: [],
      manifest: { claims: { scope: 'all' } },
    })
    const some = await verdictOf({ format, ...filters })
    expect(some).toMatchObject({ ok: true, placed: wanted, hashed: wanted, manifest: { claims: { scope: 'some' } } })
  })

  test('without the values of people verifies all the same', async () => {
    expect(await verdictOf({ format: 'jsonl', redact: true, ...filters })).toMatchObject({ ok: true, hashed: wanted })
  })

  test('shows that the log goes on from the size that was asked for, and refuses one that is yet to come', async () => {
    const { checkpoint, size } = await begin({ format: 'csv' })
    await insertOne()
    const old = await verdictOf({ format: 'csv', action: 'audit.get', since: size }, checkpoint)
    expect(old).toMatchObject({ ok: true, problems: [] })
    expect((await verdictOf({ format: 'csv', action: 'audit.get' }, checkpoint)).problems).toMatchObject([
      { kind: 'not-proved' },
    ])
    await expect(begin({ format: 'csv', since: 10_000_000 })).rejects.toMatchObject({ code: 'conflict' })
    await expect(begin({ format: 'csv', proofs: true })).rejects.toMatchObject({ code: 'invalid-input' })
  })
})

describe('an export', () => {
  test('holds what was written before it was asked for, and nothing that came later', async () => {
    const before = await begin({ format: 'jsonl' })
    const last = await insertOne()
    const after = await begin({ format: 'jsonl' })
    expect(textOf(await partsOf(before.id))).not.toContain(last.id)
    expect(textOf(await partsOf(after.id))).toContain(last.id)
    const text = textOf(await partsOf(after.id))
    expect(new Set(text.split('\n')).size).toBe(text.split('\n').length)
  })

  test('without personal values has no name, address or agent of anybody', async () => {
    const { id } = await begin({ format: 'jsonl', redact: true, ...filters })
    const text = textOf(await partsOf(id))
    expect(text).not.toMatch(/dev-\d|192\.0\.2\.7|vitest/)
    const clear = textOf(await partsOf((await begin({ format: 'jsonl', ...filters })).id))
    expect(clear).toMatch(/dev-\d/)
  })

  test('reads the same in a table as in JSON', async () => {
    const [table, json] = await Promise.all(
      ['csv', 'json'].map(async (format) => textOf(await partsOf((await begin({ format, ...filters })).id))),
    )
    const [head = [], ...rows] = parseCsv(table ?? '')
    const ids = (JSON.parse(json ?? '') as { id: string; input: unknown }[]).map(({ id }) => id)
    expect(rows.map((row) => row[head.indexOf('id')])).toEqual(ids)
  })

  test('is nobody else’s, not of another log-in, and not for ever', async () => {
    const { id } = await begin({ format: 'jsonl' })
    const open = async () => {
      for await (const part of await read(id)) return part
      return null
    }
    expect(await open()).not.toBeNull()
    h.as(person({ username: 'eve', roles: ['Admin'] }))
    await expect(open()).rejects.toMatchObject({ code: 'not-found' })
    h.as({ ...admin, session: { ...admin.session, id: randomUUID() } })
    await expect(open()).rejects.toMatchObject({ code: 'not-found' })
    h.as(admin)
    await h.admin
      .updateTable('audit_export')
      .set({ expires_at: new Date(h.clock.now().getTime() - 1) })
      .where('id', '=', id)
      .execute()
    await expect(open()).rejects.toMatchObject({ code: 'not-found' })
    expect(exportSeconds).toBeLessThanOrEqual(24 * 3600)
  })

  test('goes on after no cursor but its own: what is signed of the lines before cannot be made up', async () => {
    const [one, other] = [await begin({ format: 'jsonl' }), await begin({ format: 'jsonl' })]
    const [part] = await partsOf(one.id)
    const cursor = part?.cursor ?? ''
    const changed = `${cursor.slice(0, -4)}${cursor.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`
    const first = async (id: string, after: string) => {
      for await (const next of await read(id, after)) return next
      return null
    }
    for (const [id, after] of [
      [other.id, cursor],
      [one.id, changed],
      [one.id, 'AAAA'],
    ] as const)
      await expect(first(id, after)).rejects.toMatchObject({ code: 'invalid-input' })
  })

  test('needs a proof of these minutes, and is in the audit log when asked for, read and finished', async () => {
    h.as({ ...admin, session: { ...admin.session, provedAt: new Date(h.clock.now().getTime() - 3_600_000) } })
    await expect(begin({ format: 'jsonl' })).rejects.toMatchObject({
      code: expect.stringMatching(/^(mfa|step-up)-required$/) as string,
    })
    h.as(admin)
    const { id } = await begin({ format: 'cef', ...filters })
    await partsOf(id)
    await partsOf(id)
    const told = (await h.entries()).filter((entry) => JSON.stringify(entry).includes(id))
    expect(told.map(({ action, outcome }) => `${String(action)} ${String(outcome)}`).toSorted()).toEqual([
      'audit.export allowed',
      'audit.exportStream allowed',
      'audit.exportStream allowed',
      'audit.exportStream allowed',
      'audit.exportStream allowed',
      'audit.exported allowed',
    ])
    expect(told.find(({ action }) => action === 'audit.exported')?.['detail']).toMatchObject({ rows: wanted })
  })
})

test('an export of who may not identify people holds pseudonyms and no proofs, and its manifest says so', async () => {
  const text = async () => {
    const { id } = await begin({ format: 'jsonl', ...filters })
    const parts = await partsOf(id)
    return { text: textOf(parts), manifest: readManifest(parts.at(-1)?.manifest ?? '', verifier()) }
  }
  const clear = await text()
  expect(clear.manifest?.claims?.values).toBe('clear')
  const [line = '{}'] = clear.text.split('\n')
  const { principal } = JSON.parse(line) as { principal: { id: string; name: string } }
  h.as(person({ username: 'somebody-else' }))
  h.decideBy(({ action }) => (action === 'audit.identify' ? deny : allow))
  const hidden = await text()
  h.decideBy(() => allow)
  expect(hidden.manifest?.claims).toMatchObject({ values: 'pseudonyms', proofs: false })
  expect(hidden.text.split('\n').length).toBe(clear.text.split('\n').length)
  expect(clear.text).toContain(principal.id)
  for (const told of [principal.id, principal.name, '"proof"', '"entry"', '"salts"'])
    expect(hidden.text, told).not.toContain(told)
  expect(hidden.text).toMatch(/"person-[0-9a-f]{16}"/)
})
