import { sql, type Kysely } from 'kysely'

/**
 * Old checkpoints go, but for the last of each hour (UTC). The function is the only way: it runs by the owner's rights,
 * so that the sequencer's role, which may write checkpoints, can still remove none of its own choice.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create function audit_prune_checkpoints(rows_max integer) returns integer
    language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $body$
      with old as (
        select size from public.audit_checkpoint as one
        where one.signed_at < clock_timestamp() - interval '1 day'
          and date_trunc('hour', one.signed_at, 'UTC') = date_trunc('hour', (
            select later.signed_at from public.audit_checkpoint as later
            where later.size > one.size order by later.size limit 1), 'UTC')
        order by size limit rows_max),
      gone as (delete from public.audit_checkpoint using old where audit_checkpoint.size = old.size returning 1)
      select count(*)::integer from gone
    $body$;
    revoke all on function audit_prune_checkpoints(integer) from public;
  `)
    .execute(db)
}
