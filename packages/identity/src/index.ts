export { looksLikeApiToken } from './programs/api-token/api-token-text.ts'
export { createAuthenticator, type AuthenticatorDeps } from './login/authenticate.ts'
export { identityConfig, type IdentityConfig } from './shared/config.ts'
export { selectUsernames } from './directory/user.queries.ts'
export { callingUser } from './shared/identifiers.ts'
export { directory } from './directory/directory.queries.ts'
export type { IdentityDeps, LeasesOfPeople } from './shared/deps.ts'
export { identityHandlers, type IdentityNoun } from './handlers.ts'
export { calibratePasswords, type Calibration, type MeasuredCost } from './proof/password/calibrate.ts'
export { hashesAtOnce, passwordCostDefault, type PasswordCost } from './proof/password/password-hashing.ts'
export { createSmtpMailer, type SmtpSettings } from './notices/mail/smtp-mailer.ts'
export { deliverOne, type MailDeps } from './notices/mail/deliver-mail.ts'
export { startMailing } from './notices/mail/mailing.ts'
export { MailError, type Mail, type Mailer } from './notices/mail/mailer.ts'
export { pruneIdentity } from './upkeep/prune.queries.ts'
export { adminInit, adminRecover, adminUsername, oneTimePassword, seedAdmin, type AdminAccount } from './seed/admin.ts'
export { seedPrincipals, type SeedPrincipal } from './seed/principals.ts'
export type { SeedDeps } from './seed/seed-deps.ts'
export { followSettings, limitsOfRoles, settingsFrom } from './settings/settings-in-force.ts'
export { touchSeconds } from './session/session-limits.ts'
export { SigningKeyError } from './tokens/signing/rsa-key.ts'
export { openSigningKeys, type SigningKeysDeps } from './tokens/signing/signing-keys.ts'
export { loadApiTokenSlice, loadServiceAccountSlice } from './programs/service-account/service-account-slice.queries.ts'
export {
  loadApprovalSlice,
  loadAuthenticatorSlice,
  loadSessionSlice,
  loadTeamSlice,
  loadUserSlice,
} from './slices.queries.ts'
export {
  loadEnvironmentSlice,
  loadWorkspaceOf,
  loadWorkspaces,
  loadWorkspaceSlice,
} from './workspace-slices.queries.ts'
export type { Administrators, Lockables, WorkspaceContents } from './shared/deps.ts'
export {
  issueAccessToken,
  type IssueDeps,
  type IssuedAccessToken,
  type TokenSubject,
} from './tokens/issue-access-token.ts'
export { createAccessTokenVerifier, type VerifyAccessToken } from './tokens/verify-access-token.ts'
export { identityDomain } from './domain.ts'
export type { IdentityNeeds, IdentityPorts } from './open-identity.ts'
export type { AccessTokenAuthenticator, SigningKeys } from './shared/ports.ts'
export type { GatehouseSettingsInForce, SettingsInForce } from './shared/settings.ts'
export { createSubjects, type SubjectsDeps } from './login/find-subject.ts'
export { createSecondPerson, type GuardedCall, type SecondPerson } from './approvals/second-person.ts'
export { findApproval, type ApprovedBy } from './find-approval.ts'
export { hashesOfPlatformCall, type PlatformCall } from './approvals/approved-call.ts'
export { selectWorkspaceName } from './directory/workspace.queries.ts'
export { holdPeople } from './approvals/standing.queries.ts'
export {
  selectActiveAmong,
  selectTeamNames,
  selectVoters,
  selectVotersWithRole,
  type VoterFacts,
} from './approvals/voters.queries.ts'
export { notify } from './notices/notice.queries.ts'
export { tellPeople } from './notices/tell-people.queries.ts'
export type { VoteKeys } from './proof/webauthn/vote-assertion.ts'
export type { EmergencySessions, EmergencyStanding } from './shared/ports.ts'
export { shownKey } from './tokens/dpop/key-binding.ts'
export { looksLikeTransitToken } from './tokens/transit-token.ts'
export { signEmergencyToken, type EmergencyTokenFacts } from './tokens/emergency-token.ts'
