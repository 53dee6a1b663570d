import { sql, type Kysely } from 'kysely'

/**
 * SSH CAs of others: each signs for the hosts that name it, in place of our own CA. A certificate that one has signed
 * keeps the key that did, by which the revocation list names it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table ssh_vault_authority (id uuid primary key, name text not null, address text not null,
      mount text not null, role text not null, certificate text, token bytea, public_key text not null,
      previous_key text, previous_until timestamptz, checked_at timestamptz not null,
      created_at timestamptz not null, removed_at timestamptz,
      check ((previous_key is null) = (previous_until is null)),
      check ((removed_at is null) = (token is not null)));
    create unique index ssh_vault_authority_name on ssh_vault_authority (name) where removed_at is null;
    alter table ssh_host add column authority_id uuid references ssh_vault_authority;
    create index ssh_host_authority on ssh_host (authority_id) where authority_id is not null;
    alter table ssh_certificate add column authority_id uuid references ssh_vault_authority, add column ca_key text,
      add check ((authority_id is null) = (ca_key is null));
  `)
    .execute(db)
}
