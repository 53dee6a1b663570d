import { sql, type Kysely } from 'kysely'

/**
 * Incidents, what happened in each and when, their clocks, evidence, actions and the notices of a breach. A clock is a
 * row: what it waits for is there after any crash, and one update fires it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table incident (id uuid primary key, title text not null, kind text not null,
      severity text not null check (severity in ('critical', 'high', 'medium', 'low')),
      state text not null check (state in ('detected', 'triaged', 'contained', 'eradicated', 'recovered',
        'post-mortem', 'closed', 'false-positive')),
      description text not null, classification text not null, affected text not null, data_subjects text not null,
      functions text[] not null, owner_id uuid, breach boolean not null, dedupe_key text,
      detected_at timestamptz not null, state_since timestamptz not null, created_at timestamptz not null,
      opened_by_type text not null, opened_by text, notified_at timestamptz,
      resolution text, unfinished text, closed_at timestamptz);
    create unique index incident_same on incident (dedupe_key) where state not in ('closed', 'false-positive');
    create index incident_order on incident (created_at desc, id desc);
    create table incident_step (id uuid primary key, incident_id uuid not null references incident on delete cascade,
      at timestamptz not null, kind text not null, state text, text text not null, entry_id uuid,
      author_type text not null, author_id text, created_at timestamptz not null);
    create index incident_step_order on incident_step (incident_id, at, created_at);
    create unique index incident_step_entry on incident_step (incident_id, entry_id) where entry_id is not null;
    create table incident_clock (incident_id uuid not null references incident on delete cascade, name text not null,
      due_at timestamptz not null, state text not null check (state in ('waiting', 'fired', 'met')),
      primary key (incident_id, name));
    create index incident_clock_due on incident_clock (due_at) where state = 'waiting';
    create table incident_evidence (id uuid primary key,
      incident_id uuid not null references incident on delete cascade, name text not null, sha256 text not null,
      size bigint, location text not null, description text not null, added_by uuid, added_at timestamptz not null,
      unique (incident_id, sha256));
    create table incident_action (id uuid primary key, incident_id uuid not null references incident on delete cascade,
      what text not null, owner_id uuid, due_at timestamptz, done_at timestamptz, done_by uuid,
      created_at timestamptz not null);
    create index incident_action_of on incident_action (incident_id);
    create table incident_notice (id uuid primary key, incident_id uuid not null references incident on delete cascade,
      version integer not null, parts text not null, document text not null, missing text[] not null,
      sent_to text, sent_at timestamptz, written_by uuid, written_at timestamptz not null,
      unique (incident_id, version));
  `)
    .execute(db)
}
