export { looksLikeApiToken } from './api-token/api-token-text.ts'
export { createAuthenticator, type AccessTokenAuthenticator, type AuthenticatorDeps } from './authenticate.ts'
export { identityConfig, type IdentityConfig } from './config.ts'
export type { IdentityDeps, LeasesOfPeople } from './deps.ts'
export { identityHandlers, type IdentityNoun } from './handlers.ts'
export { calibratePasswords, type Calibration, type MeasuredCost } from './password/calibrate.ts'
export { hashesAtOnce, passwordCostDefault, type PasswordCost } from './password/password-hashing.ts'
export { createSmtpMailer, type SmtpSettings } from './mail/smtp-mailer.ts'
export { deliverOne, type MailDeps } from './mail/deliver-mail.ts'
export { startMailing } from './mail/mailing.ts'
export { MailError, type Mail, type Mailer } from './mail/mailer.ts'
export { pruneIdentity } from './prune.queries.ts'
export { adminInit, adminRecover, adminUsername, oneTimePassword, seedAdmin, type AdminAccount } from './seed/admin.ts'
export { seedPrincipals, type SeedPrincipal } from './seed/principals.ts'
export type { SeedDeps } from './seed/seed-deps.ts'
export {
  followSettings,
  limitsOfRoles,
  settingsFrom,
  type GatehouseSettingsInForce,
  type SettingsInForce,
} from './settings/settings-in-force.ts'
export { touchSeconds } from './session/session-limits.ts'
export { SigningKeyError } from './signing/rsa-key.ts'
export { openSigningKeys, type SigningKeys, type SigningKeysDeps } from './signing/signing-keys.ts'
export { loadApiTokenSlice, loadServiceAccountSlice } from './service-account/service-account-slice.queries.ts'
export {
  loadApprovalSlice,
  loadAuthenticatorSlice,
  loadSessionSlice,
  loadTeamSlice,
  loadUserSlice,
  loadWorkspaces,
  loadWorkspaceSlice,
} from './slices.queries.ts'
export {
  issueAccessToken,
  type IssueDeps,
  type IssuedAccessToken,
  type TokenSubject,
} from './tokens/issue-access-token.ts'
export { createAccessTokenVerifier, type VerifyAccessToken } from './tokens/verify-access-token.ts'
export { identityDomain } from './domain.ts'
