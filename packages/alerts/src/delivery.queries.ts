import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'
import type { AlertRow } from './alert.queries.ts'
import type { ChannelRow } from './channel.queries.ts'

/** A message that one process sends, until its claim lapses. */
export interface ClaimedMessage {
  readonly id: string
  readonly claim: string
  /** How often it was tried before. */
  readonly attempts: number
  readonly alert: AlertRow
  readonly channel: ChannelRow
}

/** Which messages are claimed. `fresh`: what was never tried, and what is so late that nobody else seems to try. */
export interface Claiming {
  readonly claim: string
  readonly now: Date
  readonly until: Date
  /** Messages that were tried before are claimed only once they have been due since this. */
  readonly retriesDueBefore: Date
}

/**
 * Claims one message that is due, if there is one: a single conditional update, so of many processes each claims
 * another, and a claim outlives its process by at most its time. A channel that has hung up one sender gets no second.
 */
export async function claimMessage(db: Store, at: Claiming): Promise<ClaimedMessage | null> {
  const { rows } = await sql<Pick<ClaimedMessage, 'id' | 'attempts'> & { alert_id: string; channel_id: string }>`
    with mine as (
      select id from alert_delivery as one
      where state = 'waiting' and due_at <= ${at.now} and (attempts = 0 or due_at <= ${at.retriesDueBefore})
        and (claimed_until is null or claimed_until < ${at.now})
        and not exists (select from alert_delivery as other where other.channel_id = one.channel_id
          and other.state = 'waiting' and other.claimed_until >= ${at.now})
      order by due_at, id limit 1 for update skip locked)
    update alert_delivery set claim = ${at.claim}::uuid, claimed_until = ${at.until} from mine
    where alert_delivery.id = mine.id and state = 'waiting'
    returning alert_delivery.id, attempts, alert_id, channel_id`.execute(db)
  const [row] = rows
  if (row === undefined) return null
  const alert = await sql<AlertRow>`select * from alert where id = ${row.alert_id}`.execute(db)
  const channel = await sql<ChannelRow>`select * from alert_channel where id = ${row.channel_id}`.execute(db)
  const [ofAlert, ofChannel] = [alert.rows[0], channel.rows[0]]
  // its channel was removed at this moment, and the message with it
  if (ofAlert === undefined || ofChannel === undefined) return null
  return { id: row.id, claim: at.claim, attempts: row.attempts, alert: ofAlert, channel: ofChannel }
}

/** How a try ended. */
export interface Settled {
  readonly state: 'waiting' | 'delivered' | 'dead'
  readonly error: string | null
  readonly now: Date
  readonly dueAt: Date
}

/** Writes down how a try ended, and lets the message go. False: the claim had lapsed, and it is another's by now. */
export async function settleMessage(
  tx: Transaction,
  { id, claim }: Pick<ClaimedMessage, 'id' | 'claim'>,
  { state, error, now, dueAt }: Settled,
): Promise<boolean> {
  const { rows } = await sql`
    update alert_delivery set state = ${state}, attempts = attempts + 1, error = ${error}, due_at = ${dueAt},
      claim = null, claimed_until = null,
      ended_at = case when ${state} = 'waiting' then null else ${now}::timestamptz end
    where id = ${id} and claim = ${claim}::uuid and state = 'waiting' returning id`.execute(tx)
  return rows.length > 0
}

/**
 * A channel took something. True: it had been failing, and recovered. Its key stays as it is, and the lock says so: who
 * raises an alert writes messages for the channel, and would wait here with the alert held that is settled next.
 */
export async function noteTaken(tx: Transaction, id: string, now: Date): Promise<boolean> {
  const { rows } = await sql<{ failing: boolean }>`
    with old as (select failing_since from alert_channel where id = ${id} for no key update)
    update alert_channel set failures = 0, failing_since = null, last_error = null, delivered_at = ${now} from old
    where id = ${id} returning old.failing_since is not null as failing`.execute(tx)
  return rows[0]?.failing ?? false
}

