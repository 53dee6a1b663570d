import { sql } from 'kysely'
import type { Store } from './store.ts'

/** How often the database's clock is looked at again. */
const syncEveryMilliseconds = 30_000

/** What our two clocks may be apart before one of them is taken to have jumped. */
const jumpMilliseconds = 500

/** Of a second, what two clocks may part by themselves: far more than any crystal is off. */
const driftMax = 0.0005

/** A database that does not answer is not asked at each look at the clock. */
const askAgainMilliseconds = 1000

/** Database time, kept by a measured offset: two nodes agree however wrong their own clocks are. */
export interface DatabaseClock {
  now(): Date
  close(): void
}

/** What the database's clock showed when both of ours showed this, in milliseconds. */
export interface ClockReading {
  readonly theirs: number
  readonly monotonic: number
  readonly wall: number
  /** How far it may be off: theirs was read at some moment of the round trip. */
  readonly offMax: number
}

/**
 * Whether a look says more than the one before it still does. One that waited for a database that stood still, or for
 * this process, says the time to within half of its wait, and would set the clock ahead by seconds until the next. Once
 * ours have parted, any look does.
 */
export function saysMore(read: ClockReading, last: ClockReading): boolean {
  const passed = read.monotonic - last.monotonic
  const parted = Math.abs(read.wall - last.wall - passed) > jumpMilliseconds
  return parted || read.offMax <= last.offMax + passed * driftMax
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
        if (saysMore(read, last)) last = read
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
async function readClock(db: Store): Promise<ClockReading> {
  const before = performance.now()
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db)
  const trip = performance.now() - before
  const theirs = rows[0]?.now.getTime()
  if (theirs === undefined) throw new TypeError('the database told no time')
  return { theirs, monotonic: before + trip / 2, wall: Date.now() - trip / 2, offMax: trip / 2 }
}
