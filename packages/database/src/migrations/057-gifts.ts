import { sql, type Kysely } from 'kysely'

/** What people got from one another, by which an approver may be bound to who asks; and keys that sign votes. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table person_gift (id uuid primary key, user_id uuid not null references users on delete cascade,
      giver_id uuid not null, what text not null check (what in ('account', 'role', 'team')), given text,
      at timestamptz not null, check ((what = 'account') = (given is null)));
    create index person_gift_of on person_gift (user_id, at);
    alter table webauthn_challenge drop constraint webauthn_challenge_purpose_check;
    alter table webauthn_challenge add constraint webauthn_challenge_purpose_check
      check (purpose in ('registration', 'secondFactor', 'stepUp', 'passkey', 'vote'));
  `)
    .execute(db)
}
