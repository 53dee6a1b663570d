import { sql, type Kysely } from 'kysely'

/**
 * What became of asking whether a revoked credential is dead: for each such lease the question, and the refusal with
 * its signature once it came.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table lease_proof (lease_id uuid primary key references lease,
      state text not null check (state in ('waiting', 'refused', 'ended', 'given-up')),
      revoked_at timestamptz not null, due_at timestamptz, attempts integer not null default 0,
      asked_at timestamptz, provider text, last_answer text,
      refused_at timestamptz, statement text, signature text, signed_by text,
      check ((state = 'waiting') = (due_at is not null)),
      check ((state = 'refused') = (refused_at is not null)),
      check ((refused_at is null) = (statement is null)),
      check ((statement is null) = (signature is null) and (statement is null) = (signed_by is null)));
    create index lease_proof_due on lease_proof (due_at) where due_at is not null;
  `)
    .execute(db)
}
