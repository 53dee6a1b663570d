import { sql, type Kysely } from 'kysely'

/**
 * What a look each second and the status read of emergency access: what lives and what waits for a review, and not all
 * that there ever was; and how often somebody has begun a session.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    drop index break_glass_request_open;
    create index break_glass_request_living on break_glass_request (created_at)
      where state in ('pending', 'approved', 'active');
    create index emergency_session_unreviewed on emergency_session (ended_at) where reviewed_at is null;
    create index emergency_session_user on emergency_session (user_id, activated_at);
  `)
    .execute(db)
}
