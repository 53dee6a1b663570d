import type { Transaction } from '@gatehouse/database'
import { sql } from 'kysely'
import { batchMax } from './sinks/sink.queries.ts'

/** A place to which entries of the audit log went with what they said of people. */
export interface CopyRow {
  readonly kind: 'sink' | 'export'
  readonly id: string
  /** Of a sink. */
  readonly name: string | null
  readonly sink_kind: string | null
  readonly target: string | null
  /** Who made an export; an id. */
  readonly by: string | null
  readonly format: string
  /** When a sink was last delivered to, or the export was begun. */
  readonly at: Date | null
}

export interface Copies {
  readonly rows: readonly CopyRow[]
  /** There are more exports than these. */
  readonly hasMore: boolean
}

/** Exports that are named, the newest; whoever made more is found by `audit.export`. */
const exportsMax = 100

/**
 * Nobody begins to deliver until this is committed: what is read for a sink is read before the erasure and known as on
 * its way, or behind it. INVARIANT: before `lockPersonal`, since who lets a sink go writes an entry with it in hand.
 */
export const lockSinks = async (tx: Transaction): Promise<void> =>
  void (await sql`select from audit_sink where not redacted order by id for update`.execute(tx))

/**
 * Where entries between two places of the tree had gone unredacted: sinks as they are now, and exports on record. What
 * is being delivered now was read before, and what a sink failed at may have arrived: it took all and answered nothing.
 */
export async function selectCopies(
  tx: Transaction,
  places: { readonly first: number; readonly last: number } | null,
): Promise<Copies> {
  if (places === null) return { rows: [], hasMore: false }
  const sinks = await sql<CopyRow>`
    select 'sink' as kind, id::text, name, kind as sink_kind, target, null as by, format, delivered_at as at
    from audit_sink where not redacted and begins_after < ${places.last}::bigint
      and cursor + case when claim is null and failing_since is null then 0 else ${batchMax}::int end
        >= ${places.first}::bigint
    order by name`.execute(tx)
  const exports = await sql<CopyRow>`
    select 'export' as kind, coalesce(j #>> '{detail,export}', id::text) as id, null as name, null as sink_kind,
      null as target, principal_id as by, j #>> '{input,format}' as format,
      case when pg_input_is_valid(at, 'timestamptz') then at::timestamptz end as at
    from (select id, at, principal_id, entry::jsonb as j from audit_entry
      where action = 'audit.export' and outcome = 'allowed') as begun
    where j #>> '{input,redact}' is distinct from 'true' and (j #>> '{detail,size}')::bigint > ${places.first}::bigint
    order by at desc limit ${exportsMax + 1}::int`.execute(tx)
  return { rows: [...sinks.rows, ...exports.rows.slice(0, exportsMax)], hasMore: exports.rows.length > exportsMax }
}

/** Files that sinks write on our side are written again from their beginning, without what was erased. */
export async function haveCopiesWrittenAnew(tx: Transaction, { rows }: Copies, now: Date): Promise<void> {
  const files = rows.filter(({ sink_kind: kind }) => kind === 'file').map(({ id }) => id)
  if (files.length === 0) return
  await sql`update audit_sink set anew = true, due_at = ${now} where id = any(${files}::uuid[])`.execute(tx)
}
