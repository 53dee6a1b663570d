import { events, isOperationName, operationNames } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { anonymous } from '@gatehouse/enforcement'
import { sql, type RawBuilder } from 'kysely'
import { keptParts, selectSubjectsNamed, type KeptPart } from './subject-keys.queries.ts'
import type { SubjectKeys } from './subject-keys.ts'
import { toldNothing } from './to-caller.queries.ts'

/** Who asks, and how far they may look. */
export interface Sight {
  readonly principalId: string
  /** Whole workspaces. */
  readonly workspaces: readonly string[]
  /** Workspaces where only their own entries are theirs to see. */
  readonly ownIn: readonly string[]
  /** Entries without a workspace of other people's, too. */
  readonly everything: boolean
}

/** Who is looked for: as it was written, and who goes by that name today. */
export interface SearchedActor {
  readonly text: string
  readonly userId: string | null
}

export interface SearchFilters {
  readonly actor?: SearchedActor | undefined
  readonly action?: string | undefined
  readonly kinds?: readonly string[] | undefined
  readonly resource?: string | undefined
  /** Ids. */
  readonly workspaces?: readonly string[] | undefined
  readonly outcome?: string | undefined
  readonly from?: Date | undefined
  readonly to?: Date | undefined
  readonly ip?: string | undefined
  readonly session?: string | undefined
  readonly decision?: string | undefined
}

export interface FoundEntry {
  readonly id: string
  /** Its place in the tree; null while it waits for one. */
  readonly seq: string | null
  readonly entry: string
  readonly personal: readonly { readonly field: string; readonly value: string }[]
}

export interface Search {
  readonly sight: Sight
  readonly filters: SearchFilters
  readonly after: { readonly at: Date; readonly id: string } | null
  readonly limit: number
}

/** Where entries are, and what opens their personal values. */
export interface SearchDeps {
  readonly db: Store
  readonly subjectKeys: Pick<SubjectKeys, 'open' | 'lookupOf'>
}

/** Entries newest first. Times are compared as RFC 3339 text in UTC with milliseconds, which sorts as time does. */
export async function searchEntries(deps: SearchDeps, { sight, filters, after, limit }: Search): Promise<FoundEntry[]> {
  const conditions = [
    inSight(sight),
    ...(await filtersOf(deps, filters)),
    ...(sight.everything || !filtersByHidden(filters) ? [] : [sql`not ${toldNothing(sight.principalId)}`]),
    ...(after === null ? [] : [sql`(audit_entry.at, audit_entry.id) < (${after.at.toISOString()}, ${after.id}::uuid)`]),
  ]
  const { rows } = await sql<KeptEntry>`
    ${found} where ${sql.join(conditions, sql` and `)}
    order by audit_entry.at desc, audit_entry.id desc limit ${limit}::int`.execute(deps.db)
  return rows.map((row) => opened(deps, row))
}

/** One entry. */
export async function findEntry(deps: SearchDeps, id: string): Promise<FoundEntry | null> {
  const { rows } = await sql<KeptEntry>`${found} where audit_entry.id = ${id}::uuid`.execute(deps.db)
  return rows[0] === undefined ? null : opened(deps, rows[0])
}

/** An entry with its personal values as they are kept. */
interface KeptEntry extends Omit<FoundEntry, 'personal'> {
  readonly parts: readonly KeptPart[]
}

/** What cannot be opened is not shown; `audit.verify` says that it was changed. */
const opened = ({ subjectKeys }: SearchDeps, { parts, ...entry }: KeptEntry): FoundEntry => ({
  ...entry,
  personal: subjectKeys.open(entry.id, parts) ?? [],
})

const found = sql`
  select audit_entry.id, audit_leaf.seq, audit_entry.entry, ${keptParts('audit_entry.id')} as parts
  from audit_entry left join audit_leaf on audit_leaf.entry_id = audit_entry.id`

