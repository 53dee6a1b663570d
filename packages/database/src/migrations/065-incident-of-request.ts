import { sql, type Kysely } from 'kysely'

/** Which incident a request for emergency access is for. Earlier requests only say it in words. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table break_glass_request add column incident_id uuid references incident on delete set null;
    create index break_glass_request_incident on break_glass_request (incident_id) where incident_id is not null;
  `)
    .execute(db)
}
