import { sql } from 'kysely'
import { uid } from '@gatehouse/enforcement'
import { testSeed, timeoutOf, volume } from '@gatehouse/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { CheckpointRow } from '../src/checkpoint.queries.ts'
import type { LeafWithEntry } from '../src/record-page.queries.ts'
import { readRecord, type RecordReader } from '../src/record.queries.ts'
import { bytesOf } from '../src/sealed-parts.ts'
import { leafHashOf } from '../src/verify.ts'
import { verifyRecord, verifyRows } from '../src/verify-record.ts'
import type { VerifyThreads } from '../src/verify-threads.ts'
import { openRecord, type TestRecord } from './record.ts'

// Threat F5 and acceptance 6: whoever owns the database may change anything in it. What he cannot do is not be found.

let r: TestRecord
let ids: string[]
let early: string
let note: string
beforeAll(async () => {
  r = await openRecord()
  ids = await r.write(12)
  early = await r.place()
  ids.push(...(await r.write(8)))
  note = await r.place()
  await r.keep()
})
afterEach(() => r.restore())
afterAll(() => r.close())

const run = (statement: string) => sql.raw(statement).execute(r.admin)
const found = async (remembered?: string) => {
  const verdict = await r.verify(remembered)
  expect(verdict.ok).toBe(verdict.problems.length === 0)
  return verdict.problems.map(({ seq, kind }) => [kind, seq])
}
const seqOf = async (id: string | undefined) =>
  Number(
    (
      await r.admin
        .selectFrom('audit_leaf')
        .select('seq')
        .where('entry_id', '=', id ?? '')
        .executeTakeFirstOrThrow()
    ).seq,
  )

describe('an untouched record', () => {
  test('verifies, with what is remembered of any time', async () => {
    expect(await r.verify(note)).toMatchObject({ ok: true, size: 20, pending: 0, problems: [], checkpoint: note })
    expect(await found(early)).toEqual([])
  })

  test("verifies after a person's data has been erased, and nothing of them is left in clear", async () => {
    await r.db.deleteFrom('audit_personal').execute()
    expect(await r.verify(note)).toMatchObject({ ok: true, size: 20 })
    const { rows } = await sql<{ text: string }>`select string_agg(entry, '') as text from audit_entry`.execute(r.admin)
    expect(rows[0]?.text).not.toMatch(/lovelace|192\.0\.2\.7|vitest/)
  })

  test('says how many entries wait for their place', async () => {
    for (const table of ['audit_leaf', 'audit_checkpoint', 'audit_personal', 'audit_placed'])
      await run(`delete from ${table}`)
    await r.write(3)
    expect(await r.verify()).toMatchObject({ ok: true, size: 0, pending: 3, checkpoint: null })
  })
})

