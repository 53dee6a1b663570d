import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { Migrator, type Migration, type MigrationResultSet } from 'kysely/migration'
import type { Store } from './store.ts'

/** How long migrations wait for processes that work beside, and how often they try. */
export interface MigrationLimits {
  /** A migration that waits for a table has all who come after it wait as well: no longer than a call can bear. */
  readonly lockMilliseconds: number
  readonly attemptsMax: number
  /** Between two attempts, twice as long each time. */
  readonly pauseMilliseconds: number
  readonly pauseMillisecondsMax: number
}

/** Less than a minute for each migration: longer than any call of a gateway, whose statements end after 15 s. */
export const migrationLimits: MigrationLimits = {
  lockMilliseconds: 2_000,
  attemptsMax: 10,
  pauseMilliseconds: 250,
  pauseMillisecondsMax: 5_000,
}

/** PostgreSQL: serialisation failure, deadlock, a lock that was waited for too long. Nothing was done. */
const inTheWay: ReadonlySet<unknown> = new Set(['40001', '40P01', '55P03'])

/**
 * Runs the migrations that are missing, each in a transaction of its own, so that what is in the way of one does not
 * undo those before it. A new database takes all in one: nobody is there yet.
 */
export async function runMigrations(
  admin: Store,
  migrations: Readonly<Record<string, Migration>>,
  limits: MigrationLimits,
): Promise<void> {
  const migrator = new Migrator({
    db: admin,
    provider: { getMigrations: () => Promise.resolve(waitingNoLonger(migrations, limits)) },
  })
  const isNew = (await migrator.getMigrations()).every(({ executedAt }) => executedAt === undefined)
  // one step up, and never to a name: another node may be further already, and would be taken back to it
  const step = (): Promise<MigrationResultSet> => (isNew ? migrator.migrateToLatest() : migrator.migrateUp())
  for (let done = -1; done !== 0;) {
    done = await again<number>(admin, limits, async () => {
      const { error, results = [] } = await step()
      if (error === undefined) return { done: results.length }
      const failed = results.find(({ status }) => status === 'Error')?.migrationName
      return { failed: failed ?? 'a migration', cause: error }
    })
  }
}

/** Runs what follows on the migrations: rights, and forms that all tables have. */
export const runAfterMigrations = (
  admin: Store,
  limits: MigrationLimits,
  work: (tx: Store) => Promise<void>,
): Promise<void> =>
  again<void>(admin, limits, () =>
    admin
      .transaction()
      .execute(async (tx) => {
        await waitNoLonger(tx, limits)
        await work(tx)
      })
      .then(
        () => ({ done: undefined }),
        (cause: unknown) => ({ failed: 'what follows the migrations', cause }),
      ),
  )

/** What came of a step, or which one failed and why. */
type Stepped<T> = { readonly done: T } | { readonly failed: string; readonly cause: unknown }

/** The same, and none of them has others wait behind it for longer than they may. */
const waitingNoLonger = (
  migrations: Readonly<Record<string, Migration>>,
  limits: MigrationLimits,
): Record<string, Migration> =>
  Object.fromEntries(
    Object.entries(migrations).map(([name, migration]) => [
      name,
      {
        up: async (db) => {
          await waitNoLonger(db, limits)
          await migration.up(db)
        },
      } satisfies Migration,
    ]),
  )

/** Within a transaction, and so after the lock that one node waits by while another migrates. */
const waitNoLonger = async (db: Parameters<Migration['up']>[0], { lockMilliseconds }: MigrationLimits): Promise<void> =>
  void (await sql`select set_config('lock_timeout', ${String(lockMilliseconds)}, true)`.execute(db))

async function again<T>(admin: Store, limits: MigrationLimits, step: () => Promise<Stepped<T>>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const stepped = await step()
    if ('done' in stepped) return stepped.done
    const { failed, cause } = stepped
    if (!isInTheWay(cause)) throw new Error(`\`${failed}\` failed; the database is as it was before it`, { cause })
    if (attempt === limits.attemptsMax) throw new Error(await wordsFor(admin, failed, attempt), { cause })
    await sleep(Math.min(limits.pauseMilliseconds * 2 ** (attempt - 1), limits.pauseMillisecondsMax))
  }
}

const isInTheWay = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && inTheWay.has(error.code)

/** More than these say no more about whom to ask to stop. */
const namedMax = 3

async function wordsFor(admin: Store, step: string, attempts: number): Promise<string> {
  const { rows } = await sql<{ name: string; pid: number; seconds: number }>`
    select coalesce(nullif(application_name, ''), 'a client without a name') as name, pid,
      extract(epoch from clock_timestamp() - xact_start)::int as seconds
    from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null
      and backend_type = 'client backend'
    order by xact_start limit ${namedMax}`.execute(admin)
  const open = rows.map(({ name, pid, seconds }) => `\`${name}\` (process ${pid} of the database, for ${seconds} s)`)
  const who = open.length === 0 ? 'which have ended by now' : `now open: ${open.join(', ')}`
  return (
    `\`${step}\` was tried ${attempts} times, and each time transactions of others were in its way, ${who}; ` +
    'the database is as it was before it: stop them, or wait until there is less to do, and migrate again'
  )
}
