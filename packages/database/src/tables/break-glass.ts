import type { Generated } from 'kysely'

/** Time that has passed for a row, and by which clocks it was last looked at. */
interface Clocked {
  passed_ms: string
  seen_at: Date
  /** The boot of the machine that looked, and its steady clock then: both of one machine, or nothing was measured. */
  boot_id: string
  steady_ms: string
}
type Severity = 'critical' | 'high' | 'medium' | 'low'

/** A request for emergency access. `document` is what votes sign; the other columns of what was asked repeat it. */
export interface BreakGlassRequestTable extends Clocked {
  id: string
  requester_id: string
  requester_name: string
  version: number
  hash: Buffer
  document: string
  workspace_id: string
  /** The incident as it was named. */
  incident: string
  /** Which one that is; null: asked for before incidents were led here. */
  incident_id: string | null
  severity: Severity
  justification: string
  actions: string[]
  duration_seconds: number
  state: 'pending' | 'approved' | 'active' | 'denied' | 'cancelled' | 'lapsed' | 'ended'
  /** Since this version was asked for. */
  open_ms: string
  drill: Generated<boolean>
  /** When its approvers were last enough; null: they were not yet, of this version. */
  approved_at: Date | null
  /** When a drill ended, where its session would have begun. */
  finished_at: Date | null
  address: string
  user_agent: string
  session_id: string
  created_at: Date
  closed_reason: string | null
}
/** Every version that was ever asked for. */
export interface BreakGlassVersionTable {
  request_id: string
  version: number
  hash: Buffer
  document: string
  made_at: Date
}
/** A vote, whole: what was said, and what proves it. */
export interface BreakGlassVoteTable {
  id: string
  request_id: string
  version: number
  hash: Buffer
  voter_id: string
  voter_name: string
  says: 'approve' | 'deny'
  team_id: string | null
  reason: string | null
  method: 'webauthn' | 'totp'
  /** Canonical JSON of what was signed: the vote and the request. */
  statement: string
  /** JSON: the assertion and the key that made it; null: a code in a session. */
  evidence: string | null
  session_id: string
  at: Date
  /** In the order in which they were written. */
  place: Generated<string>
}
/** A span of emergency access. Its row decides at every call. */
export interface EmergencySessionTable extends Clocked {
  id: string
  request_id: string
  user_id: string
  workspace_id: string
  actions: string[]
  duration_seconds: number
  approver_ids: string[]
  /** JSON: the rule in force, and who stood for which team when it began. */
  quorum: string
  /** `jti` of its one token. */
  token_id: string
  key_thumbprint: string | null
  idle_ms: string
  warned: Generated<number>
  activated_at: Date
  expires_at: Date
  ended_by: 'expired' | 'inactive' | 'revoked' | 'requester-disabled' | 'approver-disabled' | null
  ended_at: Date | null
  ender_id: string | null
  end_reason: string | null
  reviewed_at: Date | null
  reviewer_id: string | null
  /** JSON: what the review says. */
  review: string | null
  /** When people were last told that it is overdue. */
  overdue_told_at: Date | null
}
/** One row: the rule that was set; without it the shipped one holds. */
export interface BreakGlassRuleTable {
  id: number
  rule: string
  totp_admitted: boolean
  updated_at: Date
  updated_by: string | null
}