describe('found, and where', () => {
  test("an entry's text edited", async () => {
    await run(
      `update audit_placed set entry = replace(entry, '"outcome":"allowed"', '"outcome":"refused"')
       where id = '${ids[4]}'`,
    )
    const seq = await seqOf(ids[4])
    expect(await found()).toEqual([
      ['entry-altered', seq],
      ['column-altered', seq], // it still says what was done
    ])
  })

  test("an entry's text edited by a single space", async () => {
    await run(`update audit_placed set entry = entry || ' ' where id = '${ids[4]}'`)
    expect(await found()).toEqual([['entry-altered', await seqOf(ids[4])]])
  })

  test.each([
    'at',
    'action',
    'outcome',
    'principal_id',
    'resource_type',
    'resource_id',
    'workspace',
    'session_id',
    'effect',
    'kind',
  ])('the search column %s edited', async (column) => {
    await run(`update audit_placed set ${column} = 'forged' where id = '${ids[7]}'`)
    expect(await found()).toEqual([['column-altered', await seqOf(ids[7])]])
  })

  test('a search column emptied', async () => {
    await run(`update audit_placed set principal_id = null where id = '${ids[7]}'`)
    expect(await found()).toEqual([['column-altered', await seqOf(ids[7])]])
  })

  test('a search column of any characters edited, and none as long as it is not', async () => {
    const resource = uid('Team', '"a" \\ {b,c}\u0001\u001f\t\n\u007f\u0085\u2028 é 😀')
    const [id] = await r.write(1, { resource, workspace: '', input: {} })
    await r.place()
    expect(await found()).toEqual([])
    await run(`update audit_placed set resource_id = replace(resource_id, 'é', 'e') where id = '${id}'`)
    expect(await found()).toEqual([['column-altered', await seqOf(id)]])
  })

  test.each([0, 5, 19])('leaf %i deleted', async (seq) => {
    await run(`delete from audit_leaf where seq = ${seq}`)
    const problems = await found()
    expect(problems).toContainEqual(seq === 19 ? ['shrunk', 19] : ['leaf-missing', seq])
    expect(problems).toContainEqual(['leaf-missing', null]) // its entry stands there without one
  })

  test('an entry deleted', async () => {
    await run(`delete from audit_placed where id = '${ids[3]}'`)
    expect(await found()).toContainEqual(['entry-missing', await seqOf(ids[3])])
  })

  test('an entry deleted with everything that hangs on it', async () => {
    const seq = await seqOf(ids[3])
    for (const statement of [
      `delete from audit_placed where id = '${ids[3]}'`,
      `delete from audit_leaf where entry_id = '${ids[3]}'`,
      `delete from audit_personal where entry_id = '${ids[3]}'`,
    ])
      await run(statement)
    expect(await found()).toEqual([['leaf-missing', seq]])
  })

  test('an entry edited together with its leaf', async () => {
    const seq = await seqOf(ids[14])
    const { entry } = await r.admin
      .selectFrom('audit_entry')
      .select('entry')
      .where('id', '=', ids[14] ?? '')
      .executeTakeFirstOrThrow()
    const forged = entry.replace('"allowed"', '"refused"')
    await r.admin
      .updateTable('audit_placed')
      .set({ entry: forged, outcome: 'refused' } as object) // nobody but a forger writes a search column
      .where('id', '=', ids[14] ?? '')
      .execute()
    await r.admin
      .updateTable('audit_leaf')
      .set({ leaf_hash: leafHashOf(forged) })
      .where('entry_id', '=', ids[14] ?? '')
      .execute()
    const { problems } = await r.verify()
    // behind the first checkpoint, which still holds
    expect(problems).toEqual([expect.objectContaining({ kind: 'root-mismatch', seq: 12 })])
    expect(seq).toBeGreaterThanOrEqual(12)
  })

  test('two leaves swapped', async () => {
    await run('update audit_leaf set seq = -1 where seq = 2')
    await run('update audit_leaf set seq = 2 where seq = 3')
    await run('update audit_leaf set seq = 3 where seq = -1')
    expect(await found()).toEqual([['root-mismatch', 0]])
  })

  test('a leaf below the beginning', async () => {
    await run("insert into audit_leaf values (-1, gen_random_uuid(), sha256(''))")
    expect(await found()).toContainEqual(['order', -1])
  })

  test('an entry put there without a leaf', async () => {
    await run("insert into audit_placed (id, entry) values (gen_random_uuid(), '{}')")
    expect(await found()).toEqual([['leaf-missing', null]])
  })

  test('personal values of which a bit was changed, and those of another entry', async () => {
    await run(`update audit_personal set sealed = set_byte(sealed, 40, 255 - get_byte(sealed, 40))
      where entry_id = '${ids[2]}'`)
    await run(`update audit_personal set sealed = (select sealed from audit_personal where entry_id = '${ids[4]}')
      where entry_id = '${ids[9]}'`)
    const altered = [await seqOf(ids[2]), await seqOf(ids[9])].toSorted((a, b) => Number(a) - Number(b))
    expect(await found()).toEqual(altered.map((seq) => ['personal-altered', seq]))
  })

  test('a personal value given to a field that has none', async () => {
    const [id = ''] = [ids[2]]
    const clear = { field: 'input.email', value: 'x@example.org', salt: new Uint8Array(32) }
    const subjects = { caller: { id: 'anonymous', name: null }, input: { id: 'anonymous', name: null } }
    const [sealed] = r.subjectKeys.seal([{ id, personal: [clear], ofSession: null, subjects }]).entries
    const part = sealed?.input
    await r.admin
      .insertInto('audit_personal')
      .values({ entry_id: id, part: 'input', key_id: part?.keyId ?? '', sealed: part?.sealed ?? Buffer.alloc(0) })
      .execute()
    expect(await found()).toEqual([['personal-altered', await seqOf(ids[2])]])
  })

  test('what was asked of the policies, edited, taken away or put there', async () => {
    const request = {
      principal: uid('User', 'a'),
      action: 'team.create' as const,
      resource: uid('System', 'gatehouse'),
      context: { mfa: true },
      entities: [],
    }
    const [asked = ''] = await r.write(1, { request })
    await r.place()
    expect(await found()).toEqual([])
    for (const edit of [
      `asked = replace(asked, 'true', 'false') where id = '${asked}'`,
      `asked = null where id = '${asked}'`,
    ]) {
      await run(`update audit_placed set ${edit}`)
      expect(await found()).toEqual([['decision-altered', 20]])
    }
    await run(`update audit_placed set asked = '{}' where id = '${ids[3]}'`)
    expect(await found()).toContainEqual(['decision-altered', await seqOf(ids[3])])
  })

  test('a checkpoint rewritten, in its text or beside it', async () => {
    await run("update audit_checkpoint set root = sha256('x') where size = (select max(size) from audit_checkpoint)")
    expect(await found()).toEqual([['checkpoint-invalid', null]])
    await run("update audit_checkpoint set note = replace(note, '20', '21')")
    expect((await found()).every(([kind]) => kind === 'checkpoint-invalid')).toBe(true)
  })
})

