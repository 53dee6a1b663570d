import { sql, type Kysely } from 'kysely'

/**
 * Hosts are known by their key and by their place, each once in the whole system, so that no credential for one entry
 * opens another. Hosts are removed by a mark: keys and certificates still name them.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table ssh_host
      add column unbound boolean not null default false,
      add column key_seen_at timestamptz,
      add column contact_waiver text,
      add column removed_at timestamptz;
    update ssh_host set address = lower(address);

    -- an earlier version took the same machine twice; the first entry stays
    update ssh_host set removed_at = now() where exists (
      select from ssh_host earlier
      where (earlier.created_at, earlier.id) < (ssh_host.created_at, ssh_host.id)
        and ((earlier.address = ssh_host.address and earlier.port = ssh_host.port)
          or split_part(earlier.host_key, ' ', 2) = split_part(ssh_host.host_key, ' ', 2)));

    alter table ssh_host drop constraint ssh_host_name_key;
    create unique index ssh_host_name on ssh_host (lower(name)) where removed_at is null;
    create unique index ssh_host_place on ssh_host (address, port) where removed_at is null;

    -- every host key that was pinned or seen, and whose it is; a removed host's key stays in its workspace
    create table ssh_host_key (
      fingerprint text primary key,
      host_id uuid references ssh_host,
      workspace_id text not null references workspace);
    create index ssh_host_key_host on ssh_host_key (host_id);
    insert into ssh_host_key (fingerprint, host_id, workspace_id)
      select 'SHA256:' || rtrim(encode(sha256(decode(split_part(host_key, ' ', 2), 'base64')), 'base64'), '='),
        id, workspace_id
      from ssh_host where removed_at is null;
  `)
    .execute(db)
}
