/** A place that gives credentials: one of a kind, configured by a person. */
export interface SecretBackendTable {
  id: string
  /** One backend that is there has it. */
  name: string
  /** What its settings and the forms of its roles are read as. */
  kind: 'postgres' | 'vault' | 'aws' | 'upcloud'
  /** What it is reached with, sealed; null: it was removed. */
  settings: Buffer | null
  /** The same with the secret that is being put in place of it, sealed; null: none is. */
  next_settings: Buffer | null
  /** Until then somebody is putting it in place, and nobody else does. */
  rotating_until: Date | null
  /** Where it is and as whom Gatehouse is known there, for people. */
  shown: string
  /** Which server or account it is, by its own word: another one at the same address is another. */
  identity: string
  checked_at: Date | null
  last_error: string | null
  created_at: Date
  removed_at: Date | null
}
/** What may be asked of a backend, in one workspace. */
export interface SecretRoleTable {
  id: string
  /** One role that is there has it, over all workspaces. */
  name: string
  workspace_id: string
  backend_id: string
  ttl_seconds_max: number
  /** So many of its leases may live at once; null: any number. */
  leases_max: number | null
  /** So many of one person or program. */
  leases_each_max: number | null
  /** What its credentials may do, in the form of its backend's kind. */
  form: unknown
  created_at: Date
  removed_at: Date | null
}
/** Where the credential of a lease was asked for: written before it is made, so that it is found again. */
export interface SecretCredentialTable {
  lease_id: string
  backend_id: string
  role_id: string
  /** Its lease has not ended: so few rows are counted and looked at, however many there were. */
  living: boolean
  /** By what its backend finds it, where its name does not say so; kept before the next step is asked for. */
  handle: unknown
  /** It is being taken away: no handle is kept any more. */
  closed: boolean
  /** What the worker asks with whether a revoked credential is dead, sealed; null: nothing, or nothing any more. */
  witness: Buffer | null
}