/** A channel took nothing. True: it begins to fail. */
export async function noteFailed(
  tx: Transaction,
  id: string,
  { error, now }: { readonly error: string; readonly now: Date },
): Promise<boolean> {
  const { rows } = await sql<{ failures: number }>`
    update alert_channel set failures = failures + 1, failing_since = coalesce(failing_since, ${now}),
      last_error = ${error} where id = ${id} returning failures`.execute(tx)
  return rows[0]?.failures === 1
}

/** Some channel has it: what was said of it as undelivered is over. */
export const noteDelivered = async (tx: Transaction, alertId: string, now: Date): Promise<void> =>
  void (await sql`
    update alert set undelivered_at = null, moved_at = ${now} where id = ${alertId}`.execute(tx))

/**
 * Marks an alert that no channel took since it was told: each of them has had so many tries, or will never take it.
 * Once: of many that find it at the same time one is answered true.
 */
export async function markUndelivered(
  tx: Transaction,
  { alertId, triesMin, now }: { readonly alertId: string; readonly triesMin: number; readonly now: Date },
): Promise<boolean> {
  const { rows } = await sql`
    update alert set undelivered_at = ${now}, moved_at = ${now}
    where id = ${alertId} and undelivered_at is null and not exists (
      select from alert_delivery where alert_id = alert.id and created_at >= alert.told_at
        and (state = 'delivered' or (state = 'waiting' and attempts < ${triesMin}::int)))
    returning id`.execute(tx)
  return rows.length > 0
}

/** Seconds until the next message is due, below zero when that is late; null: none waits. */
export async function nextMessageDueInSeconds(db: Store, now: Date): Promise<number | null> {
  const { rows } = await sql<{ due: Date | null }>`
    select min(greatest(due_at, coalesce(claimed_until, due_at))) as due
    from alert_delivery where state = 'waiting'`.execute(db)
  const due = rows[0]?.due ?? null
  return due === null ? null : (due.getTime() - now.getTime()) / 1000
}

/** Old alerts go, with their messages: those that nobody has raised since. Answers how many. */
export async function deleteOldAlerts(
  tx: Transaction,
  { before, limit }: { readonly before: Date; readonly limit: number },
): Promise<number> {
  const { rows } = await sql`
    delete from alert where id in (
      select id from alert where moved_at < ${before} order by moved_at limit ${limit}::int) returning id`.execute(tx)
  return rows.length
}

/** What stands now, for the status and the gauges. */
export interface AlertCounts {
  readonly open: Readonly<Record<string, number>>
  readonly undelivered: number
  readonly channels: number
  readonly failing: number
  readonly waiting: number
  readonly dead: number
}

export async function readAlertCounts(db: Store): Promise<AlertCounts> {
  const open = await sql<{ severity: string; count: number; undelivered: number }>`
    select severity, count(*)::int as count, (count(undelivered_at))::int as undelivered
    from alert where state = 'open' group by severity`.execute(db)
  const channels = await sql<{ channels: number; failing: number }>`
    select count(*)::int as channels, count(failing_since)::int as failing
    from alert_channel where disabled_at is null`.execute(db)
  const messages = await sql<{ waiting: number; dead: number }>`
    select (count(*) filter (where state = 'waiting'))::int as waiting,
      (count(*) filter (where state = 'dead'))::int as dead
    from alert_delivery where state <> 'delivered'`.execute(db)
  return {
    open: Object.fromEntries(open.rows.map(({ severity, count }) => [severity, count])),
    undelivered: open.rows.reduce((sum, { undelivered }) => sum + undelivered, 0),
    channels: channels.rows[0]?.channels ?? 0,
    failing: channels.rows[0]?.failing ?? 0,
    waiting: messages.rows[0]?.waiting ?? 0,
    dead: messages.rows[0]?.dead ?? 0,
  }
}