describe('rolled back', () => {
  const rollBack = async (size: number, withCheckpoints: boolean) => {
    await run(
      `delete from audit_placed using audit_leaf where audit_leaf.entry_id = audit_placed.id and seq >= ${size}`,
    )
    await run(
      `delete from audit_personal using audit_leaf
       where audit_leaf.entry_id = audit_personal.entry_id and seq >= ${size}`,
    )
    await run(`delete from audit_leaf where seq >= ${size}`)
    if (withCheckpoints) await run(`delete from audit_checkpoint where size > ${size}`)
  }

  test('leaves alone: our own checkpoint remembers more', async () => {
    await rollBack(12, false)
    expect(await found()).toEqual([['shrunk', 12]])
  })

  test('everything: only a checkpoint kept outside remembers, and it does', async () => {
    await rollBack(12, true)
    expect(await found()).toEqual([])
    expect(await found(note)).toEqual([['shrunk', 12]])
    expect(await found(early)).toEqual([])
  })

  test('everything, then grown beyond what is remembered: it is another history', async () => {
    await rollBack(12, true)
    await r.write(30)
    await r.place()
    expect(await found()).toEqual([])
    expect(await found(note)).toEqual([['root-mismatch', 12]])
  })

  test('to nothing: a remembered checkpoint still says what was there', async () => {
    await rollBack(0, true)
    expect(await found(note)).toEqual([['shrunk', 0]])
  })
})

describe('in threads', () => {
  const inThreads = (parts: Partial<VerifyThreads> = {}) => {
    const program = new URL('../../compose/src/verify-thread.ts', import.meta.url)
    const threads = { program, url: r.database.url, count: 2, leavesMin: 3, ...parts }
    return verifyRecord({ db: r.db, key: r.key, subjectKeys: r.subjectKeys, remembered: note, threads })
  }

  test('an untouched record verifies, and what was altered in it is found as in one', async () => {
    expect(await inThreads()).toEqual(await r.verify(note))
    expect(await inThreads()).toMatchObject({ ok: true, size: 20 })
    const at = (seq: number) => `(select entry_id from audit_leaf where seq = ${seq})`
    for (const statement of [
      `update audit_placed set entry = replace(entry, 'allowed', 'refused') where id = ${at(3)}`,
      `update audit_placed set workspace = 'elsewhere' where id = ${at(4)}`,
      `update audit_personal set sealed = set_bit(sealed, 300, 1 - get_bit(sealed, 300)) where entry_id = ${at(7)}`,
      `delete from audit_subject_key where id in (select key_id from audit_personal where entry_id = ${at(8)})`,
      `delete from audit_placed where id = ${at(10)}`,
      `update audit_leaf set leaf_hash = sha256(leaf_hash) where seq = 14`,
      'delete from audit_leaf where seq = 16',
    ])
      await run(statement)
    const here = await r.verify(note)
    expect(here.problems.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['entry-altered', 'column-altered', 'personal-altered', 'entry-missing', 'leaf-missing']),
    )
    expect(await inThreads()).toEqual(here)
  })

  test('one that fails is never taken for one that found nothing', async () => {
    await expect(inThreads({ program: new URL('no-such-program.ts', import.meta.url) })).rejects.toThrow()
    const nobodyThere = new URL(r.database.url)
    nobodyThere.port = '1'
    await expect(inThreads({ url: nobodyThere.href })).rejects.toThrow()
  })
})