/**
 * What has no workspace (log-ins, refusals of strangers, the System) belongs to no decision on a `Workspace`: one's own
 * is one's own,
 * the rest is for those whose role sees the whole System.
 */
const inSight = ({ principalId, workspaces, ownIn, everything }: Sight): RawBuilder<unknown> => sql`(
  audit_entry.workspace = any(${[...workspaces]}::text[])
  or (audit_entry.workspace = any(${[...ownIn]}::text[]) and audit_entry.principal_id = ${principalId})
  or (audit_entry.workspace is null and (${everything}::boolean or audit_entry.principal_id = ${principalId})))`

/** Whether something is looked for by what an entry hides from its own caller; see `asToldToCaller`. */
const filtersByHidden = ({ resource, workspaces, decision }: SearchFilters): boolean =>
  resource !== undefined || workspaces !== undefined || decision !== undefined

async function filtersOf(deps: SearchDeps, filters: SearchFilters): Promise<RawBuilder<unknown>[]> {
  const { actor, action, kinds, resource, workspaces, outcome, from, to, ip, session, decision } = filters
  return [
    actor === undefined ? null : await byActor(deps, actor),
    action === undefined ? null : byAction(action),
    kinds === undefined ? null : ofKinds(kinds),
    resource === undefined ? null : ofResource(resource),
    workspaces === undefined ? null : sql`audit_entry.workspace = any(${[...workspaces]}::text[])`,
    outcome === undefined ? null : sql`audit_entry.outcome = ${outcome}`,
    from === undefined ? null : sql`audit_entry.at >= ${from.toISOString()}`,
    to === undefined ? null : sql`audit_entry.at <= ${to.toISOString()}`,
    ip === undefined
      ? null
      : sql`audit_entry.id in (select entry_id from audit_personal where ip = ${deps.subjectKeys.lookupOf(ip)})`,
    session === undefined ? null : sql`audit_entry.session_id = ${session}`,
    decision === undefined ? null : sql`audit_entry.effect = ${decision}`,
  ].filter((condition) => condition !== null)
}

/** By its id, its type, or both as Cedar writes them. */
const ofResource = (resource: string): RawBuilder<unknown> => sql`(
  audit_entry.resource_id = ${resource} or audit_entry.resource_type = ${resource}
  or audit_entry.resource_type || '::' || audit_entry.resource_id = ${resource})`

/** The greatest character there is: what begins with a text sorts before the text with this after it. */
const last = String.fromCodePoint(0x10ffff)

/** One that is declared is meant as it stands; anything else is how actions begin, and a noun begins all of its own. */
function byAction(action: string): RawBuilder<unknown> {
  if (isOperationName(action) || Object.hasOwn(events, action)) return sql`audit_entry.action = ${action}`
  const isNoun = [...operationNames, ...Object.keys(events)].some((name) => name.startsWith(`${action}.`))
  const start = isNoun ? `${action}.` : action
  return sql`(audit_entry.action >= ${start} and audit_entry.action < ${start + last})`
}

/** Said twice where reads are left out: by these words the database knows which index is meant. */
const ofKinds = (kinds: readonly string[]): RawBuilder<unknown> =>
  kinds.includes('read')
    ? sql`audit_entry.kind = any(${[...kinds]}::text[])`
    : sql`(audit_entry.kind <> 'read' and audit_entry.kind = any(${[...kinds]}::text[]))`

/**
 * By id; by today's name; everybody who ever went by that name; and attempts to log in under it, where the caller was
 * still a stranger.
 */
async function byActor({ db, subjectKeys }: SearchDeps, { text, userId }: SearchedActor): Promise<RawBuilder<unknown>> {
  const name = subjectKeys.lookupOf(text)
  const ids = [text, ...(userId === null ? [] : [userId]), ...(await selectSubjectsNamed(db, name))]
  return sql`(
    audit_entry.principal_id = any(${ids}::text[])
    or (audit_entry.principal_id = ${anonymous.id} and audit_entry.id in (
      select entry_id from audit_mention where value = ${name} and field = 'input.username')))`
}
