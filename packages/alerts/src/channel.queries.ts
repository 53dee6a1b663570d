import type { AlertSeverity } from '@gatehouse/contract'
import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'
import type { ChannelKind } from './channel-target.ts'

/** A channel, as it is stored. */
export interface ChannelRow {
  readonly id: string
  readonly name: string
  readonly kind: ChannelKind
  /** Sealed. */
  readonly target: Buffer
  readonly shown: string
  readonly authority: string | null
  readonly severity: AlertSeverity
  readonly failing_since: Date | null
  readonly last_error: string | null
  readonly delivered_at: Date | null
  /** Since when nothing is sent to it; null: it is on. */
  readonly disabled_at: Date | null
  readonly created_at: Date
}

/** A channel with what waits for it, and what it would not take. */
export interface ChannelState extends ChannelRow {
  readonly waiting: number
  readonly dead: number
}

/** Channels that there may be; each alert is a message to each of them. */
export const channelsMax = 20

/** Of two removals or changes at once the later one sees what the earlier has left. */
export const holdChannels = async (tx: Transaction): Promise<void> =>
  void (await sql`select pg_advisory_xact_lock(hashtext('gatehouse-alert-channels'))`.execute(tx))

/** Keeps a new channel. False: there are too many, or one of that name. */
export async function insertChannel(
  tx: Transaction,
  one: Omit<ChannelRow, 'failing_since' | 'last_error' | 'delivered_at' | 'disabled_at'> & {
    readonly created_by: string
  },
): Promise<boolean> {
  await holdChannels(tx)
  const { rows } = await sql`
    insert into alert_channel (id, name, kind, target, shown, authority, severity, created_at, created_by)
    select ${one.id}::uuid, ${one.name}, ${one.kind}, ${one.target}::bytea, ${one.shown}, ${one.authority},
      ${one.severity}, ${one.created_at}::timestamptz, ${one.created_by}::uuid
    where (select count(*) from alert_channel) < ${channelsMax}::int
    on conflict (name) do nothing returning id`.execute(tx)
  return rows.length > 0
}

/** Channels, newest first. */
export async function selectChannels(
  db: Store,
  { after, limit, id }: { after: { readonly at: Date; readonly id: string } | null; limit: number; id?: string },
): Promise<ChannelState[]> {
  const { rows } = await sql<ChannelState>`
    select alert_channel.*, messages.waiting, messages.dead from alert_channel, lateral (
      select (count(*) filter (where state = 'waiting'))::int as waiting,
        (count(*) filter (where state = 'dead'))::int as dead
      from alert_delivery where channel_id = alert_channel.id and state <> 'delivered') as messages
    where ${id === undefined ? sql`true` : sql`alert_channel.id = ${id}::uuid`}
      and ${after === null ? sql`true` : sql`(created_at, id) < (${after.at}, ${after.id}::uuid)`}
    order by created_at desc, id desc limit ${limit}::int`.execute(db)
  return rows
}

/** How many channels alerts are sent to besides one. */
export async function countOtherChannels(db: Store, id: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from alert_channel
    where id <> ${id}::uuid and disabled_at is null`.execute(db)
  return rows[0]?.count ?? 0
}

/** Removes a channel with what waits for it, if there is another; `last`: it is the only one, and stays. */
export async function deleteChannel(
  tx: Transaction,
  { id, evenLast }: { readonly id: string; readonly evenLast: boolean },
): Promise<'removed' | 'missing' | 'last'> {
  await holdChannels(tx)
  if (!evenLast && (await countOtherChannels(tx, id)) === 0) return 'last'
  const { rows } = await sql`delete from alert_channel where id = ${id}::uuid returning id`.execute(tx)
  return rows.length > 0 ? 'removed' : 'missing'
}

/** What of a channel is changed; null: it stays. */
export interface ChannelChange {
  readonly id: string
  readonly name: string | null
  readonly severity: AlertSeverity | null
  readonly disabledAt: Date | 'on' | null
  readonly target: { readonly sealed: Buffer; readonly shown: string } | null
  readonly authority: string | 'system' | null
  readonly now: Date
}

/**
 * Changes it, with the channels held. False: another has that name. What waits for a channel that moves or is switched
 * off is tried at once: there, or to be given up and told of.
 */
export async function changeChannel(tx: Transaction, one: ChannelChange): Promise<boolean> {
  const { id, target, authority, disabledAt } = one
  const moves = target !== null || authority !== null
  const { rows } = await sql`
    update alert_channel set name = coalesce(${one.name}, name), severity = coalesce(${one.severity}, severity),
      target = coalesce(${target?.sealed ?? null}::bytea, target), shown = coalesce(${target?.shown ?? null}, shown),
      authority = ${authority === 'system' ? sql`null` : sql`coalesce(${authority}, authority)`},
      disabled_at = ${disabledAt === 'on' ? sql`null` : sql`coalesce(disabled_at, ${disabledAt}::timestamptz)`},
      failures = case when ${moves}::boolean then 0 else failures end,
      failing_since = case when ${moves}::boolean then null else failing_since end,
      last_error = case when ${moves}::boolean then null else last_error end
    where id = ${id}::uuid
      and not exists (select from alert_channel as other where other.id <> ${id}::uuid and other.name = ${one.name})
    returning id`.execute(tx)
  if (rows.length > 0 && (moves || disabledAt !== null))
    await sql`
      update alert_delivery set due_at = ${one.now} where channel_id = ${id}::uuid and state = 'waiting'`.execute(tx)
  return rows.length > 0
}