describe('what is remembered', () => {
  test.each([
    ['rubbish', 'x'],
    ['another size', null],
    [
      "nobody's signature",
      'gatehouse.test/audit\n20\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— gatehouse.test/audit AAAAAAAA\n',
    ],
  ])('does not count when it is %s', async (_, text) => {
    expect(await found(text ?? note.replace('\n20\n', '\n21\n'))).toEqual([['checkpoint-invalid', null]])
  })
})

describe('random edits', () => {
  const entryAt = (n: number) => `(select entry_id from audit_leaf where seq = ${n % 20})`
  const edits: readonly ((n: number) => string)[] = [
    (n) =>
      `update audit_placed set entry = overlay(entry placing '7' from ${10 + ((n * 37) % 900)} for 1)
       where id = ${entryAt(n)} and substr(entry, ${10 + ((n * 37) % 900)}, 1) <> '7'`,
    (n) =>
      `update audit_leaf set leaf_hash = set_bit(leaf_hash, ${n % 256}, 1 - get_bit(leaf_hash, ${n % 256}))
       where seq = ${n % 20}`,
    (n) => `delete from audit_leaf where seq >= ${n % 20}`,
    (n) => `delete from audit_placed where id = ${entryAt(n)}`,
    (n) =>
      `update audit_personal set sealed = set_bit(sealed, ${n % 1600}, 1 - get_bit(sealed, ${n % 1600}))
       where entry_id = ${entryAt(n)}`,
    (n) => `update audit_leaf set entry_id = gen_random_uuid() where seq = ${n % 20}`,
    (n) => `update audit_personal set part = 'input' where part <> 'input' and entry_id = ${entryAt(n)}`,
    // two leaves exchanged
    (n) =>
      `update audit_leaf set seq = -1 where seq = ${n % 20};
       update audit_leaf set seq = ${n % 20} where seq = ${((n % 20) + 1 + (n % 19)) % 20};
       update audit_leaf set seq = ${((n % 20) + 1 + (n % 19)) % 20} where seq = -1`,
    // an old backup, whole
    (n) =>
      `delete from audit_leaf where seq >= ${n % 20};
       delete from audit_checkpoint where size > ${n % 20};
       delete from audit_placed where not exists (select from audit_leaf where entry_id = id);
       delete from audit_personal where not exists (select from audit_entry where id = entry_id)`,
  ]

  const times = volume({ full: 540, sample: 54 })
  const edit = beginAt(times)

  test('in the database are found, all of them', { timeout: timeoutOf(60_000) }, async () => {
    let applied = 0
    const missed: string[] = []
    for (let n = edit; n < edit + times; n += 1) {
      const statement = edits[n % edits.length]?.(n) ?? ''
      const changed = await run(statement).then(
        ({ numAffectedRows = 1n }) => numAffectedRows > 0n, // of several statements nothing is counted
        () => false,
      ) // an edit that breaks the JSON is refused by the columns
      if (changed) {
        applied += 1
        if ((await r.verify(note)).ok) missed.push(statement)
      }
      await r.restore()
    }
    expect(missed).toEqual([])
    expect(applied).toBeGreaterThan(times * 0.8)
    expect((await r.verify(note)).ok).toBe(true)
  })

  // Threat F5, acceptance 5: bits, deletions, truncation, exchanges, old backups: every one is found with an outside
  // checkpoint. Of the rows as they were read once, since what a database does with a statement is tried above.
  const timesOfRows = volume({ full: 10_000, sample: 220 })
  const rowEdit = beginAt(timesOfRows)

  test('of the rows are found, all of them', { timeout: timeoutOf(60_000) }, async () => {
    const steps = await readRecord(r.db, stepsOf)
    const check = (changed: readonly RecordStep[]) =>
      verifyRows(rowsOf(changed), { key: r.key, subjectKeys: r.subjectKeys, remembered: note })
    expect(await check(steps)).toMatchObject({ ok: true, size: 20 })
    const missed: number[] = []
    for (let n = rowEdit; n < rowEdit + timesOfRows; n += 1) {
      const changed = rowEdits[n % rowEdits.length]?.(steps, Math.floor(n / rowEdits.length)) ?? steps
      if ((await check(changed)).ok) missed.push(n)
    }
    expect(missed).toEqual([])
  })
})

/** Where a sample of so many begins today: tomorrow's goes on behind it. */
const beginAt = (count: number): number => volume({ full: 0, sample: (testSeed() % 1000) * count })

/** A row of the audit log: a leaf with its entry, or what was signed. */
type RecordStep = { readonly leaf: LeafWithEntry } | { readonly checkpoint: CheckpointRow }

