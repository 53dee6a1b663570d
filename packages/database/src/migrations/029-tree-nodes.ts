import { sql, type Kysely } from 'kysely'

/**
 * The hashes of whole subtrees of 256, 65,536, … leaves, so that a tile or a proof of a large log is made from some
 * hundred hashes and not from all leaves. They say nothing that the leaves do not say; `audit verify` compares them.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(`
    create table audit_node (level smallint not null check (level > 0), index bigint not null check (index >= 0),
      hash bytea not null check (octet_length(hash) = 32), primary key (level, index));
  `)
    .execute(db)
}
