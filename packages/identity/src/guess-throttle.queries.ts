import type { Store } from '@gatehouse/database'
import { sql } from 'kysely'

interface GuessRow { readonly kind: string; readonly key: string }

/** Claims a guess by one upsert. False: none is left, and nothing was written. */
export async function claimGuess(db: Store, guess: GuessRow & { now: Date; windowSeconds: number; limit: number }): Promise<boolean> {
  const { rows } = await sql`
    insert into guess_throttle as t (kind, key, failures, window_start) values (${guess.kind}, ${guess.key}, 1, ${guess.now})
    on conflict (kind, key) do update set
      failures = case when t.window_start <= ${windowAgo(guess)} then 1 else t.failures + 1 end,
      window_start = greatest(t.window_start, excluded.window_start)
    where t.failures < ${guess.limit} or t.window_start <= ${windowAgo(guess)}
    returning failures`.execute(db)
  return rows.length === 1
}

/** When the last guess was evaluated; null: there was none. */
export async function lastGuessAt(db: Store, { kind, key }: GuessRow): Promise<Date | null> {
  const row = await db.selectFrom('guess_throttle').select('window_start').where('kind', '=', kind).where('key', '=', key).executeTakeFirst()
  return row?.window_start ?? null
}

/** Forgets an account's guesses of one kind. */
export async function forgetGuesses(db: Store, { kind, key }: GuessRow): Promise<void> {
  await db.deleteFrom('guess_throttle').where('kind', '=', kind).where('key', '=', key).execute()
}

const windowAgo = ({ now, windowSeconds }: { now: Date; windowSeconds: number }): Date => new Date(now.getTime() - windowSeconds * 1000)
