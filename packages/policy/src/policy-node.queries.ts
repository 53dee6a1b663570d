import type { Store } from '@gatehouse/database'

/** What one node has in force, and why it is not something newer. */
export interface NodeState {
  readonly node: string
  readonly version: string
  readonly schemaVersion: string
  readonly policies: number
  readonly loadedAt: Date
  readonly lastError: string | null
  readonly lastErrorAt: Date | null
}

/** More gateways than this are not one system. */
const nodesMax = 200

/** Says what a node has in force, as of `seenAt`. */
export async function writeNode(db: Store, state: NodeState, seenAt: Date): Promise<void> {
  const values = {
    version: state.version,
    schema_version: state.schemaVersion,
    policies: state.policies,
    loaded_at: state.loadedAt,
    seen_at: seenAt,
    last_error: state.lastError,
    last_error_at: state.lastErrorAt,
  }
  await db
    .insertInto('policy_node')
    .values({ node: state.node, ...values })
    .onConflict((conflict) => conflict.column('node').doUpdateSet(values))
    .execute()
}

/** Nodes that have been seen since, by name. */
export async function nodesSeenSince(db: Store, since: Date): Promise<(NodeState & { readonly seenAt: Date })[]> {
  const rows = await db
    .selectFrom('policy_node')
    .selectAll()
    .where('seen_at', '>=', since)
    .orderBy('node')
    .limit(nodesMax)
    .execute()
  return rows.map((row) => ({
    node: row.node,
    version: row.version,
    schemaVersion: row.schema_version,
    policies: row.policies,
    loadedAt: row.loaded_at,
    seenAt: row.seen_at,
    lastError: row.last_error,
    lastErrorAt: row.last_error_at,
  }))
}

/** Takes away what nodes that are gone have said. */
export async function forgetNodesUnseenSince(db: Store, since: Date): Promise<void> {
  await db.deleteFrom('policy_node').where('seen_at', '<', since).execute()
}

/** Takes away what a node that ends has said. */
export async function forgetNode(db: Store, node: string): Promise<void> {
  await db.deleteFrom('policy_node').where('node', '=', node).execute()
}
