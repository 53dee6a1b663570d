// Acceptance 7, threat F1: the disk of the database is full. What changes something is refused within a second, with
// words on what to do; nothing is half done; and all goes on by itself when there is room again.
import { randomUUID } from 'node:crypto'
import { Refusal } from '@gatehouse/contract'
import { systemRandom, uid } from '@gatehouse/enforcement'
import { startPostgres, type TestPostgres } from '@gatehouse/testkit'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSequencer, verifyRecord, type Sequencer } from '../src/index.ts'
import { openHarness, type Harness } from './harness.ts'

let postgres: TestPostgres
let h: Harness
let sequencer: Sequencer
const complaints: unknown[] = []
beforeAll(async () => {
  postgres = await startPostgres({ diskMegabytes: 40 })
  h = await openHarness({ database: await postgres.createDatabase() })
  sequencer = startSequencer({
    url: h.database.url,
    db: h.db,
    key: h.key,
    subjectKeys: h.subjectKeys,
    clock: h.clock,
    random: systemRandom(h.clock),
    onError: (error) => complaints.push(error),
  })
}, 60_000)
afterAll(async () => {
  await sequencer.close()
  await h.close()
  await postgres.stop()
})

/** Takes all room there is, down to the last page. */
async function fillDisk(): Promise<void> {
  await sql`create unlogged table filler (text text)`.execute(h.admin)
  await sql`alter table filler alter column text set storage plain`.execute(h.admin)
  for (const rows of [2000, 200, 20, 2, 1])
    for (;;) {
      const filled = await sql`insert into filler select repeat('x', 7000) from generate_series(1, ${rows}::int)`
        .execute(h.admin)
        .then(
          () => false,
          () => true,
        )
      if (filled) break
    }
}

const makeTeam = async (name: string): Promise<unknown> =>
  h.call('team.create', { name, description: 'x'.repeat(150) }, (permit) =>
    h.change(
      permit,
      async (tx) => {
        const id = randomUUID()
        await tx
          .insertInto('team')
          .values({ id, name, description: 'x'.repeat(150) })
          .execute()
        return { id }
      },
      ({ id }) => ({ resource: uid('Team', id) }),
    ),
  )
const listTeams = () => h.call('team.list', {}, () => h.db.selectFrom('team').select('id').limit(5).execute())
const attempt = async (work: () => Promise<unknown>) => {
  const begun = performance.now()
  const failure = await work().then(
    () => null,
    (error: unknown) => error,
  )
  return { failure, milliseconds: performance.now() - begun }
}
const verdict = () => verifyRecord({ db: h.db, key: h.key, subjectKeys: h.subjectKeys, remembered: null })
const teams = async () => new Set((await h.admin.selectFrom('team').select('id').execute()).map(({ id }) => id))

test('changes are refused within a second with what to do, nothing is half done, and it heals by itself', async () => {
  await makeTeam('before')
  await fillDisk()
  const done: string[] = ['before']
  const refused: { readonly failure: Refusal; readonly milliseconds: number }[] = []
  // what is left in pages that are there already is used up first
  for (let round = 0; round < 2000 && refused.length < 20; round += 1) {
    const name = `team-${round}`
    const { failure, milliseconds } = await attempt(() => makeTeam(name))
    if (failure === null) done.push(name)
    else refused.push({ failure: failure as Refusal, milliseconds })
  }
  expect(refused).toHaveLength(20)
  for (const { failure, milliseconds } of refused) {
    expect(failure).toBeInstanceOf(Refusal)
    expect(failure.code).toBe('unavailable')
    expect(failure.details.hint).toContain('make room')
    expect(milliseconds).toBeLessThan(1000)
  }
  const read = await attempt(listTeams) // its entry has no room either, or has
  expect(read.milliseconds).toBeLessThan(1000)
  if (read.failure !== null) expect((read.failure as Refusal).code).toBe('unavailable')
  const names = (await h.admin.selectFrom('team').select('name').execute()).map(({ name }) => name)
  expect(new Set(names)).toEqual(new Set(done))
  expect((await verdict()).problems).toEqual([]) // to read is still possible

  await sql`drop table filler`.execute(h.admin)
  await makeTeam('after')
  await expect.poll(async () => (await verdict()).pending, { timeout: 10_000 }).toBe(0)
  const entries = (await h.entries()).filter(({ action, outcome }) => action === 'team.create' && outcome === 'allowed')
  expect(new Set(entries.map(({ resource }) => (resource as { id: string }).id))).toEqual(await teams())
  expect(entries).toHaveLength(done.length + 1)
  await expect
    .poll(async () => (await verdict()).checkpoint?.split('\n')[1], { timeout: 10_000 })
    .toBe(String((await verdict()).size))
  expect(await verdict()).toMatchObject({ ok: true, problems: [] })
}, 60_000)
