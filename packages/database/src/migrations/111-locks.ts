import { sql, type Kysely } from 'kysely'

/**
 * What is denied, and until when. Whether a lock holds is for the database's own clock: one ends by time alone, on
 * every node at the same moment, and nothing has to run for it. `locked_principal` is whoever is denied now, by a lock
 * of their own or of a role of theirs: a view and no function, so that it is planned as a part of the statement that
 * asks.
 *
 * `access_lock_over` answers the kind of a lock over any of some things, and has whoever makes such a lock wait until
 * the transaction ends. Each of its statements sees what was committed before it, so what it waited for it sees.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table access_lock (id uuid primary key,
      kind text not null check (kind in ('principal', 'role', 'host', 'key', 'approval')),
      target text not null, name text not null, reason text not null,
      principal_id uuid generated always as (case when kind = 'principal' then target::uuid end) stored,
      owner_id uuid, created_at timestamptz(3) not null, created_by uuid, expires_at timestamptz(3),
      removed_at timestamptz(3), removed_by uuid, remove_reason text,
      check ((removed_at is null) = (remove_reason is null)));
    create index access_lock_standing on access_lock (kind, target) where removed_at is null;
    create index access_lock_principal on access_lock (principal_id)
      where removed_at is null and principal_id is not null;
    create index access_lock_order on access_lock (created_at desc, id desc);

    create view standing_lock as select kind, target, principal_id from access_lock
      where removed_at is null and (expires_at is null or expires_at > now());
    create view locked_principal as
      select principal_id as id from standing_lock where principal_id is not null
      union all
      select r.user_id from user_role r join standing_lock l on l.kind = 'role' and l.target = r.role::text;

    create function access_lock_number(kind text, target text) returns bigint language sql immutable as $body$
      select hashtextextended('gatehouse-lock ' || kind || ' ' || target, 0) $body$;
    create function access_lock_over(kinds text[], targets text[]) returns text language plpgsql volatile as $body$
    #variable_conflict use_column
    begin
      perform pg_advisory_xact_lock_shared(access_lock_number(asked.kind, asked.target)) from (
        select kind, target from unnest(kinds, targets) as given (kind, target)
        union all
        select 'role', r.role::text from unnest(kinds, targets) as given (kind, target)
          join user_role r on r.user_id = case when given.kind = 'principal' then given.target::uuid end) as asked;
      return (
        select given.kind from unnest(kinds, targets) as given (kind, target)
        where exists (select from standing_lock l where l.kind = given.kind and l.target = given.target)
          or exists (select from locked_principal p
            where p.id = case when given.kind = 'principal' then given.target::uuid end)
        limit 1);
    end $body$;
  `)
    .execute(db)
}
