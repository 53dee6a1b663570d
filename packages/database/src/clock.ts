import { sql } from 'kysely'
import type { Store } from './store.ts'

/** How often the offset to the database's clock is measured again. */
const syncEveryMilliseconds = 30_000

/** Database time, kept by a measured offset: two nodes agree however wrong their own clocks are. */
export interface DatabaseClock {
  now(): Date
  close(): void
}

/** Measures the offset once and then again every 30 s; a failed measurement keeps the last one. */
export async function openDatabaseClock(db: Store): Promise<DatabaseClock> {
  let offset = await measureOffset(db)
  const timer = setInterval(() => {
    measureOffset(db).then(
      (measured) => {
        offset = measured
      },
      () => undefined,
    )
  }, syncEveryMilliseconds)
  timer.unref()
  return { now: () => new Date(Date.now() + offset), close: () => clearInterval(timer) }
}

/** Database time minus ours, in milliseconds, taken at the middle of the round trip. */
async function measureOffset(db: Store): Promise<number> {
  const before = Date.now()
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db)
  const after = Date.now()
  const theirs = rows[0]?.now.getTime()
  if (theirs === undefined) throw new TypeError('the database told no time')
  return theirs - (before + after) / 2
}
