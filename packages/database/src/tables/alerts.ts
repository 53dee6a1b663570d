import type { Generated } from 'kysely'

/** Something that a person has to look at. */
export interface AlertTable {
  id: string
  kind: string
  severity: 'critical' | 'high' | 'medium' | 'low'
  about_type: string
  about_id: string
  /** What makes two of a kind the same. */
  dedupe_key: string
  /** JSON text. */
  facts: string
  /** How often it was raised. */
  count: Generated<number>
  state: 'open' | 'acknowledged'
  first_at: Date
  last_at: Date
  /** When the channels were told last. */
  told_at: Date
  /** When anything of the row changed last: what watchers follow. */
  moved_at: Date
  acknowledged_at: Date | null
  acknowledged_by: string | null
  acknowledgement: string | null
  /** When it was found that no channel took it. */
  undelivered_at: Date | null
}
/** A place that alerts are sent to. */
export interface AlertChannelTable {
  id: string
  name: string
  kind: 'mail' | 'webhook' | 'slack' | 'pagerduty'
  /** Sealed: an address may be a secret by itself. */
  target: Buffer
  /** What people know it by; nothing that lets one send to it. */
  shown: string
  /** Sealed: what a webhook is signed with. */
  secret: Buffer | null
  /** Whose certificates are trusted instead of the system's; PEM. */
  authority: string | null
  /** It gets alerts that are at least so severe. */
  severity: 'critical' | 'high' | 'medium' | 'low'
  failures: Generated<number>
  failing_since: Date | null
  last_error: string | null
  delivered_at: Date | null
  /** Since when nothing is sent to it; null: it is on. */
  disabled_at: Generated<Date | null>
  created_at: Date
  created_by: string | null
}
/** One message of one alert to one channel. */
export interface AlertDeliveryTable {
  id: string
  alert_id: string
  channel_id: string
  state: 'waiting' | 'delivered' | 'dead'
  attempts: Generated<number>
  due_at: Date
  claim: string | null
  claimed_until: Date | null
  error: string | null
  created_at: Date
  ended_at: Date | null
}
/** What was counted in the window that began with the first of it. */
export interface AlertWindowTable {
  name: string
  window_start: Date
  count: number
}
