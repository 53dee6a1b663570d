import { generateKeyPairSync } from 'node:crypto'
import { timeoutOf, volume } from '@gatehouse/testkit'
import { beforeAll, describe, expect, test } from 'vitest'
import { newCheckpointKey } from '../../test/harness.ts'
import { makeExport, makeLog, signExport, type MadeLog } from '../../test/made-export.ts'
import { lineBytesMax } from './lines.ts'
import {
  cosign,
  formatWitnessKey,
  parseCheckpoint,
  parseVerifier,
  parseWitnessKey,
  verifyExport,
  witnessVerifier,
  type ExportClaims,
  type WitnessVerifier,
} from '../verify.ts'

const size = 37
let log: MadeLog
let whole: ReturnType<typeof makeExport>
beforeAll(() => {
  log = makeLog(size)
  whole = makeExport(log)
})

// eslint-disable-next-line @typescript-eslint/require-await -- a stream of what is there
async function* streamOf(...parts: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  yield* parts
}
const check = (text: string | Uint8Array, manifest = whole.manifest, remembered: string | null = null) =>
  verifyExport(streamOf(text), { manifest, verifier: log.key.verifier, remembered })
const textAndManifest = ({ text, manifest }: ReturnType<typeof makeExport>): [string, string] => [text, manifest]
const kindsOf = async (...given: Parameters<typeof check>) => {
  const { ok, problems } = await check(...given)
  expect(ok).toBe(problems.length === 0)
  return [...new Set(problems.map(({ kind }) => kind))].toSorted()
}

describe('an export as it was made', () => {
  test.each(['json', 'jsonl'] as const)('as %s proves every entry, and that none is left out', async (format) => {
    const { text, manifest } = makeExport(log, { format })
    const verdict = await check(text, manifest)
    expect(verdict).toMatchObject({ ok: true, placed: size, hashed: size, problems: [] })
    expect(verdict.proved).toContain('no entry of that log is left out')
  })

  test('is the same in whatever pieces it is read', async () => {
    const bytes = Buffer.from(whole.text)
    const pieces = Array.from({ length: Math.ceil(bytes.length / 777) }, (_, n) =>
      bytes.subarray(n * 777, (n + 1) * 777),
    )
    const verdict = await verifyExport(streamOf(...pieces), {
      manifest: whole.manifest,
      verifier: log.key.verifier,
      remembered: null,
    })
    expect(verdict).toMatchObject({ ok: true, hashed: size })
  })

  test('verifies when its people were anonymised, and says that their values are not proved', async () => {
    const { text, manifest } = makeExport(log, { erased: true })
    expect(text).not.toMatch(/lovelace|192\.0\.2\.7|@example/)
    const verdict = await check(text, manifest)
    expect(verdict).toMatchObject({ ok: true, hashed: size })
    expect(verdict.notProved.join()).toContain('what was said of people')
  })

  test('with filters says that what was left out is not proved', async () => {
    const { text, manifest } = makeExport(log, { wanted: (n) => n % 5 === 2, claims: { filters: '{"action":"x"}' } })
    const verdict = await check(text, manifest)
    expect(verdict).toMatchObject({ ok: true, placed: 7, hashed: 7 })
    expect(verdict.proved.join()).not.toContain('left out')
    expect(verdict.notProved.join()).toMatch(/no entry is left out.*outside of the filters \{"action":"x"\}/)
  })

  test('of nobody and of an empty log is well', async () => {
    for (const format of ['json', 'jsonl'] as const) {
      const { text, manifest } = makeExport(log, { format, wanted: () => false })
      expect(await check(text, manifest)).toMatchObject({ ok: true, placed: 0 })
    }
  })
})

describe('an older checkpoint that was kept elsewhere', () => {
  test('is found to be the beginning of a whole export, at any size', async () => {
    for (const at of [1, 2, 16, 31, 36, 37]) expect(await kindsOf(whole.text, whole.manifest, log.note(at))).toEqual([])
  })

  test('is not proved by an export of a few entries, unless it was made since that size', async () => {
    const wanted = (n: number) => n === 30
    const plain = makeExport(log, { wanted })
    expect(await kindsOf(plain.text, plain.manifest, log.note(9))).toEqual(['not-proved'])
    const since = makeExport(log, { wanted, since: 9 })
    expect(await kindsOf(since.text, since.manifest, log.note(9))).toEqual([])
  })

  test('tells another history, a shorter one, and one that nobody signed', async () => {
    const other = makeLog(size, log.key)
    for (const at of [3, 32, size]) {
      expect(await kindsOf(whole.text, whole.manifest, other.note(at))).toEqual(['root-mismatch'])
    }
    const since = makeExport(log, { wanted: (n) => n === 30, since: 9 })
    expect(await kindsOf(since.text, since.manifest, other.note(9))).toEqual(['root-mismatch'])
    expect(await kindsOf(whole.text, whole.manifest, log.key.sign({ size: 99, root: Buffer.alloc(32) }))).toEqual([
      'shrunk',
    ])
    const stranger = newCheckpointKey()
    for (const note of [stranger.sign({ size: 1, root: Buffer.alloc(32) }), 'x', '', `\ufeff${log.note(3)}`])
      expect(await kindsOf(whole.text, whole.manifest, note)).toEqual(['checkpoint-invalid'])
  })
})

