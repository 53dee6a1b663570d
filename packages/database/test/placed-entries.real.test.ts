import { readdir } from 'node:fs/promises'
import { createDatabase } from '@gatehouse/testkit'
import { sql } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'
import { expect, test } from 'vitest'
import { migrate, openStore, type Store } from '../src/index.ts'
import { runMigrations } from '../src/run-migrations.ts'

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

const impatient = { lockMilliseconds: 50, attemptsMax: 3, pauseMilliseconds: 10, pauseMillisecondsMax: 10 }

test('an upgrade that somebody is in the way of is tried again, and says in the end who and what to do', async () => {
  const database = await createDatabase('empty')
  const admin = openStore(database.adminUrl, { size: 1, name: 'test', statements: 'long' })
  const working = openStore(database.adminUrl, { size: 1, name: 'gateway-of-before' })
  const step = (statement: string): Migration => ({
    up: (db) =>
      sql
        .raw(statement)
        .execute(db)
        .then(() => undefined),
  })
  const before = { '001-people': step('create table people (id int)') }
  const upgrade = {
    ...before,
    '002-teams': step('create table teams (id int)'),
    '003-names': step('alter table people add name text'),
  }
  const executed = async () =>
    (await sql<{ name: string }>`select name from kysely_migration order by name`.execute(admin)).rows.map(
      ({ name }) => name,
    )
  try {
    await runMigrations(admin, before, impatient)
    await working.transaction().execute(async (tx) => {
      await sql`select from people`.execute(tx)
      await expect(runMigrations(admin, upgrade, impatient)).rejects.toThrow(
        /^`003-names` was tried 3 times.*`gateway-of-before` \(process \d+.*migrate again$/,
      )
      expect(await executed()).toEqual(['001-people', '002-teams'])
    })
    const patient = { ...impatient, attemptsMax: 1_000 }
    const healed = working.transaction().execute(async (tx) => {
      await sql`select from people`.execute(tx)
      const running = runMigrations(admin, upgrade, patient)
      await sql`select pg_sleep(0.15)`.execute(tx) // longer than one attempt
      return { running }
    })
    await (
      await healed
    ).running
    expect(await executed()).toEqual(Object.keys(upgrade))
    const broken = { ...upgrade, '004-broken': step('alter table nobody add name text') }
    await expect(runMigrations(admin, broken, patient)).rejects.toThrow('`004-broken` failed')
  } finally {
    await Promise.all([admin.destroy(), working.destroy()])
    await database.drop()
  }
})
