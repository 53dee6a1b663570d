import { sql, type Kysely } from 'kysely'

/** Credentials of passkeys and security keys, and what they are asked to sign. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table webauthn_user (user_id uuid primary key references users on delete cascade,
      handle bytea not null unique);
    create table webauthn_credential (
      authenticator_id uuid primary key references authenticator on delete cascade,
      credential_id bytea not null unique, public_key bytea not null, counter bigint not null,
      transports text[] not null,
      passkey boolean not null, backup_eligible boolean not null, backed_up boolean not null,
      user_verified boolean not null, aaguid uuid not null, attestation_format text not null,
      attestation bytea not null, suspect_at timestamptz,
      check (backup_eligible or not backed_up));
    create table webauthn_challenge (
      id text primary key, purpose text not null check (purpose in ('registration', 'secondFactor', 'stepUp',
      'passkey')), bound_to text not null, user_id uuid references users on delete cascade,
      name text, passkey boolean, user_verification boolean not null, created_at timestamptz not null,
      expires_at timestamptz not null, used_at timestamptz);
    create index webauthn_challenge_bound on webauthn_challenge (purpose, bound_to, created_at desc);
    create index webauthn_challenge_expiry on webauthn_challenge (expires_at);
  `)
    .execute(db)
}
