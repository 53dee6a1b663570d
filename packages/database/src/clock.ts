import { sql } from 'kysely'
import type { Store } from './store.ts'

/** How often the database's clock is looked at again. */
const syncEveryMilliseconds = 30_000

/** What our two clocks may be apart before one of them is taken to have jumped. */
const jumpMilliseconds = 500

/** A database that does not answer is not asked at each look at the clock. */
const askAgainMilliseconds = 1000

/** Database time, kept by a measured offset: two nodes agree however wrong their own clocks are. */
export interface DatabaseClock {
  now(): Date
  close(): void
}

/** What the database's clock showed when both of ours showed this, in milliseconds. */
interface Reading {
  readonly theirs: number
  readonly monotonic: number
  readonly wall: number
}

/**
 * Looks at the database's clock once and then again every 30 s; a look that fails keeps the last one. Between two looks
 * time goes on by the clock that nobody sets: by the other, a step of this machine's would end all leases that end
 * within it. The two part when one is set, and when the machine has slept; then the database is asked at once.
 */
export async function openDatabaseClock(db: Store): Promise<DatabaseClock> {
  let last = await readClock(db)
  let askedAt = last.monotonic
  const look = (): void => {
    askedAt = performance.now()
    readClock(db).then(
      (read) => {
        last = read
      },
      () => undefined,
    )
  }
  const timer = setInterval(look, syncEveryMilliseconds)
  timer.unref()
  return {
    now: () => {
      const monotonic = performance.now()
      const passed = monotonic - last.monotonic
      const jumped = Math.abs(Date.now() - last.wall - passed) > jumpMilliseconds
      if (jumped && monotonic - askedAt > askAgainMilliseconds) look()
      return new Date(last.theirs + passed)
    },
    close: () => clearInterval(timer),
  }
}

/** Taken at the middle of the round trip. */
async function readClock(db: Store): Promise<Reading> {
  const before = performance.now()
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db)
  const trip = performance.now() - before
  const theirs = rows[0]?.now.getTime()
  if (theirs === undefined) throw new TypeError('the database told no time')
  return { theirs, monotonic: before + trip / 2, wall: Date.now() - trip / 2 }
}
