import { sql, type Kysely } from 'kysely'

/**
 * Everybody who may approve asks every half minute what waits, and who asked looks at their own: both are few among all
 * that ever was, and are found without reading it. What nobody decided keeps its state in the row for ever, so that
 * what is open is found by its end.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create index approval_open on approval (expires_at) where state in ('pending', 'approved');
    create index approval_of_requester on approval (requester_id, created_at desc, id desc);
    create index approval_of_workspace on approval (workspace_id, created_at desc, id desc);
  `)
    .execute(db)
}
