import {
  auditActions,
  categoryOf,
  events,
  isOperationName,
  operationNames,
  resourceTypes,
  severityOf,
  weighsAtLeast,
  type AuditCategoryName,
  type AuditSeverityName,
} from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { anonymous } from '@gatehouse/enforcement'
import { sql, type RawBuilder } from 'kysely'
import type { PersonalValue } from './commitment.ts'
import { thingInInput } from './asked-facts.ts'
import { openCommitted } from './open-committed.ts'
import { keptParts, placedParts, selectSubjectsNamed, type KeptPart } from './subject-keys.queries.ts'
import { peopleTypes } from './pseudonyms.ts'
import type { SubjectKeys } from './subject-keys.ts'
import { timeOfId } from './time-of-id.ts'
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
  /**
   * All workspaces, archived ones among them: what stands in none of them is seen as what has none. Absent: that is
   * not looked at.
   */
  readonly known?: readonly string[]
  /** Nothing is found by the ids of people. Absent: it is. */
  readonly hidesPeople?: boolean
}

/** Who is looked for: as it was written, and who goes by that name today. */
export interface SearchedActor {
  readonly text: string
  readonly userId: string | null
}

export interface SearchFilters {
  readonly actor?: SearchedActor | undefined
  readonly action?: string | undefined
  readonly category?: AuditCategoryName | undefined
  readonly severity?: AuditSeverityName | undefined
  readonly kinds?: readonly string[] | undefined
  readonly resource?: string | undefined
  /** Ids. */
  readonly workspaces?: readonly string[] | undefined
  readonly outcome?: string | undefined
  readonly from?: Date | undefined
  readonly to?: Date | undefined
  readonly ip?: string | undefined
  readonly session?: string | undefined
  readonly requestId?: string | undefined
  readonly decision?: string | undefined
}

/** The orders that a search can be in. */
export type SearchSort = 'newest' | 'oldest' | 'action' | 'actor'

export interface FoundEntry {
  readonly id: string
  /** Its place in the tree; null while it waits for one. */
  readonly seq: string | null
  readonly entry: string
  readonly personal: readonly PersonalValue[]
  /** Personal values are there that are not told, or cannot be opened. */
  readonly withheld?: boolean
}

/** Where a search goes on: strictly after this entry. */
export interface SearchPlace {
  readonly at: Date
  readonly id: string
  /** What it is sorted by beside time, where it is. */
  readonly key: string
}

export interface Search {
  readonly sight: Sight
  readonly filters: SearchFilters
  readonly sort: SearchSort
  readonly after: SearchPlace | null
  readonly limit: number
}

interface SearchOrder {
  readonly columns: RawBuilder<unknown>
  readonly goesOn: (place: SearchPlace) => RawBuilder<unknown>
}

const timeAndId = ({ at, id }: SearchPlace): RawBuilder<unknown> => sql`(${at.toISOString()}, ${id}::uuid)`

/** Said twice, so that the index leads to the key and only its own entries are looked at one by one. */
const byKey = (column: RawBuilder<unknown>): SearchOrder => ({
  columns: sql`${column}, audit_entry.at desc, audit_entry.id desc`,
  goesOn: (place) => sql`(${column} >= ${place.key}
    and (${column} > ${place.key} or (audit_entry.at, audit_entry.id) < ${timeAndId(place)}))`,
})

/** Times are compared as RFC 3339 text in UTC with milliseconds, which sorts as time does. */
const orders = {
  newest: {
    columns: sql`audit_entry.at desc, audit_entry.id desc`,
    goesOn: (place) => sql`(audit_entry.at, audit_entry.id) < ${timeAndId(place)}`,
  },
  oldest: {
    columns: sql`audit_entry.at, audit_entry.id`,
    goesOn: (place) => sql`(audit_entry.at, audit_entry.id) > ${timeAndId(place)}`,
  },
  action: byKey(sql`audit_entry.action`),
  actor: byKey(sql`audit_entry.principal_id`),
} as const satisfies Record<SearchSort, SearchOrder>

/** Where entries are, and what opens their personal values. */
export interface SearchDeps {
  readonly db: Store
  readonly subjectKeys: Pick<SubjectKeys, 'open' | 'lookupOf'>
}

