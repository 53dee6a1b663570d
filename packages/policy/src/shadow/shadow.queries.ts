import type { Store, Transaction } from '@gatehouse/database'
import { sql } from 'kysely'
import type { SourceFile } from '../policy-source.ts'
import type { ShadowCounts, ShadowFlip, ShadowTaken } from './shadow-tally.ts'

/** The shadow set, without its files. */
export interface ShadowFacts {
  readonly id: string
  readonly at: Date
  readonly version: string
  readonly policies: number
  readonly setBy: string | null
  readonly reason: string | null
}

/** What one node has counted. */
export interface ShadowNode extends ShadowCounts {
  readonly node: string
  readonly since: Date
  readonly seenAt: Date
  readonly problem: string | null
}

/** Kinds that are kept of one set; flips of more kinds are counted alone. */
const kindsKeptMax = 10_000
/** Flips that a report lists. */
const flipsListedMax = 1_000
/** Rows of one statement: some thousand parameters. */
const rowsPerStatement = 200
/** What nodes that are gone have counted stands under this name. */
const goneNode = 'nodes that are gone'
const goneMilliseconds = 10 * 60_000

/** The set that decides beside; null: there is none. */
export async function findShadow(db: Store): Promise<ShadowFacts | null> {
  const row = await db
    .selectFrom('policy_shadow')
    .select(['id', 'at', 'version', 'policies', 'set_by', 'reason'])
    .executeTakeFirst()
  if (row === undefined) return null
  const { set_by: setBy, ...facts } = row
  return { ...facts, setBy }
}

/** The files of a shadow set; null: it has ended. */
export async function findShadowFiles(db: Store, id: string): Promise<readonly SourceFile[] | null> {
  const row = await db.selectFrom('policy_shadow').select('files').where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : (JSON.parse(row.files) as SourceFile[]) // our own JSON
}

