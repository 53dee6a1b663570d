import { sql, type Kysely } from 'kysely'

/**
 * Environments with tiers, and a calendar for each workspace. What a workspace said of itself (tier, time zone) is
 * kept: as the environment of that tier, and as a calendar where the zone was another than the environment's.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table environment (
      id text primary key, tier text not null check (tier in ('development', 'staging', 'production')),
      requires_mfa boolean not null, requires_approval boolean not null, time_zone text not null,
      networks text[] not null, updated_at timestamptz, updated_by uuid references users on delete set null);
    insert into environment (id, tier, requires_mfa, requires_approval, time_zone, networks) values
      ('development', 'development', false, false, 'UTC', '{}'), ('staging', 'staging', false, false, 'UTC', '{}'),
      ('production', 'production', true, true, 'UTC', '{}');

    alter table workspace add column environment text not null default 'development' references environment;
    update workspace set environment = tier;
    create index workspace_environment on workspace (environment);
    create table workspace_calendar (
      workspace_id text primary key references workspace on delete cascade, time_zone text,
      business_hours text[] not null, holidays text[] not null,
      updated_at timestamptz not null, updated_by uuid references users on delete set null);
    insert into workspace_calendar (workspace_id, time_zone, business_hours, holidays, updated_at)
      select id, time_zone, '{mon-fri 08:00-18:00}', '{}', created_at from workspace where time_zone <> 'UTC';
    alter table workspace drop column tier, drop column time_zone;

    create table on_call_shift (
      id uuid primary key, workspace_id text not null references workspace on delete cascade,
      user_id uuid not null references users on delete cascade, starts_at timestamptz not null,
      ends_at timestamptz not null, check (starts_at < ends_at));
    create index on_call_shift_workspace on on_call_shift (workspace_id, starts_at);
    create index on_call_shift_user on on_call_shift (user_id);
  `)
    .execute(db)
}
