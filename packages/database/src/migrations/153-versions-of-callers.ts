import { sql, type Kysely } from 'kysely'

/**
 * Rows that say something of a person move the person's own row, so that its version (`xmin`) says of all of them
 * whether they are as they were. Locks of a role are about as many people as there are: each lock moves one row that
 * stands for all of them, by one statement, whoever waits for whom.
 */
const movers = `
  create function person_is_moved() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp
  as $body$
  begin
    if tg_op <> 'INSERT' then update public.users set id = id where id = old.user_id; end if;
    if tg_op <> 'DELETE' and (tg_op = 'INSERT' or new.user_id <> old.user_id) then
      update public.users set id = id where id = new.user_id;
    end if;
    return null;
  end $body$;
  create trigger person_is_moved after insert or delete or update on user_role
    for each row execute function person_is_moved();
  create trigger person_is_moved after insert or delete or update on team_member
    for each row execute function person_is_moved();

  create function person_is_moved_by_factor() returns trigger language plpgsql
  set search_path = pg_catalog, public, pg_temp as $body$
  begin
    if new.confirmed_at is distinct from old.confirmed_at or new.user_id <> old.user_id then
      update public.users set id = id where id in (old.user_id, new.user_id);
    end if;
    return null;
  end $body$;
  create trigger person_is_moved after insert or delete on authenticator
    for each row execute function person_is_moved();
  create trigger person_is_moved_by_factor after update on authenticator
    for each row execute function person_is_moved_by_factor();

  create function members_are_moved() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp
  as $body$
  begin
    update public.users set id = id where id in (
      select held.id from public.users as held
      where held.id in (select user_id from public.team_member where team_id = new.id)
      order by held.id for no key update);
    return null;
  end $body$;
  create trigger members_are_moved after update of name on team for each row when (old.name <> new.name)
    execute function members_are_moved();

  create table access_lock_version (number bigint not null);
  insert into access_lock_version values (1);
  create function locks_are_moved() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp
  as $body$
  begin
    update public.access_lock_version set number = number + 1;
    return null;
  end $body$;
  create trigger locks_are_moved after insert or update or delete on access_lock
    for each statement execute function locks_are_moved()`

/** `movedCallers` as it is at this version, seen at the moment when it is called: as `callers_are_same` of 140. */
const areSame = `
  create function callers_are_unmoved(sessions uuid[], tokens uuid[], versions text[])
  returns boolean language plpgsql volatile as $body$
  begin
    return not exists (select from unnest(sessions, tokens, versions) as asked (session_id, token_id, version)
      where (
        select s.xmin || ' ' || u.xmin || ' ' || l.xmin
        from (select user_id, xmin from session where id = asked.session_id offset 0) as s
          join users u on u.id = s.user_id cross join access_lock_version l
        where not exists (select from revoked_token k where k.jti = asked.token_id))
        is distinct from asked.version);
  end $body$`

/** `callers_are_same` stays for processes of the version before, which are still running beside. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [movers, areSame]) await sql.raw(statement).execute(db)
}