/** Who sets one waits for who is just setting another: there is one. */
const holdShadow = async (tx: Transaction): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtext('gatehouse-policy-shadow'))`.execute(tx)
}

/** Puts a set in the place of whatever decided beside; what that one had counted goes with it. */
export async function replaceShadow(
  tx: Transaction,
  { files, setBy, ...facts }: ShadowFacts & { readonly files: readonly SourceFile[] },
): Promise<void> {
  await holdShadow(tx)
  await tx.deleteFrom('policy_shadow').execute()
  await tx
    .insertInto('policy_shadow')
    .values({ shadow: 'set', ...facts, set_by: setBy, files: JSON.stringify(files) })
    .execute()
}

/** Ends a set that decides beside; false: it does not, or no more. */
export async function dropShadow(tx: Transaction, id: string): Promise<boolean> {
  await holdShadow(tx)
  const dropped = await tx.deleteFrom('policy_shadow').where('id', '=', id).returning('id').execute()
  return dropped.length > 0
}

/** What a node has counted since it wrote last. */
export interface ShadowNote {
  readonly shadowId: string
  readonly node: string
  readonly since: Date
  readonly problem: string | null
  readonly now: Date
  readonly taken: ShadowTaken
}

/** Adds it to what stands there. Nodes write one after the other. False: the set has ended. */
export async function noteShadow(tx: Transaction, note: ShadowNote): Promise<boolean> {
  const { shadowId, taken } = note
  const held = await tx.selectFrom('policy_shadow').select('id').where('id', '=', shadowId).forUpdate().execute()
  if (held.length === 0) return false
  const { kept, unlisted } = await withinRoom(tx, shadowId, taken.flips)
  for (let at = 0; at < kept.length; at += rowsPerStatement)
    await addFlips(tx, shadowId, kept.slice(at, at + rowsPerStatement))
  await foldGone(tx, note)
  const { node, since, now, problem } = note
  const counts = { ...taken.counts, unlisted: taken.counts.unlisted + unlisted }
  await addNode(tx, shadowId, { ...counts, node, since, seenAt: now, problem })
  return true
}

/** Those of kinds that are kept already, and as many others as there is room for. */
async function withinRoom(tx: Transaction, shadowId: string, flips: readonly ShadowFlip[]) {
  if (flips.length === 0) return { kept: [], unlisted: 0 }
  const kinds = flips.map(({ kind }) => kind)
  const rows = await tx
    .selectFrom('policy_shadow_flip')
    .select('kind')
    .where('shadow_id', '=', shadowId)
    .where(sql<boolean>`kind = any(${kinds}::text[])`)
    .execute()
  const { there } = await tx
    .selectFrom('policy_shadow_flip')
    .select(({ fn }) => fn.countAll<string>().as('there'))
    .where('shadow_id', '=', shadowId)
    .executeTakeFirstOrThrow()
  const known = new Set(rows.map(({ kind }) => kind))
  const room = Math.max(0, kindsKeptMax - Number(there))
  const news = flips.filter(({ kind }) => !known.has(kind))
  const unlisted = news.slice(room).reduce((sum, { count }) => sum + count, 0)
  return { kept: [...flips.filter(({ kind }) => known.has(kind)), ...news.slice(0, room)], unlisted }
}

async function addFlips(tx: Transaction, shadowId: string, flips: readonly ShadowFlip[]): Promise<void> {
  await tx
    .insertInto('policy_shadow_flip')
    .values(
      flips.map((flip) => ({
        shadow_id: shadowId,
        kind: flip.kind,
        would: flip.would,
        policies: JSON.stringify(flip.policies),
        was_policies: JSON.stringify(flip.wasPolicies),
        errors: JSON.stringify(flip.errors),
        action: flip.action,
        principal_type: flip.principal.type,
        principal_id: flip.principal.id,
        count: flip.count,
        first_at: flip.firstAt,
        last_at: flip.lastAt,
        example_id: flip.exampleId,
      })),
    )
    .onConflict((conflict) =>
      conflict
        .columns(['shadow_id', 'kind'])
        .doUpdateSet({
          count: sql`policy_shadow_flip.count + excluded.count`,
          first_at: sql`least(policy_shadow_flip.first_at, excluded.first_at)`,
          last_at: sql`greatest(policy_shadow_flip.last_at, excluded.last_at)`,
        }),
    )
    .execute()
}

/** A node's name has its process id in it: a node that starts a hundred times must not leave a hundred rows. */
async function foldGone(tx: Transaction, { shadowId, node, now }: ShadowNote): Promise<void> {
  const gone = await tx
    .deleteFrom('policy_shadow_node')
    .where('shadow_id', '=', shadowId)
    .where('seen_at', '<', new Date(now.getTime() - goneMilliseconds))
    .where('node', 'not in', [goneNode, node])
    .returningAll()
    .execute()
  for (const row of gone) await addNode(tx, shadowId, { ...nodeOf(row), node: goneNode, problem: null })
}

async function addNode(tx: Transaction, shadowId: string, one: ShadowNode): Promise<void> {
  await sql`
    insert into policy_shadow_node as n (shadow_id, node, since, seen_at, decided, dropped, errored, newly_allowed,
      newly_denied, unlisted, problem)
    values (${shadowId}, ${one.node}, ${one.since}, ${one.seenAt}, ${one.decided}, ${one.dropped}, ${one.errored},
      ${one.newlyAllowed}, ${one.newlyDenied}, ${one.unlisted}, ${one.problem})
    on conflict (shadow_id, node) do update set since = least(n.since, excluded.since),
      seen_at = greatest(n.seen_at, excluded.seen_at), decided = n.decided + excluded.decided,
      dropped = n.dropped + excluded.dropped, errored = n.errored + excluded.errored,
      newly_allowed = n.newly_allowed + excluded.newly_allowed, newly_denied = n.newly_denied + excluded.newly_denied,
      unlisted = n.unlisted + excluded.unlisted, problem = excluded.problem`.execute(tx)
}

/** What the nodes have counted, by name. */
export async function selectShadowNodes(db: Store, shadowId: string): Promise<ShadowNode[]> {
  const rows = await db
    .selectFrom('policy_shadow_node')
    .selectAll()
    .where('shadow_id', '=', shadowId)
    .orderBy('node')
    .execute()
  return rows.map(nodeOf)
}

/** The kinds of flips, the most frequent first. */
export async function selectShadowFlips(db: Store, shadowId: string): Promise<ShadowFlip[]> {
  const rows = await db
    .selectFrom('policy_shadow_flip')
    .selectAll()
    .where('shadow_id', '=', shadowId)
    .orderBy('count', 'desc')
    .orderBy('kind')
    .limit(flipsListedMax)
    .execute()
  return rows.map((row) => ({
    kind: row.kind,
    would: row.would,
    policies: idsIn(row.policies),
    wasPolicies: idsIn(row.was_policies),
    errors: idsIn(row.errors),
    action: row.action,
    principal: { type: row.principal_type, id: row.principal_id },
    count: row.count,
    firstAt: row.first_at,
    lastAt: row.last_at,
    exampleId: row.example_id,
  }))
}

/** Takes out what somebody would newly have been allowed or denied, and who set what is set. */
export async function forgetInShadow(tx: Transaction, userId: string): Promise<void> {
  await tx
    .deleteFrom('policy_shadow_flip')
    .where('principal_type', '=', 'User')
    .where('principal_id', '=', userId)
    .execute()
  await tx.updateTable('policy_shadow').set({ set_by: null, reason: null }).where('set_by', '=', userId).execute()
}

const idsIn = (json: string): readonly string[] => JSON.parse(json) as string[] // our own JSON

interface NodeRow {
  readonly node: string
  readonly since: Date
  readonly seen_at: Date
  readonly decided: number
  readonly dropped: number
  readonly errored: number
  readonly newly_allowed: number
  readonly newly_denied: number
  readonly unlisted: number
  readonly problem: string | null
}

const nodeOf = (row: NodeRow): ShadowNode => ({
  node: row.node,
  since: row.since,
  seenAt: row.seen_at,
  decided: row.decided,
  dropped: row.dropped,
  errored: row.errored,
  newlyAllowed: row.newly_allowed,
  newlyDenied: row.newly_denied,
  unlisted: row.unlisted,
  problem: row.problem,
})
