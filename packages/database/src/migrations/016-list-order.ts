import { sql, type Kysely } from 'kysely'

/** Lists by name and by end: a page of a long list is read from an index, not sorted anew. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create index users_by_name on users (lower(username) collate "C", id);
    create index users_by_age on users (created_at, id);
    create index team_by_name on team (lower(name) collate "C", id);
    create index ssh_host_by_name on ssh_host (lower(name) collate "C", id);
    create index lease_by_holder on lease (lower(principal_name) collate "C", id);
    create index lease_by_end on lease (expires_at, id);
    create index ssh_certificate_by_name on ssh_certificate (lower(key_id) collate "C", id);
    create index ssh_certificate_by_end on ssh_certificate (valid_before, id);
  `)
    .execute(db)
}
