import type { Generated } from 'kysely'

/** A key of the key service. Its material is in no table. */
export interface KmsKeyTable {
  id: string
  workspace_id: string
  /** One key has it, over all workspaces and for ever: ciphertexts outlive keys. */
  name: string
  /** The first of the backends that wrap the material of new versions, by the name in the settings. */
  backend: string
  /** How many of its backends open it together; null: any one does. */
  quorum: number | null
  state: 'enabled' | 'decrypt-only' | 'disabled' | 'pending-deletion' | 'destroyed'
  state_since: Date
  current_version: number
  /** Ciphertexts of versions below it are not opened. */
  minimum_version: number
  /** Null: rotated by hand alone. */
  rotation_days: number | null
  rotate_at: Date | null
  /** Since when the census has nothing of versions before the current one; null: it has, or nobody has looked. */
  settled_since: Date | null
  /** Whether a deletion is refused until somebody has taken the guard away. */
  deletion_guard: boolean
  /** When its material is destroyed; set while it waits for that. */
  delete_at: Date | null
  created_at: Date
}
/** A version of a key. `revoked`: its material may be known to others; it opens for rewrapping alone. */
export interface KmsKeyVersionTable {
  key_id: string
  version: number
  state: 'live' | 'revoked' | 'destroyed'
  /** How many envelopes processes have taken the right to seal under it. */
  seals: Generated<string>
  created_at: Date
  revoked_at: Date | null
}
/** The material of a version, or a share of it, wrapped by the key of one backend. */
export interface KmsVersionWrapTable {
  key_id: string
  version: number
  backend: string
  kek_fingerprint: string
  /** Which share of the material this is; null: all of it. */
  share: number | null
  wrapped: string
  created_at: Date
}
/** The census: a ciphertext that was given out. */
export interface KmsWrapTable {
  /** The id in its header; rewrapping keeps it. */
  id: string
  key_id: string
  /** The version that its newest form needs. */
  version: number
  /** Of workspace and context, under a key of the version. */
  mark: Buffer
  /** Where the caller says that it lies; null: they did not say. */
  location: string | null
  sealed_at: Date
  /** When it was rewrapped last; null: never. */
  moved_at: Date | null
}
