import { auditActions, categoryOf, isOperationName, operations } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { sql } from 'kysely'
import type { SubjectKeys } from '../src/subject-keys.ts'

/** What a generated entry may have; each list is drawn from by its number alone, so that a run can be had again. */
export interface Volume {
  readonly entries: number
  /** Over how many days before `until` they are spread. */
  readonly days: number
  readonly until: Date
  /** Names and addresses are found by these; what is sealed is nothing that opens. */
  readonly subjectKeys: Pick<SubjectKeys, 'lookupOf'>
}

const people = 201
const addresses = 250

/** Rows of one statement: each takes some seconds. */
const rowsPerStatement = 50_000

const kindOf = (action: string): string => {
  if (!isOperationName(action)) return 'event'
  return operations[action].kind === 'mutation' ? 'change' : 'read'
}

/**
 * Fills the audit log with entries such as people make: mostly reads, 200 people of whom a few are busy, four
 * workspaces and much without one, one in a hundred refused, one in a thousand denied, one in ten thousand failed.
 */
export async function fillRecord(admin: Store, { entries, days, until, subjectKeys }: Volume): Promise<void> {
  const names = Array.from({ length: people }, (_, person) => subjectKeys.lookupOf(`person-${person}`))
  const ips = Array.from({ length: addresses }, (_, last) => subjectKeys.lookupOf(`192.0.2.${last}`))
  await sql`
    insert into audit_subject_key (id, subject, name, sealed)
    select ('00000000-0000-4000-8000-' || lpad((number - 1)::text, 12, '0'))::uuid,
      '00000000-0000-4000-8000-' || lpad((number - 1)::text, 12, '0'), name, sha256('key')
    from unnest(${names}::bytea[]) with ordinality as one (name, number)`.execute(admin)
  const reads = auditActions.filter((action) => kindOf(action) === 'read')
  const others = auditActions.filter((action) => kindOf(action) !== 'read' && categoryOf(action) !== 'audit')
  for (let first = 0; first < entries; first += rowsPerStatement) {
    const end = Math.min(entries, first + rowsPerStatement) - 1
    await sql`
      with number as (select n, abs(hashint4extended(n, 7)) as h from generate_series(${first}::int, ${end}::int) as n),
      drawn as (select n, h,
          ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid as id,
          case when h % 5 = 0 then (${others}::text[])[1 + (h / 5 % ${others.length})::int]
            else (${reads}::text[])[1 + (h / 5 % ${reads.length})::int] end as action,
          case when h % 10000 = 17 then 'failed' when h % 100 = 3 then 'refused' else 'allowed' end as outcome,
          h % 1000 = 3 as denied,
          -- the square makes a few of the 200 busy and the rest rare
          (power((h / 7 % 1000) / 1000.0, 3) * 200)::int as person,
          case when h / 11 % 2 = 0 then (array['default', 'staging', 'production', 'rare'])[
            1 + least(3, (power((h / 13 % 1000) / 1000.0, 2) * 4.004)::int)] end as workspace,
          to_char((${until.toISOString()}::timestamptz - make_interval(secs => (${entries}::int - n) * (${days}::float8
            * 86400 / ${entries}::int))) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
        from number),
      entry as (
        insert into audit_placed (id, entry)
        select id, format('{"action":%s,"at":"%s","decision":{"effect":"%s","policies":["admin-everything"],'
          '"version":"v1"},"detail":null,"id":"%s","input":{"id":"host-%s"},"intent":null,"ip":null,"kind":"%s",'
          '"outcome":"%s","principal":{"id":"00000000-0000-4000-8000-%s","name":null,"type":"User"},"refusal":%s,'
          '"requestId":"%s","resource":{"id":"host-%s","type":"%s"},"sessionId":"session-%s","transport":"trpc",'
          '"userAgent":null,"v":2,"workspace":%s}', to_json(action), at, case when denied then 'deny' else 'allow' end,
          id, h / 17 % 5000, case when outcome = 'refused' then 'refusal' when h % 5 = 0 then 'change' else 'read' end,
          outcome, lpad(person::text, 12, '0'), case when outcome = 'refused' then '"forbidden"' else 'null' end, id,
          h / 17 % 5000, case when h % 2000 = 5 then 'Approval' else 'SshHost' end, h / 19 % 20000,
          coalesce(to_json(workspace)::text, 'null'))
        from drawn order by n),
      leaf as (
        insert into audit_leaf (seq, entry_id, leaf_hash) select n, id, sha256(id::text::bytea) from drawn)
      insert into audit_personal (entry_id, part, key_id, sealed, ip)
      select id, 'caller', ('00000000-0000-4000-8000-' || lpad(person::text, 12, '0'))::uuid,
        decode(repeat(md5(n::text), 6), 'hex'), (${ips}::bytea[])[1 + (h / 23 % ${addresses})::int]
      from drawn order by n`.execute(admin)
  }
  for (const table of ['audit_placed', 'audit_leaf', 'audit_personal'])
    await sql`vacuum analyze ${sql.table(table)}`.execute(admin)
}
