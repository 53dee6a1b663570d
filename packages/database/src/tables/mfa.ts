/** Ten codes that were made together. At most one set of a person counts, and at most one waits to be confirmed. */
export interface BackupCodeSetTable {
  id: string
  user_id: string
  /** Of the whole set, so that a guess costs one hash and not ten. */
  salt: Buffer
  created_at: Date
  /** Null: its codes open nothing yet. */
  confirmed_at: Date | null
}
export interface BackupCodeTable {
  set_id: string
  hash: Buffer
  used_at: Date | null
}
