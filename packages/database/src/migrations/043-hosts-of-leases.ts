import { sql, type Kysely } from 'kysely'

/**
 * Which host a lease opens, by its id: its role holds the name that the host had then. A lease that never got a
 * credential has none.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table lease add column host_id uuid references ssh_host;
    update lease set host_id = ssh_key.host_id from ssh_key where ssh_key.lease_id = lease.id;
    update lease set host_id = ssh_certificate.host_id from ssh_certificate
      where ssh_certificate.lease_id = lease.id;
    create index lease_by_host on lease (host_id, issued_at desc, id desc) where host_id is not null;
  `)
    .execute(db)
}