const stepsOf = async (record: RecordReader): Promise<RecordStep[]> => [
  ...(await Array.fromAsync(record.pages())).flat().map((leaf) => ({ leaf })),
  ...(await Array.fromAsync(record.checkpoints())).map((checkpoint) => ({ checkpoint })),
]

/** Rows that lie in memory, read as those of the database are, some at a time. */
const rowsOf = (steps: readonly RecordStep[]): RecordReader => ({
  // eslint-disable-next-line @typescript-eslint/require-await -- a stream of what is there
  pages: async function* () {
    const leaves = leavesOf(steps)
    for (let at = 0; at < leaves.length; at += 7) yield leaves.slice(at, at + 7)
  },
  checkpoints: async function* () {
    yield* steps.flatMap((step) => ('checkpoint' in step ? [step.checkpoint] : []))
    return undefined
  },
  // eslint-disable-next-line @typescript-eslint/require-await -- a stream of what is there
  removals: async function* () {
    yield []
  },
  strays: () => Promise.resolve([]),
  pending: () => Promise.resolve(0),
})

/** Where the nth edit of one kind goes; primes reach every place. */
const spread = (n: number, below: number): number => (n * 7919) % below

const isLeaf = (step: RecordStep): step is { leaf: LeafWithEntry } => 'leaf' in step
const leavesOf = (steps: readonly RecordStep[]): LeafWithEntry[] => steps.filter(isLeaf).map(({ leaf }) => leaf)

/** The steps with the nth leaf changed. */
const withLeaf = (steps: readonly RecordStep[], n: number, change: (leaf: LeafWithEntry) => object): RecordStep[] => {
  const wanted = leavesOf(steps)[spread(n, 20)]
  return steps.map((step) =>
    isLeaf(step) && step.leaf === wanted ? { leaf: { ...step.leaf, ...change(step.leaf) } } : step,
  )
}
const bitFlipped = (bytes: Buffer, n: number): Buffer => {
  const copy = Buffer.from(bytes)
  const place = spread(n, copy.length)
  copy[place] = (copy[place] ?? 0) ^ (1 << (n % 8))
  return copy
}
const textFlipped = (text: string | null, n: number): string =>
  bitFlipped(Buffer.from(text ?? ''), n).toString('latin1')
/** Of the log as it was at a size, with what was signed until then. */
const until = (steps: readonly RecordStep[], size: number): RecordStep[] =>
  steps.filter((step) => ('leaf' in step ? step.leaf.seq < size : step.checkpoint.size <= size))

const rowEdits: readonly ((steps: readonly RecordStep[], n: number) => RecordStep[])[] = [
  (steps, n) => withLeaf(steps, n, ({ entry }) => ({ entry: textFlipped(entry, n) })),
  (steps, n) => withLeaf(steps, n, ({ hash }) => ({ hash: bitFlipped(hash, n) })),
  // an entry rewritten with its leaf
  (steps, n) =>
    withLeaf(steps, n, ({ entry }) => {
      const forged = textFlipped(entry, n)
      return { entry: forged, hash: leafHashOf(forged) }
    }),
  (steps, n) => withLeaf(steps, n, () => ({ entry: null })),
  (steps, n) =>
    withLeaf(steps, n, ({ parts }) => ({
      parts: parts.map((part) => ({ ...part, sealed: bitFlipped(Buffer.from(bytesOf(part.sealed)), n) })),
    })),
  // a leaf deleted, alone or with all that are signed beside it
  (steps, n) => steps.filter((step) => !isLeaf(step) || step.leaf.seq !== spread(n, 20)),
  (steps, n) =>
    steps
      .filter((step) => !isLeaf(step) || step.leaf.seq !== spread(n, 20))
      .map((step, seq) => (isLeaf(step) ? { leaf: { ...step.leaf, seq: Math.min(seq, step.leaf.seq) } } : step)),
  // two entries exchanged
  (steps, n) => {
    const [one, other] = [spread(n, 20), (spread(n, 20) + 1 + (n % 19)) % 20]
    const leaves = leavesOf(steps)
    return steps.map((step) => {
      if (!isLeaf(step) || (step.leaf.seq !== one && step.leaf.seq !== other)) return step
      const taken = leaves[step.leaf.seq === one ? other : one] ?? step.leaf
      return { leaf: { ...taken, seq: step.leaf.seq } }
    })
  },
  // an old backup, and one with all checkpoints kept
  (steps, n) => until(steps, spread(n, 20)),
  (steps, n) => steps.filter((step) => !isLeaf(step) || step.leaf.seq < spread(n, 20)),
]
