import { sql, type Kysely } from 'kysely'

/** A browser that proves a factor for a session elsewhere: the grant names the session that it raises. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table device_grant add column raises uuid references session on delete cascade;
    alter table device_grant add constraint device_grant_raises_its_own check (raises is null or user_id is not null);
  `)
    .execute(db)
}
