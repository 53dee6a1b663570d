import { sql, type RawBuilder } from 'kysely'
import type { PersonalValue } from './commitment.ts'
import { byAction, marksOf, ofKinds, type SearchDeps, type SearchedActor } from './search.queries.ts'
import { openCommitted } from './open-committed.ts'
import { keptParts, type KeptPart } from './subject-keys.queries.ts'

/** Which decisions are looked for. */
export interface DecisionFilters {
  readonly actor?: SearchedActor | undefined
  readonly action?: string | undefined
  readonly effect?: 'allow' | 'deny' | undefined
  /** Of the entries that they stand in; absent: all. */
  readonly kinds?: readonly string[] | undefined
  /** One that determined them. */
  readonly policy?: string | undefined
  readonly from?: Date | undefined
  readonly to?: Date | undefined
}

/** An entry that something was decided in. */
export interface DecisionRow {
  readonly id: string
  readonly at: string
  readonly entry: string
  readonly asked: string | null
  /** Those that are not erased. */
  readonly personal: readonly PersonalValue[]
}

export interface DecisionSearch {
  readonly filters: DecisionFilters
  readonly after: { readonly at: Date; readonly id: string } | null
  readonly limit: number
  readonly order: 'newest' | 'oldest'
}

/** Entries with a decision, in the order of time. */
export async function selectDecisions(
  deps: SearchDeps,
  { filters, after, limit, order }: DecisionSearch,
): Promise<DecisionRow[]> {
  const direction = order === 'newest' ? sql`desc` : sql`asc`
  const beyond = order === 'newest' ? sql`<` : sql`>`
  const conditions = [
    sql`audit_entry.effect is not null`,
    ...(await conditionsOf(deps, filters)),
    ...(after === null
      ? []
      : [sql`(audit_entry.at, audit_entry.id) ${beyond} (${after.at.toISOString()}, ${after.id}::uuid)`]),
  ]
  const { rows } = await sql<KeptRow>`
    ${found} where ${sql.join(conditions, sql` and `)}
    order by audit_entry.at ${direction}, audit_entry.id ${direction} limit ${limit}::int`.execute(deps.db)
  return rows.map((row) => opened(deps, row))
}

/** One entry; null: there is none, or nothing was decided in it. */
export async function selectDecision(deps: SearchDeps, id: string): Promise<DecisionRow | null> {
  const { rows } = await sql<KeptRow>`
    ${found} where audit_entry.id = ${id}::uuid and audit_entry.effect is not null`.execute(deps.db)
  return rows[0] === undefined ? null : opened(deps, rows[0])
}

const found = sql`
  select audit_entry.id, audit_entry.at, audit_entry.entry, audit_entry.asked,
    ${keptParts('audit_entry.id')} as parts
  from audit_entry`

interface KeptRow extends Omit<DecisionRow, 'personal'> {
  readonly parts: readonly KeptPart[]
}

const opened = ({ subjectKeys }: SearchDeps, kept: KeptRow): DecisionRow => {
  const { parts: _, ...row } = kept
  return { ...row, personal: openCommitted(subjectKeys.open, kept) ?? [] }
}

async function conditionsOf(
  deps: SearchDeps,
  { actor, action, effect, kinds, policy, from, to }: DecisionFilters,
): Promise<RawBuilder<unknown>[]> {
  return [
    actor === undefined ? null : sql`(${sql.join(await marksOf(deps, actor), sql` or `)})`,
    action === undefined ? null : sql`(${byAction(action)} or ${askedFor(action)})`,
    effect === undefined ? null : sql`audit_entry.effect = ${effect}`,
    kinds === undefined ? null : ofKinds(kinds),
    policy === undefined
      ? null
      : sql`(audit_entry.entry::jsonb #> '{decision,policies}') @> ${JSON.stringify([policy])}::jsonb`,
    from === undefined ? null : sql`audit_entry.at >= ${from.toISOString()}`,
    to === undefined ? null : sql`audit_entry.at <= ${to.toISOString()}`,
  ].filter((condition) => condition !== null)
}

/** A decision that was asked for stands under what was asked. */
const askedFor = (action: string): RawBuilder<unknown> =>
  sql`(audit_entry.action = 'policy.decided' and audit_entry.entry::jsonb #>> '{detail,asked}' = ${action})`