describe('witnesses', () => {
  const makeWitness = (name: string) => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(12)
    return { privateKey, verifier: witnessVerifier(name, raw), raw }
  }
  const [one, two, third] = [makeWitness('a.test/w'), makeWitness('b.test/w'), makeWitness('c.test/w')]
  const bodyOf = (note: string): string => note.slice(0, note.indexOf('\n\n') + 1)
  const cosigned = (note: string, signers: readonly (typeof one)[]): string =>
    note + signers.map((signer) => cosign(bodyOf(note), signer, 1_800_000_000)).join('')
  const verdictOf = (note: string, verifiers: readonly WitnessVerifier[], required: number) => {
    const made = makeExport(log, { claims: { note } })
    const check = { manifest: made.manifest, verifier: log.key.verifier, remembered: null }
    return verifyExport(streamOf(made.text), { ...check, witnesses: { verifiers, required } })
  }

  test('so many as are asked for have to have seen the checkpoint', async () => {
    const note = cosigned(log.note(size), [one, two])
    const verifiers = [one.verifier, two.verifier, third.verifier]
    const well = await verdictOf(note, verifiers, 2)
    expect(well.problems).toEqual([])
    expect(well.proved.join()).toContain('a.test/w at 2027-01-15T08:00:00.000Z, b.test/w at')
    expect((await verdictOf(note, verifiers, 3)).problems).toMatchObject([{ kind: 'not-witnessed' }])
  })

  test('of an older checkpoint that the export goes on from count as well', async () => {
    const note = cosigned(log.note(31), [one])
    const check = { manifest: whole.manifest, verifier: log.key.verifier, remembered: note }
    const witnesses = { verifiers: [one.verifier], required: 1 }
    expect((await verifyExport(streamOf(whole.text), { ...check, witnesses })).problems).toEqual([])
  })

  test('count once each, by their keys, and not for another checkpoint or under another name', async () => {
    const again = { ...one, verifier: witnessVerifier('d.test/w', one.raw) }
    const note = log.note(size)
    for (const forged of [
      cosigned(note, [one, one]),
      note + cosign(bodyOf(log.note(3)), two, 1),
      note + cosign(bodyOf(note), { ...two, privateKey: third.privateKey }, 1),
      note + cosign(bodyOf(note), two, 1).replace('b.test/w', 'e.test/w'),
    ])
      expect((await verdictOf(forged, [one.verifier, two.verifier], 2)).problems).toMatchObject([
        { kind: 'not-witnessed' },
      ])
    const twice = await verdictOf(cosigned(note, [one, again]), [one.verifier, again.verifier], 2)
    expect(twice.problems).toMatchObject([{ kind: 'not-witnessed' }])
  })

  test('have keys of a type of their own: that of a log is none', () => {
    expect(parseWitnessKey(formatWitnessKey(one.verifier))?.name).toBe('a.test/w')
    expect(parseWitnessKey(log.key.publicKey)).toBeNull()
    expect(parseVerifier(formatWitnessKey(one.verifier))).toBeNull()
  })

  // The example of the C2SP page
  test('the published co-signature is read as one', () => {
    const note =
      'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n' +
      '— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9' +
      'nTo+zyWE+xeMcTOAYQ8=\n— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZC' +
      'B9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n'
    const signature = parseCheckpoint(note)?.signatures[1]?.signature
    expect(signature?.length).toBe(72)
    expect(Buffer.from(signature ?? []).readBigUInt64BE(0)).toBe(1_679_315_147n)
  })
})

