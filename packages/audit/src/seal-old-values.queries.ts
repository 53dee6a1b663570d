import type { Transaction } from '@gatehouse/database'
import { sql } from 'kysely'
import type { PersonalValue } from './commitment.ts'
import type { Sealed, SealedEntry } from './subject-keys.ts'

/** An entry with what is still kept of it in clear; null: the entry itself is gone. */
export interface ClearEntry {
  readonly id: string
  readonly entry: string | null
  readonly personal: readonly PersonalValue[]
}

/**
 * Takes the clear values of some entries away, to be put back sealed in the same transaction. One at a time:
 * who finds nothing left may rely on it.
 */
export async function claimClearValues(tx: Transaction, entriesMax: number): Promise<ClearEntry[]> {
  await sql`select pg_advisory_xact_lock(hashtext('gatehouse-clear-values'))`.execute(tx)
  const { rows } = await sql<{ id: string; entry: string | null; fields: string[]; values: string[]; salts: Buffer[] }>`
    with taken as (
      delete from audit_personal_clear where entry_id in (
        select distinct entry_id from audit_personal_clear order by entry_id limit ${entriesMax}::int)
      returning entry_id, field, value, salt)
    select taken.entry_id as id, max(entry) as entry, array_agg(field order by field) as fields,
      array_agg(value order by field) as values, array_agg(salt order by field) as salts
    from taken left join audit_entry on audit_entry.id = taken.entry_id group by taken.entry_id`.execute(tx)
  return rows.map(({ id, entry, fields, values, salts }) => ({
    id,
    entry,
    personal: fields.map((field, index) => ({
      field,
      value: values[index] ?? '',
      salt: salts[index] ?? Buffer.alloc(0),
    })),
  }))
}

/** Keeps sealed values with the keys that they are the first to use. */
export async function insertSealed(tx: Transaction, { keys, entries, mentions }: Sealed): Promise<void> {
  if (keys.length > 0)
    await tx
      .insertInto('audit_subject_key')
      .values([...keys])
      .execute()
  const parts = entries.flatMap(partsOf)
  if (parts.length > 0) await tx.insertInto('audit_personal').values(parts).execute()
  if (mentions.length > 0)
    await tx
      .insertInto('audit_mention')
      .values(mentions.map(({ value, entryId, field }) => ({ value, entry_id: entryId, field })))
      .onConflict((on) => on.doNothing())
      .execute()
}

const partsOf = ({ entryId, caller, input }: SealedEntry) =>
  [caller, input === null ? null : { ...input, part: 'input' as const }].flatMap((kept) =>
    kept === null ? [] : [{ entry_id: entryId, part: kept.part, key_id: kept.keyId, sealed: kept.sealed, ip: kept.ip }],
  )