/** Entries in their order. */
export async function searchEntries(deps: SearchDeps, search: Search): Promise<FoundEntry[]> {
  const order = orders[search.sort]
  const after = search.after === null ? [] : [order.goesOn(search.after)]
  const hits = await hitsOf(deps, search, { after, inOrder: sql`order by ${order.columns} limit ${search.limit}::int` })
  const { rows } = await sql<KeptEntry>`
    with hit as materialized (${hits})
    select audit_entry.id, audit_leaf.seq, audit_entry.entry, ${keptParts('audit_entry.id')} as parts
    from ${entriesHit} left join audit_leaf on audit_leaf.entry_id = audit_entry.id
    order by ${order.columns} limit ${search.limit}::int`.execute(deps.db)
  return rows.map((row) => opened(deps, row))
}

/** Entries by the order of their places in the tree. */
export async function entriesInTreeOrder(deps: SearchDeps, hits: RawBuilder<unknown>): Promise<FoundEntry[]> {
  const { rows } = await sql<KeptEntry>`
    with hit as materialized (${hits})
    select audit_entry.id, audit_leaf.seq, audit_entry.entry, ${placedParts('audit_entry.id')} as parts
    from ${placedEntries} join audit_leaf on audit_leaf.entry_id = audit_entry.id
    where audit_entry.id in (select id from hit) order by audit_leaf.seq`.execute(deps.db)
  return rows.map((row) => opened(deps, row))
}

/** Where hits begin, and in which order and how many are wanted. */
interface Wanted {
  readonly after: readonly RawBuilder<unknown>[]
  readonly inOrder: RawBuilder<unknown>
  /** Where they are looked for; absent: among all entries, those that wait as well. */
  readonly among?: readonly RawBuilder<unknown>[]
}

/**
 * The entries of `hit`, looked up one by one: asked which of all entries are among them, the database walks through two
 * tables for fifty that it knows by their ids.
 */
export const entriesHit = sql`hit cross join lateral (
  select known.* from audit_entry as known where known.id = hit.id offset 0) as audit_entry`

/** Entries that have their place in the tree; who wants no others need not look at what waits. */
export const placedEntries = sql`audit_placed as audit_entry`
/** The few that wait for it. */
const waitingEntries = sql`audit_waiting as audit_entry`

/**
 * The ids of the entries that are asked for. An actor is looked for by each of their marks on its own, each with its
 * own index, and not by all in one condition, for which the database would read the whole log; and what waits is looked
 * for apart from what has its place, or there would be no index for their order.
 */
export async function hitsOf(
  deps: SearchDeps,
  { sight, filters }: Pick<Search, 'sight' | 'filters'>,
  { after, inOrder, among = [placedEntries, waitingEntries] }: Wanted,
): Promise<RawBuilder<unknown>> {
  const conditions = [
    inSight(sight),
    ...filtersOf(filters),
    ...(filters.resource === undefined ? [] : [await ofResource(deps, filters.resource, sight)]),
    ...(sight.hidesPeople === true && isBareId(filters.resource) ? [aboutNobody] : []),
    ...(filters.ip === undefined ? [] : [await isAmong(deps.db, entriesFrom(deps, filters.ip))]),
    ...(sight.everything || !filtersByHidden(filters) ? [] : [sql`not ${toldNothing(sight.principalId)}`]),
    ...after,
  ]
  const marks = filters.actor === undefined ? [null] : await marksOf(deps, filters.actor)
  const selects = marks.flatMap((mark) =>
    among.map((entries) => {
      const all = mark === null ? conditions : [...conditions, mark]
      return sql`(select audit_entry.id from ${entries} where ${sql.join(all, sql` and `)} ${inOrder})`
    }),
  )
  return sql.join(selects, sql` union `)
}

/** One entry. */
export async function findEntry(deps: SearchDeps, id: string): Promise<FoundEntry | null> {
  const { rows } = await sql<KeptEntry>`${found} where audit_entry.id = ${id}::uuid`.execute(deps.db)
  return rows[0] === undefined ? null : opened(deps, rows[0])
}

/** An entry with its personal values as they are kept. */
export interface KeptEntry extends Omit<FoundEntry, 'personal' | 'withheld'> {
  readonly parts: readonly KeptPart[]
}

/** What cannot be opened is not shown; `audit.verify` says that it was changed. */
export function opened<T extends KeptEntry>(
  { subjectKeys }: SearchDeps,
  kept: T,
): Omit<T, 'parts'> & Pick<FoundEntry, 'personal' | 'withheld'> {
  const { parts: _, ...entry } = kept
  const personal = openCommitted(subjectKeys.open, kept)
  return { ...entry, personal: personal ?? [], withheld: personal === null }
}

/** An entry without its personal values. */
export const withheldFrom = <T extends FoundEntry>(entry: T): T => ({ ...entry, personal: [], withheld: true })

