import { sql, type Kysely } from 'kysely'

/** People whose row a statement moves, all of them at once: `come` is what it wrote, `gone` what it took away. */
const movedBy = (come: string, gone: string): string => `
  declare people uuid[];
  begin
    if tg_op = 'INSERT' then people := array(${come});
    elsif tg_op = 'DELETE' then people := array(${gone});
    else people := array(${come} union ${gone});
    end if;
    if cardinality(people) > 0 then
      perform from public.users where id = any(people) order by id for no key update;
      update public.users set id = id where id = any(people);
    end if;
    return null;
  end`

/**
 * One trigger for each event; the first takes the place of one of 153 by its name. To drop that one would shut out
 * whoever reads the table: a process of the version before looks at its callers meanwhile, in several tables at once,
 * and one of both would be ended.
 */
const byStatement = (
  table: string,
  name: string,
  { before, events }: { readonly before: string; readonly events: readonly ('insert' | 'update' | 'delete')[] },
): readonly string[] =>
  events.map((event, index) => {
    const [come, gone] = [event === 'delete' ? '' : 'new table as come', event === 'insert' ? '' : 'old table as gone']
    return `create or replace trigger ${index === 0 ? before : `${name}_by_${event}`} after ${event} on ${table}
      referencing ${gone} ${come} for each statement execute function ${name}()`
  })
const all = ['insert', 'update', 'delete'] as const

/**
 * By the order of their ids, as `members_are_moved` of 153 has it. Row by row, two teams that were deleted at once
 * waited for each other's members.
 */
const people = [
  `create function people_are_moved() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp
  as $body$ ${movedBy('select user_id from come', 'select user_id from gone')} $body$`,
  ...byStatement('user_role', 'people_are_moved', { before: 'person_is_moved', events: all }),
  ...byStatement('team_member', 'people_are_moved', { before: 'person_is_moved', events: all }),
]

/**
 * A factor says something of its person once it is confirmed: what was begun and is pruned moves nobody. One that is
 * written anew is looked at by 153.
 */
const confirmed = (table: string): string => `select user_id from ${table} where confirmed_at is not null`
const factors = [
  `create function people_are_moved_by_factor() returns trigger language plpgsql
  set search_path = pg_catalog, public, pg_temp as $body$ ${movedBy(confirmed('come'), confirmed('gone'))} $body$`,
  ...byStatement('authenticator', 'people_are_moved_by_factor', {
    before: 'person_is_moved',
    events: ['insert', 'delete'],
  }),
]

/**
 * Only what a lock says of anybody moves the row of all locks. A statement that found none, as of whoever is erased,
 * held that row for as long as its transaction took: an erasure looks through the whole audit log, and no lock could be
 * made or removed meanwhile.
 */
const said = 'id, kind, target, removed_at, expires_at'
const locks = [
  `create or replace function locks_are_moved() returns trigger language plpgsql
  set search_path = pg_catalog, public, pg_temp as $body$
  declare are_moved boolean;
  begin
    if tg_op = 'INSERT' then are_moved := exists (select from come);
    elsif tg_op = 'DELETE' then are_moved := exists (select from gone);
    else are_moved := exists (select ${said} from come except select ${said} from gone);
    end if;
    if are_moved then update public.access_lock_version set number = number + 1; end if;
    return null;
  end $body$`,
  ...byStatement('access_lock', 'locks_are_moved', { before: 'locks_are_moved', events: all }),
  // without it nobody would be let in, and with two everybody twice
  'create unique index access_lock_version_one on access_lock_version ((true))',
]

/** What moves the version of a caller (153) moves no more people than it has to, and all in one order. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...people, ...factors, 'drop function person_is_moved', ...locks])
    await sql.raw(statement).execute(db)
}
