import { sql, type Kysely } from 'kysely'

/**
 * The policy set that decides beside the one in force, and what it would have decided otherwise: counts by node, and
 * flips by kind, each under the hash of what makes the kind. Both go with the set that they are of. A double counts
 * exactly up to 2^53, and comes as a number.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table policy_shadow (shadow text primary key check (shadow = 'set'), id uuid not null unique,
      at timestamptz not null, version text not null, policies integer not null, files text not null,
      set_by uuid, reason text);
    create table policy_shadow_node (shadow_id uuid not null references policy_shadow (id) on delete cascade,
      node text not null, since timestamptz not null, seen_at timestamptz not null,
      decided double precision not null, dropped double precision not null, errored double precision not null,
      newly_allowed double precision not null, newly_denied double precision not null,
      unlisted double precision not null, problem text, primary key (shadow_id, node));
    create table policy_shadow_flip (shadow_id uuid not null references policy_shadow (id) on delete cascade,
      kind text not null, would text not null check (would in ('allow', 'deny')), policies text not null,
      was_policies text not null, errors text not null, action text not null, principal_type text not null,
      principal_id text not null, count double precision not null, first_at timestamptz not null,
      last_at timestamptz not null, example_id uuid not null, primary key (shadow_id, kind));
  `)
    .execute(db)
}
