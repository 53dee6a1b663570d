import type { AlertSeverity } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'
import { wakeChannel } from './alert.queries.ts'

/** A message that was given up. */
export interface DeadLetter {
  readonly id: string
  readonly alert_id: string
  readonly kind: string
  readonly severity: AlertSeverity
  readonly attempts: number
  readonly error: string | null
  readonly at: Date
}

/** Messages that a channel would not take, newest first. */
export async function selectDeadLetters(
  db: Store,
  channelId: string,
  { after, limit }: { readonly after: { readonly at: Date; readonly id: string } | null; readonly limit: number },
): Promise<DeadLetter[]> {
  const { rows } = await sql<DeadLetter>`
    select alert_delivery.id, alert_id, kind, severity, attempts, error, ended_at as at
    from alert_delivery join alert on alert.id = alert_id
    where channel_id = ${channelId}::uuid and alert_delivery.state = 'dead'
      and ${after === null ? sql`true` : sql`(ended_at, alert_delivery.id) < (${after.at}, ${after.id}::uuid)`}
    order by ended_at desc, alert_delivery.id desc limit ${limit}::int`.execute(db)
  return rows
}

/** Which dead letters; null: all of the channel. */
export interface WhichLetters {
  readonly channelId: string
  readonly letter: string | null
}

/**
 * Has dead letters sent again, each under its own id. Of several of one alert the newest goes, and none while another
 * message of that alert waits: nobody is told twice. Answers how many; `off`: the channel is switched off.
 */
export async function reviveDeadLetters(
  tx: Transaction,
  { channelId, letter, now }: WhichLetters & { readonly now: Date },
): Promise<number | 'off'> {
  const channel = await sql<{ off: boolean }>`
    select disabled_at is not null as off from alert_channel where id = ${channelId}::uuid for update`.execute(tx)
  if (channel.rows[0]?.off !== false) return 'off'
  const { rows } = await sql`
    with newest as (
      select distinct on (alert_id) id from alert_delivery as dead
      where channel_id = ${channelId}::uuid and state = 'dead' and (${letter}::uuid is null or id = ${letter}::uuid)
        and not exists (select from alert_delivery as other where other.alert_id = dead.alert_id
          and other.channel_id = dead.channel_id and other.state = 'waiting')
      order by alert_id, created_at desc)
    update alert_delivery set state = 'waiting', attempts = 0, due_at = ${now}, ended_at = null from newest
    where alert_delivery.id = newest.id and state = 'dead' returning alert_delivery.id`.execute(tx)
  await sql`select pg_notify(${wakeChannel}, '')`.execute(tx)
  return rows.length
}

/** Removes dead letters. Answers how many. */
export async function deleteDeadLetters(tx: Transaction, { channelId, letter }: WhichLetters): Promise<number> {
  const { rows } = await sql`
    delete from alert_delivery where channel_id = ${channelId}::uuid and state = 'dead'
      and (${letter}::uuid is null or id = ${letter}::uuid) returning id`.execute(tx)
  return rows.length
}
