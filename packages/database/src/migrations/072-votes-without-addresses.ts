import { sql, type Kysely } from 'kysely'

/** Nothing reads from where somebody voted but the audit log, which erases it. Votes are written once, and cannot. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table break_glass_vote drop column address`.execute(db)
}
