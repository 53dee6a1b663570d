import { sql, type Kysely } from 'kysely'

/**
 * What the audit log is searched by and is rare in it has an index of its own: the entries of a log-in or a token, what
 * was not simply done, what was denied, and things of one type. What is common is found by time. Sorted by action, what
 * is no read must not be looked for among the reads.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create index audit_entry_session on audit_entry (session_id, at desc) where session_id is not null;
    create index audit_entry_not_done on audit_entry (outcome, at desc, id desc) where outcome <> 'allowed';
    create index audit_entry_denied on audit_entry (at desc, id desc) where effect = 'deny';
    create index audit_entry_action_not_read on audit_entry (action, at desc, id desc) where kind <> 'read';
    create index audit_entry_resource_type on audit_entry (resource_type, at desc);
  `)
    .execute(db)
}
