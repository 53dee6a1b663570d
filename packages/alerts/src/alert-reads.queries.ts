import type { AlertSeverity, Output } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'
import type { AlertRow } from './alert.queries.ts'

/** What became of a message of an alert. */
export interface AlertDelivery {
  readonly alert_id: string
  readonly channel: string
  readonly state: Output<'alert.list'>['items'][number]['deliveries'][number]['state']
  readonly attempts: number
  readonly error: string | null
  readonly at: Date
}

/** What a list is looked for by. */
export interface AlertFilters {
  readonly state: AlertRow['state'] | null
  readonly kind: string | null
  readonly severities: readonly AlertSeverity[]
}

/** Alerts, newest first. */
export async function selectAlerts(
  db: Store,
  { state, kind, severities }: AlertFilters,
  { after, limit }: { readonly after: { readonly at: Date; readonly id: string } | null; readonly limit: number },
): Promise<AlertRow[]> {
  const { rows } = await sql<AlertRow>`
    select * from alert
    where (${state}::text is null or state = ${state}) and (${kind}::text is null or kind = ${kind})
      and severity = any (${sql.val([...severities])}::text[])
      and ${after === null ? sql`true` : sql`(first_at, id) < (${after.at}, ${after.id}::uuid)`}
    order by first_at desc, id desc limit ${limit}::int`.execute(db)
  return rows
}

export async function selectAlert(db: Store, id: string): Promise<AlertRow | null> {
  const { rows } = await sql<AlertRow>`select * from alert where id = ${id}::uuid`.execute(db)
  return rows[0] ?? null
}

/** Open alerts, the newest, and those that moved since a moment: what is watched. */
export async function readMovingAlerts(
  db: Store,
  { movedSince, limit }: { readonly movedSince: Date; readonly limit: number },
): Promise<AlertRow[]> {
  const { rows } = await sql<AlertRow>`
    select * from alert where state = 'open' or moved_at >= ${movedSince}
    order by first_at desc, id desc limit ${limit}::int`.execute(db)
  return rows.toReversed()
}

/** The messages of alerts since they were told last, by the names of their channels. */
export async function selectDeliveries(db: Store, alertIds: readonly string[]): Promise<AlertDelivery[]> {
  if (alertIds.length === 0) return []
  const { rows } = await sql<AlertDelivery>`
    select alert_id, alert_channel.name as channel, alert_delivery.state, attempts, error,
      coalesce(ended_at, alert_delivery.created_at) as at
    from alert_delivery join alert_channel on alert_channel.id = channel_id join alert on alert.id = alert_id
    where alert_id = any (${sql.val([...alertIds])}::uuid[]) and alert_delivery.created_at >= told_at
    order by alert_channel.name`.execute(db)
  return rows
}

/** Acknowledges an alert. False: it is acknowledged already, or there is none. */
export async function acknowledge(
  tx: Transaction,
  { id, by, note, now }: { readonly id: string; readonly by: string; readonly note: string | null; readonly now: Date },
): Promise<boolean> {
  const { rows } = await sql`
    update alert set state = 'acknowledged', acknowledged_at = ${now}, acknowledged_by = ${by}::uuid,
      acknowledgement = ${note}, moved_at = ${now}
    where id = ${id}::uuid and state = 'open' returning id`.execute(tx)
  return rows.length > 0
}

/** What is left of an erased person: that somebody acknowledged it. */
export const forgetAcknowledger = async (tx: Transaction, id: string): Promise<void> =>
  void (await sql`
    update alert set acknowledged_by = null, acknowledgement = null where acknowledged_by = ${id}::uuid`.execute(tx))
