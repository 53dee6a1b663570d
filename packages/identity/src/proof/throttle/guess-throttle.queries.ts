import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'

/** One row of the throttle. */
export interface GuessCounter {
  readonly kind: 'password' | 'code' | 'device' | 'address' | 'userCode'
  readonly key: string
  readonly limit: number
}

/** When guesses are given back, and how delays grow. */
export interface GuessTerms {
  readonly now: Date
  readonly windowSeconds: number
  readonly delaySecondsMax: number
  /** After this long without a guess the delay begins small again. */
  readonly forgivenSeconds: number
}

/** Thrown to roll the claims of the other counters back. */
class NoGuessLeft extends Error {
  override readonly name = 'NoGuessLeft'
}

/**
 * Claims one guess of every counter, or of none: one transaction of its own, committed before anything is evaluated.
 * False: one of them has none left.
 */
export async function claimGuesses(db: Store, counters: readonly GuessCounter[], terms: GuessTerms): Promise<boolean> {
  try {
    await db.transaction().execute(async (tx) => {
      for (const counter of counters)
        if (!(await claimGuess(tx, counter, terms))) throw new NoGuessLeft('no guess is left')
    })
    return true
  } catch (error) {
    if (error instanceof NoGuessLeft) return false
    throw error
  }
}

/**
 * By one upsert, so that a hundred at once get what is left and no more. The guess that fills the window closes the
 * counter, each time in a row for twice as long.
 */
async function claimGuess(tx: Transaction, { kind, key, limit }: GuessCounter, terms: GuessTerms): Promise<boolean> {
  const { now } = terms
  const failures = sql<number>`case when t.window_start <= ${secondsBefore(now, terms.windowSeconds)} then 1
    else t.failures + 1 end`
  const fullBefore = sql<number>`case when t.window_start <= ${secondsBefore(now, terms.forgivenSeconds)} then 0
    else t.full_windows end`
  const closed = sql`${now}::timestamptz + interval '1 second' *
    least(${terms.windowSeconds}::float8 * power(2, least(${fullBefore}, 20)), ${terms.delaySecondsMax}::float8)`
  const { rows } = await sql`
    insert into guess_throttle as t (kind, key, failures, window_start, blocked_until, full_windows)
    values (${kind}, ${key}, 1, ${now}, ${limit === 1 ? secondsBefore(now, -terms.windowSeconds) : null},
      ${limit === 1 ? 1 : 0})
    on conflict (kind, key) do update set
      failures = ${failures}, window_start = greatest(t.window_start, excluded.window_start),
      blocked_until = case when ${failures} >= ${limit} then ${closed} end,
      full_windows = ${fullBefore} + case when ${failures} >= ${limit} then 1 else 0 end
    where (t.failures < ${limit} or t.window_start <= ${secondsBefore(now, terms.windowSeconds)})
      and (t.blocked_until is null or t.blocked_until <= ${now})
    returning failures`.execute(tx)
  return rows.length === 1
}

/** When the last of these counters opens again; null: all are open. */
export async function closedUntil(db: Store, counters: readonly GuessCounter[], now: Date): Promise<Date | null> {
  const row = await db
    .selectFrom('guess_throttle')
    .select((eb) => eb.fn.max('blocked_until').as('until'))
    .where('blocked_until', '>', now)
    .where((eb) => eb.or(counters.map(({ kind, key }) => eb('kind', '=', kind).and('key', '=', key))))
    .executeTakeFirst()
  return row?.until ?? null
}

/** Forgets all guesses of one counter, and that it was ever full. */
export async function forgetGuesses(db: Store, { kind, key }: GuessCounter): Promise<void> {
  await db.deleteFrom('guess_throttle').where('kind', '=', kind).where('key', '=', key).execute()
}

/** Takes one guess back: it was right. Whoever knows one password must not clean an address for guesses of others. */
export async function returnGuess(db: Store, { kind, key }: GuessCounter): Promise<void> {
  await db
    .updateTable('guess_throttle')
    .set({
      failures: sql`greatest(failures - 1, 0)`,
      blocked_until: null,
      full_windows: sql`greatest(full_windows - case when blocked_until is null then 0 else 1 end, 0)`,
    })
    .where('kind', '=', kind)
    .where('key', '=', key)
    .execute()
}

const secondsBefore = (now: Date, seconds: number): Date => new Date(now.getTime() - seconds * 1000)
