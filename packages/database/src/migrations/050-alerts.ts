import { sql, type Kysely } from 'kysely'

/**
 * What people have to look at, the channels that it leaves by, and one row for each message to one of them. A message
 * is written in the transaction that finds what it tells: neither is there without the other.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table alert (id uuid primary key, kind text not null,
      severity text not null check (severity in ('critical', 'high', 'medium', 'low')),
      about_type text not null, about_id text not null, dedupe_key text not null, facts text not null,
      count integer not null default 1, state text not null check (state in ('open', 'acknowledged')),
      first_at timestamptz not null, last_at timestamptz not null, told_at timestamptz not null,
      moved_at timestamptz not null, acknowledged_at timestamptz, acknowledged_by uuid, acknowledgement text,
      undelivered_at timestamptz);
    create unique index alert_open on alert (kind, dedupe_key) where state = 'open';
    create index alert_known on alert (kind, dedupe_key, first_at desc);
    create index alert_order on alert (first_at desc, id desc);
    create index alert_moved on alert (moved_at);
    create table alert_channel (id uuid primary key, name text not null unique,
      kind text not null check (kind in ('mail', 'webhook', 'slack', 'pagerduty')),
      target bytea not null, shown text not null, secret bytea, authority text,
      severity text not null check (severity in ('critical', 'high', 'medium', 'low')),
      failures integer not null default 0, failing_since timestamptz, last_error text, delivered_at timestamptz,
      created_at timestamptz not null, created_by uuid);
    create table alert_delivery (id uuid primary key, alert_id uuid not null references alert on delete cascade,
      channel_id uuid not null references alert_channel on delete cascade,
      state text not null check (state in ('waiting', 'delivered', 'dead')), attempts integer not null default 0,
      due_at timestamptz not null, claim uuid, claimed_until timestamptz, error text,
      created_at timestamptz not null, ended_at timestamptz);
    create unique index alert_delivery_waiting on alert_delivery (alert_id, channel_id) where state = 'waiting';
    create index alert_delivery_due on alert_delivery (due_at) where state = 'waiting';
    create index alert_delivery_alert on alert_delivery (alert_id);
    create index alert_delivery_channel on alert_delivery (channel_id);
  `)
    .execute(db)
}
