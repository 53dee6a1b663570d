import type { Generated } from 'kysely'

/**
 * What a device began and a person finishes in a browser: a log-in (RFC 8628), or a fresh proof for the session that
 * the device has.
 */
export interface DeviceGrantTable {
  id: string
  device_code_hash: Buffer
  /** Eight letters, without the dash. */
  user_code: string
  client: string
  address: string
  user_agent: string
  requested_at: Date
  expires_at: Date
  state: 'waiting' | 'approved' | 'denied' | 'used'
  /** Whose session looked at it first. Only that session decides. */
  user_id: string | null
  claimed_by: string | null
  decided_at: Date | null
  polled_at: Date | null
  interval_seconds: number
  /** The session that the device got. */
  session_id: string | null
  /** The session that is raised, of the person in `user_id`. Null or absent at insert: it is a log-in. */
  raises: Generated<string | null>
}
/**
 * A proof of a key that was seen (RFC 9449 §11.1): the hash of key and `jti`, until the proof would be too old anyway.
 */
export interface DpopProofTable {
  hash: Buffer
  request_id: string
  expires_at: Date
}