// Threat F5: whoever owns the server's database signs whatever it gives out; what it gave out before is out of reach.
describe('an export that was made from a log that somebody changed', () => {
  type Row = Record<string, unknown>
  const madeWith = (change: (rows: Row[]) => readonly (Row | undefined)[], claims: Partial<ExportClaims> = {}) => {
    const rows = change(whole.rows.map((row) => JSON.parse(row) as Row))
    const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('')
    return { text, manifest: signExport(log, text, { format: 'jsonl', rows: rows.length, claims }) }
  }

  test.each([
    ['a field', 'field-altered', (row: Row) => ({ ...row, outcome: 'refused' })],
    ['the detail', 'field-altered', (row: Row) => ({ ...row, detail: { n: 99 } })],
    ['a name', 'personal-altered', (row: Row) => ({ ...row, ip: '203.0.113.9' })],
    ['a place', 'row-malformed', (row: Row) => ({ ...row, seq: 3 })],
    ['the text', 'entry-altered', (row: Row) => ({ ...row, entry: `${String(row['entry'])} ` })],
    ['no proof', 'row-malformed', (row: Row) => ({ ...row, proof: undefined })],
  ])('in %s is found, and where', async (_, kind, change) => {
    const { text, manifest } = madeWith((rows) => rows.map((row, n) => (n === 7 ? change(row) : row)))
    const { problems } = await check(text, manifest)
    expect(problems[0]).toMatchObject({ kind, line: 8 })
  })

  test('an entry rewritten together with its leaf leads to no signed checkpoint', async () => {
    const other = makeLog(size, log.key)
    const [entry, leaf] = [other.entries[9], other.leaves[9]]
    if (entry === undefined || leaf === undefined) throw new TypeError('there are ten')
    const forged = makeExport({ ...log, entries: log.entries.with(9, entry) })
    expect(await kindsOf(forged.text, forged.manifest)).toEqual(['entry-altered', 'order'])
    const rehashed = { ...log, entries: log.entries.with(9, entry), leaves: log.leaves.with(9, leaf) }
    const note = { note: log.note(size) }
    expect(await kindsOf(...textAndManifest(makeExport(rehashed, { claims: note })))).toEqual([
      'checkpoint-invalid',
      'order',
    ])
    const proved = makeExport(rehashed)
    const claimed = signExport(log, proved.text, { format: 'jsonl', rows: size, claims: {} })
    expect(await kindsOf(proved.text, claimed)).toContain('not-included')
  })

  test('rows left out, twice, or in another order are found', async () => {
    const drop = madeWith((rows) => rows.toSpliced(36, 1), { scope: 'all' })
    expect(await kindsOf(drop.text, drop.manifest)).toEqual(['entry-missing'])
    const twice = madeWith((rows) => [...rows, rows[36]])
    expect(await kindsOf(twice.text, twice.manifest)).toContain('order')
    const swapped = madeWith((rows) => [...rows.slice(0, 35), rows[36], rows[35]])
    expect(await kindsOf(swapped.text, swapped.manifest)).toContain('order')
  })

  test('a row outside of the filters is found', async () => {
    const { text, manifest } = makeExport(log, { claims: { filters: '{"outcome":"refused"}' } })
    expect(await kindsOf(text, manifest)).toEqual(['outside-filter'])
  })

  test('under the key of somebody else is not signed, nor by a key that only has the same id', async () => {
    const stranger = makeLog(3)
    const forged = makeExport(stranger)
    expect(await kindsOf(forged.text, forged.manifest)).toEqual(['manifest-not-signed'])
    // the key id is four bytes: whoever finds a key with the same one has still not signed
    const ours = whole.manifest.slice(whole.manifest.lastIndexOf('— '))
    const [, name = '', encoded = ''] = ours.trimEnd().split(' ')
    const theirs = Buffer.from(forged.manifest.trimEnd().split(' ').at(-1) ?? '', 'base64').subarray(4)
    const line = Buffer.concat([Buffer.from(encoded, 'base64').subarray(0, 4), theirs]).toString('base64')
    expect(await kindsOf(whole.text, whole.manifest.replace(ours, `— ${name} ${line}\n`))).toEqual([
      'manifest-not-signed',
    ])
  })

  test('and that leads to the checkpoint of another log is found', async () => {
    const other = makeLog(size)
    const { text, manifest } = makeExport(log, { claims: { note: other.note(size) } })
    expect(await kindsOf(text, manifest)).toEqual(['checkpoint-invalid'])
  })
})