const found = sql`
  select audit_entry.id, audit_leaf.seq, audit_entry.entry, ${keptParts('audit_entry.id')} as parts
  from audit_entry left join audit_leaf on audit_leaf.entry_id = audit_entry.id`

/**
 * What has no workspace (log-ins, refusals of strangers, the System), or one that never was, belongs to no decision on
 * a `Workspace`: one's own is one's own, the rest is for those whose role sees the whole System.
 */
const inSight = ({ principalId, workspaces, ownIn, everything, known }: Sight): RawBuilder<unknown> => sql`(
  audit_entry.workspace = any(${[...workspaces]}::text[])
  or (audit_entry.workspace = any(${[...ownIn]}::text[]) and audit_entry.principal_id = ${principalId})
  or (${beyond(known)} and (${everything}::boolean or audit_entry.principal_id = ${principalId})))`

const beyond = (known: Sight['known']): RawBuilder<unknown> =>
  known === undefined
    ? sql`audit_entry.workspace is null`
    : sql`(audit_entry.workspace is null or audit_entry.workspace <> all(${[...known]}::text[]))`

/** Whether something is looked for by what an entry hides from its own caller; see `asToldToCaller`. */
const filtersByHidden = ({ resource, workspaces, decision }: SearchFilters): boolean =>
  resource !== undefined || workspaces !== undefined || decision !== undefined

function filtersOf(filters: SearchFilters): RawBuilder<unknown>[] {
  const { action, category, severity, kinds, workspaces, outcome, from, to, session, decision } = filters
  const { requestId } = filters
  return [
    action === undefined ? null : byAction(action),
    category === undefined ? null : byCategory(category),
    severity === undefined ? null : bySeverity(severity),
    kinds === undefined ? null : ofKinds(kinds),
    workspaces === undefined ? null : sql`audit_entry.workspace = any(${[...workspaces]}::text[])`,
    outcome === undefined ? null : ofOutcome(outcome),
    from === undefined ? null : sql`audit_entry.at >= ${from.toISOString()}`,
    to === undefined ? null : sql`audit_entry.at <= ${to.toISOString()}`,
    session === undefined ? null : sql`audit_entry.session_id = ${session}`,
    requestId === undefined ? null : ofRequest(requestId),
    decision === undefined ? null : ofDecision(decision),
  ].filter((condition) => condition !== null)
}

/** A request's entries come at once; those of its workflows a little later. */
const requestMilliseconds = { before: 60_000, after: 3_600_000 } as const

/**
 * Every entry names its request in its text, and no index does: of ids that tell when they were made, only the entries
 * of that time are read.
 */
function ofRequest(requestId: string): RawBuilder<unknown> {
  const named = `"requestId":${JSON.stringify(requestId)}`
  const isIt = sql`strpos(audit_entry.entry, ${named}) > 0 and (audit_entry.entry::json) ->> 'requestId' = ${requestId}`
  const madeAt = timeOfId(requestId)
  if (madeAt === null) return sql`(${isIt})`
  const [from, to] = [madeAt - requestMilliseconds.before, madeAt + requestMilliseconds.after]
  return sql`(audit_entry.at >= ${new Date(from).toISOString()} and audit_entry.at <= ${new Date(to).toISOString()}
    and ${isIt})`
}

/** Of a bare id nobody knows whose it is until it is found. */
const isBareId = (resource: string | undefined): boolean =>
  resource !== undefined && !resource.includes('::') && !isOwnType(resource)

const aboutNobody = sql`audit_entry.resource_type <> all(${[...peopleTypes]}::text[])`

/**
 * By its type, by both as Cedar writes them, or by its id. Types are written as no id is. Where an id may be a person's
 * it stands sealed in the input: whoever sees people finds it there.
 */
async function ofResource(
  { db, subjectKeys }: SearchDeps,
  resource: string,
  { hidesPeople }: Sight,
): Promise<RawBuilder<unknown>> {
  if (isOwnType(resource)) return sql`audit_entry.resource_type = ${resource}`
  const [type = '', ...rest] = resource.split('::')
  const id = rest.length === 0 ? resource : rest.join('::')
  const ofType = rest.length === 0 ? sql`true` : sql`audit_entry.resource_type = ${type}`
  const inClear = sql`audit_entry.resource_id = ${id}`
  const value = subjectKeys.lookupOf(id)
  const sealed = sql`select entry_id from audit_mention where value = ${value} and field = ${thingField}`
  const isSealed = hidesPeople !== true && (await sql`${sealed} limit 1`.execute(db)).rows.length > 0
  if (!isSealed) return sql`(${ofType} and ${inClear})`
  return sql`(${ofType} and (${inClear} or (audit_entry.resource_id = '' and ${await isAmong(db, sealed)})))`
}

