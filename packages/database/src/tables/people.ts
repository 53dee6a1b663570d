import type { Generated, GeneratedAlways } from 'kysely'

/** A person's way in, good once. At most one of each person: inviting again replaces it. */
export interface InvitationTable {
  id: string
  user_id: string
  /** SHA-256 of the token: 256 random bits need no slower one. */
  hash: Buffer
  /** The token, sealed, while it waits to be mailed; null once it was, or where it was shown to the inviter. */
  token: Buffer | null
  created_at: Date
  expires_at: Date
  accepted_at: Date | null
  mail_claimed_at: Date | null
  mailed_at: Date | null
  mail_attempts: Generated<number>
  /** Not to be tried before. */
  mail_due_at: Date | null
}

/** A second person's yes to one exact call. Whether an open one has expired is for the clock to say. */
export interface ApprovalTable {
  id: string
  action: string
  requester_id: string
  /** Whom the call is about, where it is about a person. */
  subject_id: string | null
  resource_type: Generated<string>
  resource_id: string
  workspace_id: string | null
  /** What else of the call counts, as `name=value`. */
  parameters: Generated<string[]>
  risk: Generated<'low' | 'medium' | 'high'>
  /** Of what is done to what: one is open for it at a time. */
  call_hash: Buffer
  /** The same, and why, where the why counts: what was asked is what may be done. */
  request_hash: Buffer
  reason: string
  ticket: string | null
  state: 'pending' | 'approved' | 'denied' | 'cancelled' | 'expired' | 'used'
  approver_id: string | null
  decision_reason: string | null
  created_at: Date
  expires_at: Date
  decided_at: Date | null
  used_at: Date | null
}

/** Something that somebody has from somebody else: their account (or a way into it), a role, a team. */
export interface PersonGiftTable {
  id: string
  user_id: string
  giver_id: string
  what: 'account' | 'role' | 'team'
  /** The role, or the team's id. */
  given: string | null
  at: Date
}

/** What is denied, until when and why. */
export interface AccessLockTable {
  id: string
  kind: 'principal' | 'role' | 'host' | 'key' | 'approval'
  /** An id, a role of people or of a lease, or a fingerprint. */
  target: string
  /** What people called it then. */
  name: string
  reason: string
  principal_id: GeneratedAlways<string | null>
  /** The person whose own it is: they do not remove it. Null: nobody's in particular. */
  owner_id: string | null
  created_at: Date
  created_by: string | null
  /** Null: until it is removed. */
  expires_at: Date | null
  removed_at: Date | null
  removed_by: string | null
  remove_reason: string | null
}

/** One row, which is written whenever a lock is: whoever finds it as it was knows that no lock is new. */
export interface AccessLockVersionTable {
  number: string
}
