/** A program that calls. Its id is the id of the `Service` it is as a caller. */
export interface ServiceAccountTable {
  id: string
  name: string
  description: string
  status: 'active' | 'disabled'
  created_at: Date
}
export interface ServiceAccountTeamTable {
  account_id: string
  team_id: string
}

/** A token of a person's scripts, or of a program: exactly one of the two owners is there. */
export interface ApiTokenTable {
  id: string
  name: string
  user_id: string | null
  account_id: string | null
  /** SHA-256 of the whole text; the text itself is nowhere. */
  hash: Buffer
  hint: string
  purpose: string
  scopes: string[]
  /** Canonical CIDRs; empty: from anywhere. */
  source_addresses: string[]
  key_thumbprint: string | null
  created_by: string | null
  created_at: Date
  expires_at: Date
  last_used_at: Date | null
  last_used_address: string | null
  revoked_at: Date | null
  revoke_reason: string | null
  /** When its owner was told that it expires soon. */
  reminded_at: Date | null
}