const isOwnType = (text: string): boolean => (resourceTypes as readonly string[]).includes(text)

const thingField = `input.${thingInInput}`

/** Said as the index has it where it is rare: by these words the database knows which one is meant. */
const ofOutcome = (outcome: string): RawBuilder<unknown> =>
  outcome === 'allowed'
    ? sql`audit_entry.outcome = 'allowed'`
    : sql`(audit_entry.outcome <> 'allowed' and audit_entry.outcome = ${outcome})`

const ofDecision = (decision: string): RawBuilder<unknown> =>
  decision === 'deny' ? sql`audit_entry.effect = 'deny'` : sql`audit_entry.effect = ${decision}`

/** The greatest character there is: what begins with a text sorts before the text with this after it. */
const last = String.fromCodePoint(0x10ffff)

/** One that is declared is meant as it stands; anything else is how actions begin, and a noun begins all of its own. */
export function byAction(action: string): RawBuilder<unknown> {
  if (isOperationName(action) || Object.hasOwn(events, action)) return sql`audit_entry.action = ${action}`
  const isNoun = [...operationNames, ...Object.keys(events)].some((name) => name.startsWith(`${action}.`))
  const start = isNoun ? `${action}.` : action
  return sql`(audit_entry.action >= ${start} and audit_entry.action < ${start + last})`
}

const anyAction = (actions: readonly string[]): RawBuilder<unknown> =>
  sql`audit_entry.action = any(${[...actions]}::text[])`

const byCategory = (category: AuditCategoryName): RawBuilder<unknown> =>
  anyAction(auditActions.filter((action) => categoryOf(action) === category))

const outcomes = ['allowed', 'refused', 'failed', 'intent', 'unknown'] as const

/** By the actions that weigh enough with each outcome; outcomes with which the same ones do are said together. */
function bySeverity(severity: AuditSeverityName): RawBuilder<unknown> {
  const groups = Map.groupBy(outcomes, (outcome) =>
    auditActions.filter((action) => weighsAtLeast(severityOf(action, outcome), severity)).join(' '),
  )
  const parts = [...groups]
    .filter(([actions]) => actions !== '')
    .map(([actions, same]) => sql`(audit_entry.outcome = any(${same}::text[]) and ${anyAction(actions.split(' '))})`)
  return parts.length === 0 ? sql`false` : sql`(${sql.join(parts, sql` or `)})`
}

/** Said twice where reads are left out: by these words the database knows which index is meant. */
export const ofKinds = (kinds: readonly string[]): RawBuilder<unknown> =>
  kinds.includes('read')
    ? sql`audit_entry.kind = any(${[...kinds]}::text[])`
    : sql`(audit_entry.kind <> 'read' and audit_entry.kind = any(${[...kinds]}::text[]))`

/** So many entries are fetched by their ids and sorted in a few milliseconds; of more, the newest are soon met. */
const fetchedMax = 5000

/**
 * Entries that another table names. How many it names is looked at first: the database takes each value for as frequent
 * as another, and would walk through a whole log for one that it has never seen.
 */
async function isAmong(db: Store, ids: RawBuilder<unknown>): Promise<RawBuilder<unknown>> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from (${ids} limit ${fetchedMax + 1}::int) as marked`.execute(db)
  return (rows[0]?.count ?? 0) > fetchedMax ? sql`audit_entry.id in (${ids})` : sql`audit_entry.id = any(array(${ids}))`
}

const entriesFrom = ({ subjectKeys }: SearchDeps, ip: string): RawBuilder<unknown> =>
  sql`select entry_id from audit_kept_part where ip = ${subjectKeys.lookupOf(ip)}`

/**
 * By id; by today's name; everybody who ever went by that name; and attempts to log in under it, where the caller was
 * still a stranger.
 */
export async function marksOf({ db, subjectKeys }: SearchDeps, { text, userId }: SearchedActor) {
  const name = subjectKeys.lookupOf(text)
  const ids = [text, ...(userId === null ? [] : [userId]), ...(await selectSubjectsNamed(db, name))]
  const tried = sql`select entry_id from audit_mention where value = ${name} and field = 'input.username'`
  return [
    sql`audit_entry.principal_id = any(${[...new Set(ids)]}::text[])`,
    sql`(audit_entry.principal_id = ${anonymous.id} and ${await isAmong(db, tried)})`,
  ]
}
