import type * as access from './tables/access.ts'
import type * as breakGlass from './tables/break-glass.ts'
import type * as alerts from './tables/alerts.ts'
import type * as governance from './tables/governance.ts'
import type * as incidents from './tables/incidents.ts'
import type * as guessing from './tables/guessing.ts'
import type * as identity from './tables/identity.ts'
import type * as kms from './tables/kms.ts'
import type * as kernel from './tables/kernel.ts'
import type * as mfa from './tables/mfa.ts'
import type * as secrets from './tables/secrets.ts'
import type * as services from './tables/services.ts'
import type * as oauth from './tables/oauth.ts'
import type * as people from './tables/people.ts'
import type * as webauthn from './tables/webauthn.ts'
import type * as workspaces from './tables/workspaces.ts'

/** Every table, by its name in the database. */
export interface Schema {
  data_key: kernel.DataKeyTable
  audit_entry: kernel.AuditEntryTable
  audit_placed: kernel.AuditEntryTable
  audit_pending: kernel.AuditPendingTable
  audit_leaf: kernel.AuditLeafTable
  audit_checkpoint: kernel.AuditCheckpointTable
  audit_subject_key: kernel.AuditSubjectKeyTable
  audit_personal: kernel.AuditPersonalTable
  audit_mention: kernel.AuditMentionTable
  audit_erasure: kernel.AuditErasureTable
  audit_personal_clear: kernel.AuditPersonalClearTable
  audit_intent: kernel.AuditIntentTable
  audit_node: kernel.AuditNodeTable
  audit_view: kernel.AuditViewTable
  audit_retention: kernel.AuditRetentionTable
  audit_hold: kernel.AuditHoldTable
  audit_sink: kernel.AuditSinkTable
  audit_sink_dead_letter: kernel.AuditSinkDeadLetterTable
  audit_export: kernel.AuditExportTable
  audit_cosignature: kernel.AuditCosignatureTable
  audit_witness: kernel.AuditWitnessTable
  break_glass_request: breakGlass.BreakGlassRequestTable
  break_glass_version: breakGlass.BreakGlassVersionTable
  break_glass_vote: breakGlass.BreakGlassVoteTable
  emergency_session: breakGlass.EmergencySessionTable
  break_glass_rule: breakGlass.BreakGlassRuleTable
  person_gift: people.PersonGiftTable
  alert: alerts.AlertTable
  alert_channel: alerts.AlertChannelTable
  alert_delivery: alerts.AlertDeliveryTable
  alert_window: alerts.AlertWindowTable
  incident: incidents.IncidentTable
  incident_step: incidents.IncidentStepTable
  incident_clock: incidents.IncidentClockTable
  incident_evidence: incidents.IncidentEvidenceTable
  incident_action: incidents.IncidentActionTable
  incident_notice: incidents.IncidentNoticeTable
  rate_bucket: kernel.RateBucketTable
  guess_throttle: guessing.GuessThrottleTable
  known_device: guessing.KnownDeviceTable
  auth_failure: guessing.AuthFailureTable
  policy_node: kernel.PolicyNodeTable
  policy_set: kernel.PolicySetTable
  policy_change: kernel.PolicyChangeTable
  policy_pin: kernel.PolicyPinTable
  policy_shadow: kernel.PolicyShadowTable
  policy_shadow_node: kernel.PolicyShadowNodeTable
  policy_shadow_flip: kernel.PolicyShadowFlipTable
  node: kernel.NodeTable
  users: identity.UserTable
  user_role: identity.UserRoleTable
  team: identity.TeamTable
  team_member: identity.TeamMemberTable
  environment: workspaces.EnvironmentTable
  workspace: workspaces.WorkspaceTable
  workspace_team: workspaces.WorkspaceTeamTable
  workspace_calendar: workspaces.WorkspaceCalendarTable
  on_call_shift: workspaces.OnCallShiftTable
  session: identity.SessionTable
  refresh_token: identity.RefreshTokenTable
  revoked_token: identity.RevokedTokenTable
  revocation_cleaning: identity.RevocationCleaningTable
  mfa_challenge: identity.MfaChallengeTable
  authenticator: identity.AuthenticatorTable
  backup_code_set: mfa.BackupCodeSetTable
  backup_code: mfa.BackupCodeTable
  webauthn_user: webauthn.WebauthnUserTable
  webauthn_credential: webauthn.WebauthnCredentialTable
  webauthn_challenge: webauthn.WebauthnChallengeTable
  setting: governance.SettingTable
  notification: governance.NotificationTable
  service_account: services.ServiceAccountTable
  service_account_team: services.ServiceAccountTeamTable
  api_token: services.ApiTokenTable
  device_grant: oauth.DeviceGrantTable
  dpop_proof: oauth.DpopProofTable
  invitation: people.InvitationTable
  approval: people.ApprovalTable
  access_lock: people.AccessLockTable
  access_lock_version: people.AccessLockVersionTable
  signing_key: identity.SigningKeyTable
  seed_secret: identity.SeedSecretTable
  lease: access.LeaseTable
  lease_proof: access.LeaseProofTable
  lease_wrap: access.LeaseWrapTable
  lease_end_notice: access.LeaseEndNoticeTable
  lease_view: access.LeaseViewTable
  ssh_host: access.SshHostTable
  ssh_host_key: access.SshHostKeyTable
  ssh_key: access.SshKeyTable
  ssh_certificate: access.SshCertificateTable
  ssh_otp: access.SshOtpTable
  ssh_authority: access.SshAuthorityTable
  ssh_vault_authority: access.SshVaultAuthorityTable
  ssh_host_lock: access.SshHostLockTable
  ssh_krl: access.SshKrlTable
  secret_backend: secrets.SecretBackendTable
  secret_role: secrets.SecretRoleTable
  secret_credential: secrets.SecretCredentialTable
  kms_key: kms.KmsKeyTable
  kms_key_version: kms.KmsKeyVersionTable
  kms_version_wrap: kms.KmsVersionWrapTable
  kms_wrap: kms.KmsWrapTable
}
