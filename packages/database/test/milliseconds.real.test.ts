import { createDatabase } from '@gatehouse/testkit'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { migrate, openDatabaseClock, openStore, type Store } from '../src/index.ts'

let database: Awaited<ReturnType<typeof createDatabase>>
let admin: Store
beforeAll(async () => {
  database = await createDatabase()
  admin = openStore(database.adminUrl, { size: 1, name: 'test' })
})
afterAll(async () => {
  await admin.destroy()
  await database.drop()
})

const finerColumns = async (): Promise<string[]> => {
  const { rows } = await sql<{ name: string }>`select table_name || '.' || column_name as name
    from information_schema.columns where table_schema = 'public' and data_type like 'timestamp%'
      and (datetime_precision <> 3 or data_type <> 'timestamp with time zone')`.execute(admin)
  return rows.map(({ name }) => name)
}

test('no time is kept finer than a cursor can say', async () => {
  expect(await finerColumns()).toEqual([])
})

test('a table that says otherwise is put right with its rows by the next migration', async () => {
  await sql`create table forgetful (at timestamptz not null default now(), note text)`.execute(admin)
  await sql`insert into forgetful (at) values ('2026-11-28T08:00:00.123456Z')`.execute(admin)
  expect(await finerColumns()).toEqual(['forgetful.at'])
  await migrate(database.adminUrl, database.url)
  expect(await finerColumns()).toEqual([])
  const { rows } = await sql<{
    at: string
  }>`select to_char(at at time zone 'UTC', 'SS.US') as at from forgetful`.execute(admin)
  expect(rows).toEqual([{ at: '00.123000' }])
  await sql`insert into forgetful default values`.execute(admin)
})

// A step of ten minutes would end what ends within them: leases, sessions, tokens.
test('the clock goes on when the machine’s is set, and is the database’s again after its sleep', async () => {
  const clock = await openDatabaseClock(admin)
  const [wall, monotonic] = [Date.now.bind(Date), performance.now.bind(performance)]
  const apart = (): number => Math.abs(clock.now().getTime() - wall())
  const set = vi.spyOn(Date, 'now').mockImplementation(() => wall() + 600_000)
  expect(apart()).toBeLessThan(1000)
  set.mockRestore()
  // after a sleep the other one is wrong; which of them it is, only the database knows
  const slept = vi.spyOn(performance, 'now').mockImplementation(() => monotonic() + 600_000)
  expect(apart()).toBeGreaterThan(1000)
  await expect.poll(apart, { interval: 10 }).toBeLessThan(1000)
  slept.mockRestore()
  clock.close()
})
