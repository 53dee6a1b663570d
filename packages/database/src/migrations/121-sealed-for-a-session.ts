import { sql, type Kysely } from 'kysely'

/**
 * What is said of a caller may be kept as all entries of their session have it. Not validated: what is there was held
 * to the narrower rule, and reading all of it again would hold up whoever calls.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    alter table audit_personal drop constraint audit_personal_part_check;
    alter table audit_personal add constraint audit_personal_part_check
      check (part in ('caller', 'caller-in-session', 'input')) not valid`)
    .execute(db)
}
