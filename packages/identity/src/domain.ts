import type { Schema, Store } from '@gatehouse/database'
import type { Domain } from '@gatehouse/enforcement'
import { identitySchedules } from './upkeep/schedules.ts'
import { loadApiTokenSlice, loadServiceAccountSlice } from './programs/service-account/service-account-slice.queries.ts'
import {
  loadApprovalSlice,
  loadAuthenticatorSlice,
  loadSessionSlice,
  loadTeamSlice,
  loadUserSlice,
  loadWorkspaceSlice,
} from './slices.queries.ts'

/** Identity, as one value. */
export const identityDomain = {
  slices: {
    User: loadUserSlice,
    Team: loadTeamSlice,
    Workspace: loadWorkspaceSlice,
    Session: loadSessionSlice,
    Authenticator: loadAuthenticatorSlice,
    ServiceAccount: loadServiceAccountSlice,
    ApiToken: loadApiTokenSlice,
    Approval: loadApprovalSlice,
  },
  schedules: identitySchedules,
  tables: {
    users: { rows: 'kept', personal: ['username', 'display_name', 'email', 'password_hash', 'last_login_at'] },
    user_role: { rows: 'owner', personal: ['role'] },
    team: { rows: 'owner', personal: [] },
    team_member: { rows: 'owner', personal: ['team_id'] },
    workspace: { rows: 'kept', personal: [] },
    workspace_team: { rows: 'kept', personal: [] },
    session: { rows: 'pruned', personal: ['address', 'user_agent', 'key_thumbprint'] },
    refresh_token: { rows: 'parent', personal: [] },
    revoked_token: { rows: 'pruned', personal: [] },
    revocation_cleaning: { rows: 'kept', personal: [] },
    mfa_challenge: { rows: 'pruned', personal: ['address', 'user_agent'] },
    authenticator: { rows: 'pruned', personal: ['name', 'secret'] },
    backup_code_set: { rows: 'owner', personal: [] },
    backup_code: { rows: 'parent', personal: ['hash'] },
    webauthn_user: { rows: 'kept', personal: ['handle'] },
    webauthn_credential: { rows: 'parent', personal: ['credential_id', 'public_key', 'attestation'] },
    webauthn_challenge: { rows: 'pruned', personal: ['name'] },
    setting: { rows: 'kept', personal: ['updated_by'] },
    notification: { rows: 'pruned', personal: ['text'] },
    service_account: { rows: 'owner', personal: [] },
    service_account_team: { rows: 'owner', personal: [] },
    api_token: { rows: 'pruned', personal: ['name', 'purpose', 'source_addresses', 'last_used_address'] },
    device_grant: { rows: 'pruned', personal: ['address', 'user_agent'] },
    dpop_proof: { rows: 'pruned', personal: [] },
    invitation: { rows: 'pruned', personal: [] },
    approval: {
      rows: 'pruned',
      personal: ['requester_id', 'subject_id', 'approver_id', 'reason', 'decision_reason', 'ticket'],
    },
    signing_key: { rows: 'owner', personal: [] },
    seed_secret: { rows: 'owner', personal: ['password', 'totp_secret'] },
    guess_throttle: { rows: 'pruned', personal: ['key'] },
    known_device: { rows: 'pruned', personal: ['hash'] },
    auth_failure: { rows: 'pruned', personal: ['key'] },
  },
} as const satisfies Domain<Store, Schema>
