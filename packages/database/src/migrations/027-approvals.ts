import { sql, type Kysely } from 'kysely'

/**
 * Approvals of any call, the platform's included, and since when somebody has a role: who has just been made an Admin
 * is no second person yet. What is open is asked for anew: it is bound to a call in the old form.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table user_role add column granted_at timestamptz not null default now();
    update user_role r set granted_at = u.created_at from users u where u.id = r.user_id;

    update approval set state = 'cancelled', decision_reason = 'Gatehouse was upgraded; request it again'
      where state in ('pending', 'approved');
    alter table approval alter column subject_id drop not null, add column resource_type text not null default 'User',
      add column resource_id text, add column workspace_id text references workspace on delete cascade,
      add column parameters text[] not null default '{}',
      add column risk text not null default 'high' check (risk in ('low', 'medium', 'high')),
      add column call_hash bytea;
    update approval set resource_id = subject_id::text, call_hash = request_hash;
    alter table approval alter column resource_id set not null, alter column call_hash set not null;
    drop index approval_one_open;
    create unique index approval_one_open on approval (requester_id, call_hash) where state in ('pending', 'approved');
  `)
    .execute(db)
}
