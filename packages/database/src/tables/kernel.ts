import type { ColumnType, Generated, GeneratedAlways } from 'kysely'

/** The data key, as each key encryption key wrapped it. */
export interface DataKeyTable {
  id: string
  wrapped: string
  kek_fingerprint: string
  /** Null: wrapped before this was kept. */
  kek_uri: string | null
  created_at: Generated<Date>
}

/**
 * `audit_placed`: entries that have their place in the tree, by `audit_place` alone; every column but the first three
 * it fills from `entry`, and nobody else does. `audit_entry`: a view of these and of those that wait.
 */
export interface AuditEntryTable {
  id: string
  /** RFC 8785 JSON; the leaf is SHA-256(0x00 ‖ entry). */
  entry: string
  /** What was asked for the entry's decision; not part of the leaf. */
  asked: string | null
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
/** Entries that are acknowledged and have no place yet, with their personal values; by `audit_keep` alone. */
export interface AuditPendingTable {
  entry_id: string
  enqueued_at: Generated<Date>
  entry: string
  asked: string | null
  caller_part: Generated<'caller' | 'caller-in-session' | null>
  caller_key: Generated<string | null>
  caller_sealed: Generated<Buffer | null>
  caller_ip: Generated<Buffer | null>
  input_key: Generated<string | null>
  input_sealed: Generated<Buffer | null>
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
/**
 * A key for what the audit log keeps of one person or program. Whoever is erased has none any more: what was sealed
 * under it can be read by nobody. One may have several; the row without a subject is the key of look-ups.
 */
export interface AuditSubjectKeyTable {
  id: string
  subject: string
  /** The look-up of the name that they went by; null: none was known. */
  name: Buffer | null
  /** The key, sealed. */
  sealed: Buffer
  created_at: Generated<Date>
}
/** The personal values of an entry with their salts, sealed under the key of whom they are about. */
export interface AuditPersonalTable {
  entry_id: string
  /** What says something of the caller, or of whom the input speaks. */
  part: 'caller' | 'caller-in-session' | 'input'
  key_id: string
  sealed: Buffer
  /** The look-up of the address; null or absent: there is none. */
  ip: Generated<Buffer | null>
}
/** Whom inputs name, as look-ups: by these they are searched for, and found when somebody is erased. */
export interface AuditMentionTable {
  value: Buffer
  entry_id: string
  field: string
}
/** Whose keys were destroyed. No personal data: an id that leads nowhere any more, and look-ups. */
export interface AuditErasureTable {
  subject: string
  erased_at: Date
  names: Buffer[]
  /** What was taken out of entries of others: pairs of an entry and a field, JSON. */
  redactions: ColumnType<readonly (readonly [string, string])[], string | undefined, never>
}
/** Personal values as they were kept before they were sealed; emptied by the first start after the upgrade. */
export interface AuditPersonalClearTable {
  entry_id: string
  field: string
  value: string
  salt: Buffer
}
/** Hashes of whole subtrees of 256^`level` leaves: tiles and proofs are made from them. */
export interface AuditNodeTable {
  level: number
  index: string
  hash: Buffer
}
/** Intents whose outcome has not been written yet. */
export interface AuditIntentTable {
  entry_id: string
  deadline: Date
}

/** A place where the audit log goes by itself. */
export interface AuditSinkTable {
  id: string
  name: string
  kind: string
  format: string
  /** Where it is: JSON text. */
  target: string
  /** Of one that is reached by HTTPS: its whole URL, sealed; null: it was kept before that, in the target. */
  url: Buffer | null
  /** Whose certificates are trusted instead of the system's; PEM. */
  authority: string | null
  /** Sealed. */
  secret: Buffer | null
  redacted: boolean
  state: 'active' | 'paused'
  /** The last leaf that was delivered. */
  cursor: string
  /** The leaf behind which it began. */
  begins_after: Generated<string>
  /** Whether its file has to be written again from there: somebody in it was erased. */
  anew: Generated<boolean>
  /** Whether nothing is changed while it does not take the audit log. */
  required: Generated<boolean>
  due_at: Date
  claim: string | null
  claimed_until: Date | null
  failures: Generated<number>
  failing_since: Date | null
  last_error: string | null
  delivered_at: Date | null
  created_at: Date
}
/** An entry that a sink would not take. */
export interface AuditSinkDeadLetterTable {
  sink_id: string
  seq: string
  entry_id: string
  error: string
  at: Date
  due: boolean
}

/** For how long entries stay; one row, or none until somebody sets it or something is removed. */
export interface AuditRetentionTable {
  one: true
  days: number
  break_glass_days: number
  updated_at: Date | null
  updated_by: string | null
  /** Entries from before this moment, RFC 3339, may be gone. */
  pruned_before: string | null
}
/** What nothing may be removed of until a day after it was released. */
export interface AuditHoldTable {
  id: string
  reason: string
  workspace: string | null
  principal_id: string | null
  /** Look-ups of the names that the person goes by. */
  names: Buffer[]
  request_id: string | null
  from_at: string | null
  to_at: string | null
  placed_by: string
  placed_at: Date
  released_at: Date | null
}

/** An export of the audit log while it may be read. */
export interface AuditExportTable {
  id: string
  principal_id: string
  session_id: string
  format: string
  /** Ids and moments: JSON text. */
  filters: string
  redacted: boolean
  proofs: boolean
  /** Whether pseudonyms stand for people. */
  pseudonyms: Generated<boolean>
  /** The size of an older checkpoint that its manifest goes on from. */
  since: string | null
  /** The tree's size; entries beyond it are not in the export. */
  size: string
  checkpoint: string | null
  created_at: Date
  expires_at: Date
  finished_at: Date | null
}

/** A co-signature of a checkpoint, by a witness. */
export interface AuditCosignatureTable {
  size: string
  witness: string
  /** Its line of the signed note. */
  line: string
  /** When the witness signed, in seconds. */
  time: string
  created_at: Date
}
/** How far a witness has come. */
export interface AuditWitnessTable {
  name: string
  /** The size that it last co-signed. */
  size: Generated<string>
  due_at: Date
  claim: string | null
  claimed_until: Date | null
  failures: Generated<number>
  failing_since: Date | null
  last_error: string | null
  signed_at: Date | null
}

/** A person's search of the audit log, under a name. */
export interface AuditViewTable {
  id: string
  owner_id: string
  name: string
  /** The input of the search, without a page: JSON text. */
  filters: string
  shared: boolean
  created_at: Date
}

/** Two-bucket sliding counters. */
export interface RateBucketTable {
  key: string
  window_start: Date
  current: number
  previous: number
}

/** Each policy set that was ever in force, as its files stood: what a recorded decision is made again by. */
export interface PolicySetTable {
  version: string
  schema_version: string
  /** JSON: `[{ file, text }]`. */
  files: string
  first_used_at: Date
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
/** Policy sets that came into force, newest by `position`. */
export interface PolicyChangeTable {
  id: string
  position: Generated<string>
  at: Date
  kind: 'files' | 'published' | 'rolledBack'
  version: string
  schema_version: string
  policies: number
  files: string
  changed_by: string | null
  reason: string | null
}

/** The policy set that every node decides by; no row: each node follows its files. */
export interface PolicyPinTable {
  pin: 'set'
  change_id: string
  files_version: string
  at: Date
}

/** The policy set that decides beside the one in force; there is at most one. */
export interface PolicyShadowTable {
  shadow: 'set'
  id: string
  at: Date
  version: string
  policies: number
  /** JSON: `[{ file, text }]`. */
  files: string
  set_by: string | null
  reason: string | null
}

/** What one node has counted of it. */
export interface PolicyShadowNodeTable {
  shadow_id: string
  node: string
  since: Date
  seen_at: Date
  decided: number
  dropped: number
  errored: number
  newly_allowed: number
  newly_denied: number
  unlisted: number
  problem: string | null
}

/** Decisions of one kind that it made otherwise. */
export interface PolicyShadowFlipTable {
  shadow_id: string
  /** The hash of what makes the kind. */
  kind: string
  would: 'allow' | 'deny'
  /** JSON: ids of policies, as the two below. */
  policies: string
  was_policies: string
  errors: string
  action: string
  principal_type: string
  principal_id: string
  count: number
  first_at: Date
  last_at: Date
  example_id: string
}

/** Heartbeats of worker and gateway nodes. */
export interface NodeTable {
  id: string
  kind: 'gateway' | 'worker'
  started_at: Date
  seen_at: Date
  detail: string
}
