import { sql, type Kysely } from 'kysely'

/**
 * Drills of emergency access. When its approvers were enough and when its session would have begun is kept. INVARIANT,
 * by the database itself: no drill is ever active, and no emergency session belongs to one.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table break_glass_request add column approved_at timestamptz, add column finished_at timestamptz,
      add check (not drill or state <> 'active'), add check (drill or finished_at is null), add unique (id, drill);
    alter table emergency_session add column of_drill boolean generated always as (false) stored,
      add foreign key (request_id, of_drill) references break_glass_request (id, drill);
  `)
    .execute(db)
}
