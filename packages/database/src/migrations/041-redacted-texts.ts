import { sql, type Kysely } from 'kysely'

/**
 * Which values of others an erasure took out, so that it can be done again over a restored backup; and which sinks have
 * to write their files anew, and from where.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table audit_erasure add column redactions jsonb not null default '[]';
    alter table audit_sink add column anew boolean not null default false;
    alter table audit_sink add column begins_after bigint not null default -1;
  `)
    .execute(db)
}
