import type { Generated, GeneratedAlways } from 'kysely'

/** Data keys, wrapped by the KEK. */
export interface DataKeyTable {
  id: string
  wrapped: string
  kek_fingerprint: string
  created_at: Generated<Date>
}

/** Entries are insert-only; every column but the first two is computed by the database from `entry`. */
export interface AuditEntryTable {
  id: string
  /** RFC 8785 JSON; the leaf is SHA-256(0x00 ‖ entry). */
  entry: string
  at: GeneratedAlways<string>
  action: GeneratedAlways<string>
  outcome: GeneratedAlways<string>
  principal_id: GeneratedAlways<string>
  resource_type: GeneratedAlways<string>
  resource_id: GeneratedAlways<string>
  workspace: GeneratedAlways<string | null>
  session_id: GeneratedAlways<string | null>
  effect: GeneratedAlways<string | null>
  kind: GeneratedAlways<'change' | 'read' | 'refusal' | 'event'>
}
export interface AuditPendingTable {
  entry_id: string
  enqueued_at: Generated<Date>
}
export interface AuditLeafTable {
  seq: string
  entry_id: string
  leaf_hash: Buffer
}
/** `frontier` is the compact range of the signed tree: its roots of full subtrees, 32 bytes each, largest first. */
export interface AuditCheckpointTable {
  size: string
  root: Buffer
  frontier: Buffer
  note: string
  signed_at: Date
}
/** Clear personal values with their salts; erasable without touching the tree. */
export interface AuditPersonalTable {
  entry_id: string
  field: string
  value: string
  salt: Buffer
}
/** Intents whose outcome has not been written yet. */
export interface AuditIntentTable {
  entry_id: string
  deadline: Date
}

/** Two-bucket sliding counters. */
export interface RateBucketTable {
  key: string
  window_start: Date
  current: number
  previous: number
}

export interface PolicyNodeTable {
  node: string
  version: string
  schema_version: string
  policies: number
  loaded_at: Date
  seen_at: Date
  last_error: string | null
  last_error_at: Date | null
}
/** Heartbeats of worker and gateway nodes. */
export interface NodeTable {
  id: string
  kind: 'gateway' | 'worker'
  started_at: Date
  seen_at: Date
  detail: string
}
