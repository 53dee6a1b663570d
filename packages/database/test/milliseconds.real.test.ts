import { createDatabase } from '@gatehouse/testkit'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate, openStore, type Store } from '../src/index.ts'

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
