import type { AlertSeverity } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { sql } from 'kysely'

/** An alert, as it is stored. */
export interface AlertRow {
  readonly id: string
  readonly kind: string
  readonly severity: AlertSeverity
  readonly about_type: string
  readonly about_id: string
  readonly facts: string
  readonly count: number
  readonly state: 'open' | 'acknowledged'
  readonly first_at: Date
  readonly last_at: Date
  readonly told_at: Date
  readonly acknowledged_at: Date | null
  readonly acknowledged_by: string | null
  readonly acknowledgement: string | null
  readonly undelivered_at: Date | null
}

/** What is the same as something raised before. */
export interface AlertKey {
  readonly kind: string
  readonly dedupeKey: string
}

/** The last alert of that kind about that thing, held until the transaction ends; null: there is none. */
export async function holdLastAlert(tx: Transaction, { kind, dedupeKey }: AlertKey): Promise<AlertRow | null> {
  const { rows } = await sql<AlertRow>`
    select * from alert where kind = ${kind} and dedupe_key = ${dedupeKey}
    order by first_at desc, id desc limit 1 for update`.execute(tx)
  return rows[0] ?? null
}

/** What a message may have missed of its alert. */
export type HeldAlert = Pick<AlertRow, 'severity' | 'told_at'>

/** An alert, held until the transaction ends; null: it is gone. */
export async function holdAlert(tx: Transaction, id: string): Promise<HeldAlert | null> {
  const { rows } = await sql<HeldAlert>`
    select severity, told_at from alert where id = ${id} for no key update`.execute(tx)
  return rows[0] ?? null
}

/** A new alert. */
export interface NewAlert extends AlertKey {
  readonly id: string
  readonly severity: AlertSeverity
  readonly about: { readonly type: string; readonly id: string }
  readonly facts: string
  readonly now: Date
}

/** Adds an alert. False: another transaction has just added the same; it is there now. */
export async function insertAlert(tx: Transaction, alert: NewAlert): Promise<boolean> {
  const { id, kind, severity, about, dedupeKey, facts, now } = alert
  const { rows } = await sql`
    insert into alert (id, kind, severity, about_type, about_id, dedupe_key, facts, state, first_at, last_at, told_at,
      moved_at)
    values (${id}, ${kind}, ${severity}, ${about.type}, ${about.id}, ${dedupeKey}, ${facts}, 'open', ${now}, ${now},
      ${now}, ${now})
    on conflict (kind, dedupe_key) where state = 'open' do nothing returning id`.execute(tx)
  return rows.length > 0
}

/** Counts an alert once more, with what is known of it now; `told`: and its channels are told again. */
export async function countAlert(
  tx: Transaction,
  one: Pick<NewAlert, 'id' | 'severity' | 'facts' | 'now'> & { readonly told: boolean },
): Promise<number> {
  const { id, severity, facts, now, told } = one
  const { rows } = await sql<{ count: number }>`
    update alert set count = count + 1, severity = ${severity}, facts = ${facts}, last_at = ${now}, moved_at = ${now},
      told_at = case when ${told}::boolean then ${now}::timestamptz else told_at end,
      undelivered_at = case when ${told}::boolean then null else undelivered_at end
    where id = ${id} returning count`.execute(tx)
  return rows[0]?.count ?? 0
}

/** What channels are told. */
export interface Telling {
  readonly alertId: string
  /** Absent: every one. */
  readonly channelId?: string
  readonly severity: AlertSeverity
  readonly now: Date
}

/**
 * Writes one message for each channel that wants to be told of it, or for one of them, and wakes whoever delivers once
 * the transaction is through. One that still waits for a channel says it anyway, and counts as of now; if it is on its
 * way already, another follows when that has ended. Answers how many wait.
 */
export async function tellChannels(tx: Transaction, { alertId, channelId, severity, now }: Telling): Promise<number> {
  await sql`
    insert into alert_delivery (id, alert_id, channel_id, state, due_at, created_at)
    select gen_random_uuid(), ${alertId}::uuid, id, 'waiting', ${now}::timestamptz, ${now}::timestamptz
    from alert_channel
    where disabled_at is null and id = coalesce(${channelId ?? null}::uuid, id)
      and array_position(array['low', 'medium', 'high', 'critical'], severity)
      <= array_position(array['low', 'medium', 'high', 'critical'], ${severity}::text)
    on conflict (alert_id, channel_id) where state = 'waiting' do update set created_at = excluded.created_at`.execute(
    tx,
  )
  const { rows } = await sql<{ waiting: number }>`
    select count(*)::int as waiting from alert_delivery where alert_id = ${alertId} and state = 'waiting'`.execute(tx)
  await sql`select pg_notify(${wakeChannel}, '')`.execute(tx)
  return rows[0]?.waiting ?? 0
}

/** What those who deliver listen on. PostgreSQL tells it after the commit, and tells nothing of what is rolled back. */
export const wakeChannel = 'gatehouse_alert'

/** Counts in the window that began with the first count, or in a new one when that is over. Answers the sum. */
export async function countInWindow(
  tx: Transaction,
  one: { readonly name: string; readonly counted: number; readonly now: Date; readonly windowSeconds: number },
): Promise<number> {
  const { name, counted, now, windowSeconds } = one
  const over = new Date(now.getTime() - windowSeconds * 1000)
  const { rows } = await sql<{ count: number }>`
    insert into alert_window as known (name, window_start, count) values (${name}, ${now}, ${counted}::int)
    on conflict (name) do update set
      count = case when known.window_start < ${over} then 0 else known.count end + excluded.count,
      window_start = case when known.window_start < ${over} then excluded.window_start else known.window_start end
    returning count`.execute(tx)
  return rows[0]?.count ?? 0
}

/** Whether there is any channel, whatever it wants to be told of. */
export async function isAnyChannel(tx: Transaction): Promise<boolean> {
  const { rows } = await sql`select from alert_channel where disabled_at is null limit 1`.execute(tx)
  return rows.length > 0
}

/** Marks an alert for which there is no channel that is on. */
export const markUnheard = async (tx: Transaction, id: string, now: Date): Promise<void> =>
  void (await sql`update alert set undelivered_at = ${now} where id = ${id}`.execute(tx))
