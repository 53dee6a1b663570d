import type { Generated } from 'kysely'

/** Guesses, keyed by what is counted: an account's canonical name (also an unknown one), a known device, an address. */
export interface GuessThrottleTable {
  kind: string
  key: string
  failures: number
  /** When the last guess was evaluated. */
  window_start: Date
  /** Set when the window was full: no guess is evaluated before it. */
  blocked_until: Date | null
  /** How often in a row it was full: the delay grows by it. */
  full_windows: Generated<number>
}
/** A browser or command line that somebody has logged in with, by the hash of a secret that only it has. */
export interface KnownDeviceTable {
  hash: Buffer
  user_id: string
  session_id: string
  issued_at: Date
  expires_at: Date
}
/** Failures of one account in the window that began with the first of them. */
export interface AuthFailureTable {
  key: string
  window_start: Date
  failures: number
}
