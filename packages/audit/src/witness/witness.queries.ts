import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'

/** How far a witness has come. */
export interface WitnessRow {
  readonly name: string
  /** The size that it last co-signed, as far as we know. */
  readonly size: string
  readonly failures: number
  readonly failing_since: Date | null
  readonly last_error: string | null
  readonly signed_at: Date | null
}

/** One that this process submits to, until its claim lapses. */
export interface ClaimedWitness extends WitnessRow {
  readonly claim: string
}

/** Notes the witnesses of the settings; those that are there stay as they are. */
export async function ensureWitnesses(db: Store, names: readonly string[], now: Date): Promise<void> {
  await sql`
    insert into audit_witness (name, due_at) select name, ${now}::timestamptz from unnest(${[...names]}::text[]) as name
    on conflict (name) do nothing`.execute(db)
}

/** Claims a witness that is due, if one is. A claim outlives its process by at most its time. */
export async function claimWitness(
  db: Store,
  { names, claim, now, until }: { names: readonly string[]; claim: string; now: Date; until: Date },
): Promise<ClaimedWitness | null> {
  const { rows } = await sql<ClaimedWitness>`
    update audit_witness set claim = ${claim}::uuid, claimed_until = ${until}
    where name = (select name from audit_witness
      where name = any(${[...names]}::text[]) and due_at <= ${now} and (claim is null or claimed_until < ${now})
      order by due_at limit 1 for update skip locked)
    returning name, size, failures, failing_since, last_error, signed_at, claim`.execute(db)
  return rows[0] ?? null
}

/**
 * Lets a claim go; false: it was another's by now. The next submission is due at a time. `size`: what the witness has
 * co-signed; null: as before.
 */
export async function settleWitness(
  db: Store,
  { name, claim }: Pick<ClaimedWitness, 'name' | 'claim'>,
  { size, dueAt, signedAt }: { readonly size: number | null; readonly dueAt: Date; readonly signedAt: Date | null },
): Promise<boolean> {
  const { rows } = await sql`
    update audit_witness set claim = null, claimed_until = null, due_at = ${dueAt}, failures = 0, failing_since = null,
      last_error = null, size = coalesce(${size}::bigint, size), signed_at = coalesce(${signedAt}, signed_at)
    where name = ${name} and claim = ${claim}::uuid returning name`.execute(db)
  return rows.length > 0
}

/** Lets a claim go after a failure; false: it was another's by now. */
export async function postponeWitness(
  db: Store,
  { name, claim }: Pick<ClaimedWitness, 'name' | 'claim'>,
  { error, now, dueAt }: { readonly error: string; readonly now: Date; readonly dueAt: Date },
): Promise<boolean> {
  const { rows } = await sql`
    update audit_witness set claim = null, claimed_until = null, due_at = ${dueAt}, failures = failures + 1,
      failing_since = coalesce(failing_since, ${now}), last_error = ${error}
    where name = ${name} and claim = ${claim}::uuid returning name`.execute(db)
  return rows.length > 0
}

/** Keeps a co-signature; those whose checkpoints were pruned go. */
export async function insertCosignature(
  tx: Transaction,
  row: {
    readonly size: number
    readonly witness: string
    readonly line: string
    readonly time: number
    readonly now: Date
  },
): Promise<void> {
  await sql`delete from audit_cosignature
    where not exists (select from audit_checkpoint where audit_checkpoint.size = audit_cosignature.size)`.execute(tx)
  await sql`
    insert into audit_cosignature (size, witness, line, time, created_at)
    values (${row.size}::bigint, ${row.witness}, ${row.line}, ${row.time}::bigint, ${row.now})
    on conflict (size, witness) do update set line = excluded.line, time = excluded.time`.execute(tx)
}

/** A checkpoint with the lines of those who co-signed it. */
export interface CosignedRow {
  readonly size: string
  readonly note: string
  readonly lines: readonly string[]
}

/** The newest checkpoint that any of these witnesses co-signed. */
export async function readNewestCosigned(db: Store, names: readonly string[]): Promise<CosignedRow | null> {
  const { rows } = await sql<CosignedRow>`
    select size, note, (select array_agg(line order by witness) from audit_cosignature
        where audit_cosignature.size = audit_checkpoint.size and witness = any(${[...names]}::text[])) as lines
    from audit_checkpoint where size = (select max(cosigned.size) from audit_cosignature as cosigned
      join audit_checkpoint as signed on signed.size = cosigned.size
      where witness = any(${[...names]}::text[]))`.execute(db)
  return rows[0] ?? null
}

/** How the witnesses of the settings stand: how long one has not signed what there was, and how many fail. */
export async function readWitnessLag(
  db: Store,
  names: readonly string[],
  now: Date,
): Promise<{ readonly seconds: number; readonly failing: number }> {
  const { rows } = await sql<{ seconds: number; failing: number }>`
    select coalesce(max(extract(epoch from ${now}::timestamptz - (select min(signed_at) from audit_checkpoint
          where audit_checkpoint.size > audit_witness.size))), 0)::float8 as seconds,
      (count(*) filter (where failing_since is not null))::int as failing
    from audit_witness where name = any(${[...names]}::text[])`.execute(db)
  return rows[0] ?? { seconds: 0, failing: 0 }
}

/** How witnesses stand. */
export async function readWitnesses(db: Store, names: readonly string[]): Promise<WitnessRow[]> {
  if (names.length === 0) return []
  const { rows } = await sql<WitnessRow>`
    select name, size, failures, failing_since, last_error, signed_at from audit_witness
    where name = any(${[...names]}::text[])`.execute(db)
  return rows
}

/** The lines of those who co-signed the checkpoint of a size. */
export async function readCosignatures(db: Store, size: number): Promise<string[]> {
  const { rows } = await sql<{ line: string }>`
    select line from audit_cosignature where size = ${size}::bigint order by witness`.execute(db)
  return rows.map(({ line }) => line)
}
