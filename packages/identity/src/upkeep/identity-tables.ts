import type { Schema } from '@gatehouse/database'
import type { TableCares } from '@gatehouse/enforcement'

/** What identity answers for its tables. */
export const identityTables = {
  users: { rows: 'kept', personal: ['username', 'display_name', 'email', 'password_hash', 'last_login_at'] },
  user_role: { rows: 'owner', personal: ['role'] },
  team: { rows: 'owner', personal: [] },
  team_member: { rows: 'owner', personal: ['team_id'] },
  environment: { rows: 'kept', personal: ['updated_by'] },
  workspace: { rows: 'kept', personal: [] },
  workspace_team: { rows: 'owner', personal: [] },
  workspace_calendar: { rows: 'owner', personal: ['updated_by'] },
  on_call_shift: { rows: 'owner', personal: ['user_id', 'starts_at', 'ends_at'] },
  session: { rows: 'pruned', by: 'revocation.prune', personal: ['address', 'user_agent', 'key_thumbprint'] },
  refresh_token: { rows: 'parent', personal: [] },
  revoked_token: { rows: 'pruned', by: 'revocation.prune', personal: [] },
  revocation_cleaning: { rows: 'kept', personal: [] },
  mfa_challenge: { rows: 'pruned', by: 'revocation.prune', personal: ['address', 'user_agent'] },
  authenticator: { rows: 'pruned', by: 'revocation.prune', personal: ['name', 'secret'] },
  backup_code_set: { rows: 'owner', personal: [] },
  backup_code: { rows: 'parent', personal: ['hash'] },
  webauthn_user: { rows: 'kept', personal: ['handle'] },
  webauthn_credential: { rows: 'parent', personal: ['credential_id', 'public_key', 'attestation'] },
  webauthn_challenge: { rows: 'pruned', by: 'revocation.prune', personal: ['name'] },
  setting: { rows: 'kept', personal: ['updated_by'] },
  notification: { rows: 'pruned', by: 'revocation.prune', personal: ['text'] },
  service_account: { rows: 'owner', personal: [] },
  service_account_team: { rows: 'owner', personal: [] },
  api_token: {
    rows: 'pruned',
    by: 'revocation.prune',
    personal: ['name', 'purpose', 'source_addresses', 'last_used_address'],
  },
  device_grant: { rows: 'pruned', by: 'revocation.prune', personal: ['address', 'user_agent'] },
  dpop_proof: { rows: 'pruned', by: 'revocation.prune', personal: [] },
  invitation: { rows: 'pruned', by: 'revocation.prune', personal: [] },
  person_gift: { rows: 'pruned', by: 'revocation.prune', personal: ['giver_id'] },
  approval: {
    rows: 'pruned',
    by: 'revocation.prune',
    personal: ['requester_id', 'subject_id', 'approver_id', 'reason', 'decision_reason', 'ticket'],
  },
  access_lock: {
    rows: 'kept',
    personal: ['target', 'name', 'reason', 'owner_id', 'created_by', 'removed_by', 'remove_reason'],
  },
  access_lock_version: { rows: 'kept', personal: [] },
  signing_key: { rows: 'owner', personal: [] },
  seed_secret: { rows: 'owner', personal: ['password', 'totp_secret'] },
  guess_throttle: { rows: 'pruned', by: 'revocation.prune', personal: ['key'] },
  known_device: { rows: 'pruned', by: 'revocation.prune', personal: ['hash'] },
  auth_failure: { rows: 'pruned', by: 'revocation.prune', personal: ['key'] },
} as const satisfies Partial<TableCares<Schema, keyof Schema>>

type Tables = typeof identityTables

/** The tables that are pruned: each has its line in the pruning, or it does not compile. */
export type PrunedTable = {
  [T in keyof Tables]: Tables[T] extends { readonly rows: 'pruned' } ? T : never
}[keyof Tables]
