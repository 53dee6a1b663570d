import type { Generated } from 'kysely'

export type RoleColumn = 'Admin' | 'Developer' | 'Operator' | 'Viewer' | 'Auditor'

export interface UserTable {
  id: string
  /** Canonical form; unique. */
  username: string
  display_name: string
  email: string | null
  status: Generated<'active' | 'disabled'>
  password_hash: string
  must_change_password: boolean
  password_changed_at: Date
  /** Access tokens issued before this moment are dead on every node. */
  cut_off: Date | null
  last_login_at: Date | null
  created_at: Generated<Date>
}
export interface UserRoleTable {
  user_id: string
  role: RoleColumn
  /** Since when they have it. */
  granted_at: Date
}
export interface TeamTable {
  id: string
  name: string
  description: string
  created_at: Generated<Date>
}
export interface TeamMemberTable {
  team_id: string
  user_id: string
}

/** One log-in: the server's record behind its tokens, and the refresh family. */
export interface SessionTable {
  id: string
  user_id: string
  assurance: 'pw' | 'mfa'
  methods: string[]
  auth_time: Date
  proved_at: Date | null
  /** Opened with a backup code: until then it may add one authenticator. Null: it may not, or has. */
  recovery_until: Date | null
  address: string
  user_agent: string
  /** RFC 7638 thumbprint of the key that its tokens are bound to (RFC 9449). Null or absent at insert: to none. */
  key_thumbprint: Generated<string | null>
  created_at: Generated<Date>
  last_used_at: Date
  expires_at: Date
  revoked_at: Date | null
  revoke_reason: string | null
}
export interface RefreshTokenTable {
  id: string
  session_id: string
  seq: number
  hash: Buffer
  issued_at: Date
  expires_at: Date
  used_at: Date | null
  /** The refresh token and the `jti` of the access token that it was exchanged for; null: never by a key of its own. */
  successor_id: Generated<string | null>
  successor_access_id: Generated<string | null>
  /** The request that exchanged it. */
  exchanged_in: Generated<string | null>
  /** When its answer was given a second time. */
  repeated_at: Generated<Date | null>
}
export interface RevokedTokenTable {
  jti: string
  expires_at: Date
  reason: string
  revoked_at: Generated<Date>
}
/** One row: how many revoked tokens have been forgotten after they expired. */
export interface RevocationCleaningTable {
  id: number
  cleaned: string
  cleaned_at: Date | null
}
export interface MfaChallengeTable {
  id: string
  user_id: string
  created_at: Date
  expires_at: Date
  used_at: Date | null
  address: string
  user_agent: string
}
export interface AuthenticatorTable {
  id: string
  user_id: string
  kind: 'totp' | 'webauthn'
  name: string
  /** TOTP secret, sealed; null for WebAuthn. */
  secret: Buffer | null
  algorithm: 'SHA1' | 'SHA256' | 'SHA512' | null
  digits: number | null
  period_seconds: number | null
  /** The last time step that was accepted: no code at or before it is accepted again. */
  last_step: string | null
  created_at: Generated<Date>
  confirmed_at: Date | null
  last_used_at: Date | null
}
export interface SigningKeyTable {
  kid: string
  status: 'next' | 'current' | 'previous' | 'removed'
  public_jwk: string
  private_key: Buffer
  created_at: Generated<Date>
  activated_at: Date | null
  retired_at: Date | null
}
/** Seed principals of the dev stack, and the admin's one-time password until it is changed. Sealed. */
export interface SeedSecretTable {
  user_id: string
  kind: 'one-time' | 'seed'
  password: Buffer
  totp_secret: Buffer | null
}