describe('a file that somebody changed', () => {
  test('by line breaks of another system, a mark at its beginning, or a cut in the middle is found', async () => {
    const bytes = Buffer.from(whole.text)
    for (const changed of [
      whole.text.replaceAll('\n', '\r\n'),
      `\ufeff${whole.text}`,
      whole.text.slice(0, -1),
      `${whole.text}\n`,
      whole.text.slice(0, whole.text.length / 2),
      bytes.subarray(0, bytes.length / 2),
      '',
    ])
      expect(await kindsOf(changed)).toContain('text-altered')
    const manifest = whole.manifest.replaceAll('\n', '\r\n')
    expect(await kindsOf(whole.text, manifest)).toEqual(['manifest-not-signed'])
  })

  test('by bytes that read as the same text is found: what is compared is bytes', async () => {
    const replaced = (bytes: readonly number[]) =>
      Buffer.concat([Buffer.from('a,'), Buffer.from(bytes), Buffer.from('\n')])
    const text = replaced([0xef, 0xbf, 0xbd])
    const other = replaced([0xff])
    expect(other.toString('utf8')).toBe(text.toString('utf8'))
    const manifest = signExport(log, text.toString('utf8'), { format: 'csv', rows: 1, claims: { proofs: false } })
    expect(await kindsOf(text, manifest)).toEqual([])
    expect(await kindsOf(other, manifest)).toEqual(['text-altered'])
  })

  test('by a row that nests without end is refused like any other that is none', async () => {
    const nested = `{"detail":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    const row = JSON.parse(whole.rows[0] ?? '') as Record<string, unknown>
    for (const text of [`${nested}\n`, `${JSON.stringify({ ...row, entry: nested })}\n`])
      expect((await kindsOf(text)).length).toBeGreaterThan(1)
  })

  test('by a line without an end takes no memory, and is refused', async () => {
    const piece = Buffer.alloc(1024 * 1024, 'x')
    let given = 0
    const endless = (async function* () {
      for (; given < 10_000; given += 1) {
        await Promise.resolve()
        yield piece
      }
    })()
    const verdict = await verifyExport(endless, {
      manifest: whole.manifest,
      verifier: log.key.verifier,
      remembered: null,
    })
    expect(verdict.problems.map(({ kind }) => kind)).toContain('row-malformed')
    expect(given).toBeLessThan(2 + lineBytesMax / piece.length)
  })
})

describe('random edits of a file', () => {
  /** Old exports of a log that was set back: each is signed, and goes on from no checkpoint that was kept since. */
  const oldBackup = (n: number): { text: string; manifest: string } => {
    const at = n % 30
    const cut = { ...log, entries: log.entries.slice(0, at), leaves: log.leaves.slice(0, at) }
    return makeExport(cut)
  }
  const lines = (): string[] => whole.text.split('\n').slice(0, -1)
  const joined = (rows: readonly string[]): string => rows.map((row) => `${row}\n`).join('')
  const flipped = (text: string, n: number): Buffer => {
    const bytes = Buffer.from(text)
    const place = n % bytes.length
    bytes[place] = (bytes[place] ?? 0) ^ (1 << (n % 8))
    return bytes
  }
  const edits: readonly ((n: number) => { text: string | Uint8Array; manifest?: string })[] = [
    (n) => ({ text: flipped(whole.text, n) }),
    (n) => ({ text: whole.text, manifest: flipped(whole.manifest, n).toString('latin1') }),
    (n) => ({ text: joined(lines().toSpliced(n % size, 1)) }),
    (n) => ({ text: joined(lines().toSpliced(n % size, 0, lines()[(n * 7) % size] ?? '')) }),
    (n) => ({ text: joined(lines().with(n % size, lines()[((n % size) + 1 + (n % 36)) % size] ?? '')) }),
    (n) => ({ text: whole.text.slice(0, n % whole.text.length) }),
    (n) => ({ text: whole.text.slice(1 + (n % (whole.text.length - 1))) }),
    oldBackup,
  ]

  // Threat F5, acceptance 5: bits, deletions, doubles, exchanges, cuts, old backups
  const times = volume({ full: 10_000, sample: 240 })
  test('are found, all of them', { timeout: timeoutOf(30_000) }, async () => {
    const missed: number[] = []
    for (let n = 0; n < times; n += 1) {
      const spread = Math.floor(n / edits.length) * 7919 + n // primes reach all of the file
      const { text, manifest = whole.manifest } = edits[n % edits.length]?.(spread) ?? { text: whole.text }
      if ((await check(text, manifest, log.note(30))).ok) missed.push(n)
    }
    expect(missed).toEqual([])
    expect((await check(whole.text, whole.manifest, log.note(30))).ok).toBe(true)
  })
})
