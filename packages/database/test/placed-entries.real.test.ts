import { readdir } from 'node:fs/promises'
import { createDatabase } from '@gatehouse/testkit'
import { sql } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'
import { expect, test } from 'vitest'
import { migrate, openStore, type Store } from '../src/index.ts'

const directory = new URL('../src/migrations/', import.meta.url)

/** The migrations before one, as they lie there. */
async function migrationsBefore(name: string): Promise<Record<string, Migration>> {
  const names = (await readdir(directory)).map((file) => file.replace(/\.ts$/, '')).filter((one) => one < name)
  const loaded = names.map(async (one) => [one, (await import(new URL(`${one}.ts`, directory).href)) as Migration])
  return Object.fromEntries(await Promise.all(loaded)) as Record<string, Migration>
}

/** Migrates to where the ones before this one lead. */
async function migrateBefore(admin: Store, name: string): Promise<void> {
  const migrations = await migrationsBefore(name)
  const provider = { getMigrations: () => Promise.resolve(migrations) }
  const { error } = await new Migrator({ db: admin, provider }).migrateToLatest()
  expect(error).toBeUndefined()
}

const entryOf = (n: number): string =>
  JSON.stringify({ v: 4, n, at: '2026-11-29T12:00:00.000Z', action: 'team.list', outcome: 'allowed', kind: 'read' })

test('an upgrade keeps what has its place where it is, and puts what waits for one into the queue', async () => {
  const database = await createDatabase('empty')
  const admin = openStore(database.adminUrl, { size: 1, name: 'test', statements: 'long' })
  try {
    await migrateBefore(admin, '117-placed-entries')
    await sql`insert into audit_entry (id, entry, asked)
      values (gen_random_uuid(), ${entryOf(1)}, 'one'), (gen_random_uuid(), ${entryOf(2)}, 'two')`.execute(admin)
    await sql`insert into audit_leaf (seq, entry_id, leaf_hash)
      select 0, id, sha256('') from audit_entry where asked = 'one'`.execute(admin)
    await sql`insert into audit_pending (entry_id) select id from audit_entry where asked = 'two'`.execute(admin)

    await migrate(database.adminUrl, database.url)
    const read = async (from: string) =>
      (await sql`select entry, asked from ${sql.table(from)} order by asked`.execute(admin)).rows
    const [one, two] = [
      { entry: entryOf(1), asked: 'one' },
      { entry: entryOf(2), asked: 'two' },
    ]
    expect(await read('audit_placed')).toEqual([one])
    expect(await read('audit_pending')).toEqual([two])
    expect(await read('audit_entry')).toEqual([one, two])
    await sql`select audit_place(1, 1, 10)`.execute(admin)
    expect(await read('audit_placed')).toEqual([one, two])
    expect(await read('audit_pending')).toEqual([])
    const { rows } = await sql`select action, kind from audit_placed`.execute(admin)
    expect(rows).toEqual(Array.from({ length: 2 }, () => ({ action: 'team.list', kind: 'read' })))
  } finally {
    await admin.destroy()
    await database.drop()
  }
})

// Processes of the version before go on beside: each of their calls looks at its caller, in several tables at once.
test('an upgrade to versions of callers waits for nobody who looks at one, and so ends nobody for it', async () => {
  const database = await createDatabase('empty')
  const admin = openStore(database.adminUrl, { size: 1, name: 'test', statements: 'long' })
  const looking = openStore(database.adminUrl, { size: 1, name: 'test' })
  try {
    await migrateBefore(admin, '153')
    await looking.transaction().execute(async (tx) => {
      await sql`select from session, users, user_role, team_member, team, authenticator, access_lock`.execute(tx)
      await sql`set lock_timeout = '2s'`.execute(admin)
      await migrateBefore(admin, '157')
    })
  } finally {
    await Promise.all([admin.destroy(), looking.destroy()])
    await database.drop()
  }
})
