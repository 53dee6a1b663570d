import { sql, type Kysely } from 'kysely'

/** Approvals, invitations, and what it takes to send mail from rows. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table notification add column mail_attempts integer not null default 0, add column mail_due_at timestamptz;
    create table invitation (
      id uuid primary key, user_id uuid not null unique references users on delete cascade, hash bytea not null unique,
      token bytea,
      created_at timestamptz not null, expires_at timestamptz not null, accepted_at timestamptz,
      mail_claimed_at timestamptz, mailed_at timestamptz, mail_attempts integer not null default 0,
      mail_due_at timestamptz);
    create index invitation_unmailed on invitation (created_at) where token is not null;
    create table approval (
      id uuid primary key, action text not null, requester_id uuid not null references users on delete cascade,
      subject_id uuid not null references users on delete cascade,
      request_hash bytea not null, reason text not null, ticket text,
      state text not null check (state in ('pending', 'approved', 'denied', 'cancelled', 'expired', 'used')),
      approver_id uuid references users on delete set null, decision_reason text, created_at timestamptz not null,
      expires_at timestamptz not null, decided_at timestamptz, used_at timestamptz);
    create unique index approval_one_open on approval (requester_id, subject_id, action)
      where state in ('pending', 'approved');
    create index approval_created on approval (created_at desc, id desc);
    create index approval_of_approver on approval (approver_id) where state = 'approved';
    create index approval_of_subject on approval (subject_id);
  `)
    .execute(db)
}
