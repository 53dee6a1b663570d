// Generated from packages/contract by `npm run generate`. Do not edit: a check compares it.
import type * as T from './types.ts'

/** Every operation: what it takes and what it answers, as JSON. */
export interface Operations {
  /** Log in with user name and password; answers with tokens or an MFA challenge. */
  'auth.login': { input: { readonly username: string; readonly password: T.SecretText }; output: T.LoginResult }
  /** Complete an MFA challenge; answers with tokens. */
  'auth.completeMfa': { input: { readonly challengeId: string; readonly totp?: T.SecretText | undefined; readonly backupCode?: T.SecretText | undefined; readonly assertion?: T.WebauthnJson | undefined }; output: T.TokensGiven }
  /** Get the options for completing an MFA challenge with a security key or passkey. */
  'auth.mfaOptions': { input: { readonly challengeId: string }; output: T.WebauthnOptions }
  /** Get the options for logging in with a passkey, without a user name. */
  'auth.passkeyBegin': { input: Readonly<Record<string, never>>; output: T.PasskeyOptions }
  /** Log in with a passkey: a credential that verified its user counts as two factors. */
  'auth.passkeyComplete': { input: { readonly id: string; readonly assertion: T.WebauthnJson }; output: T.TokensGiven }
  /** Exchange a refresh token for new tokens; a token used twice ends its family. */
  'auth.refresh': { input: { readonly refreshToken?: T.SecretText | undefined }; output: T.TokensGiven }
  /** End this session, or all your sessions. */
  'auth.logout': { input: { readonly all?: boolean | undefined }; output: T.LogoutResult }
  /** Introspect a token (RFC 7662). */
  'auth.verify': { input: { readonly token: T.SecretText }; output: T.TokenVerification }
  /** Who you are, how strongly you are authenticated, and what is still missing. */
  'auth.whoami': { input: Readonly<Record<string, never>>; output: T.WhoAmI }
  /** Begin a step-up: the available second factors and the options for a key; or verify in a browser for this session. */
  'auth.stepUpBegin': { input: { readonly inBrowser?: boolean | undefined; readonly client?: string | undefined }; output: T.StepUpOptions }
  /** Complete a step-up: verify a second factor again in the same session. */
  'auth.stepUpComplete': { input: { readonly totp?: T.SecretText | undefined; readonly assertion?: T.WebauthnJson | undefined }; output: T.WhoAmI }
  /** Begin a log-in that is completed in a browser (RFC 8628): a code to enter there, a secret to poll with. */
  'auth.deviceStart': { input: { readonly client?: string | undefined }; output: T.DeviceStart }
  /** Review, approve or deny a device's request; only the person who reviewed it first can decide, and a step-up needs a fresh factor. */
  'auth.deviceApprove': { input: { readonly userCode: string; readonly decision: T.DeviceDecision }; output: T.DeviceGrant }
  /** Poll a device's log-in or step-up; an approved log-in is answered with tokens, once. */
  'auth.devicePoll': { input: { readonly deviceCode: T.SecretText }; output: T.DevicePoll }
  /** Accept an invitation by setting a password; the invitation is used up. */
  'auth.acceptInvite': { input: { readonly invitation: T.SecretText; readonly newPassword: T.SecretText }; output: T.TokensGiven }
  /** Active sessions: yours, or another person's. */
  'session.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined; readonly user?: string | undefined }; output: T.SessionPage }
  /** End a session now; its tokens stop working on every node. */
  'session.revoke': { input: { readonly id: string; readonly reason: string }; output: T.SessionRevoked }
  /** End all your other sessions. */
  'session.revokeOthers': { input: { readonly reason: string }; output: T.SessionsRevoked }
  /** Change your password; other sessions end, and you get new tokens. */
  'password.change': { input: { readonly currentPassword: T.SecretText; readonly newPassword: T.SecretText }; output: T.TokensGiven }
  /** Start enrolling a TOTP authenticator: its secret, once. */
  'totp.enroll': { input: { readonly name?: string | undefined; readonly algorithm?: T.TotpAlgorithm | undefined; readonly digits?: 6 | 8 | undefined }; output: T.TotpEnrolment }
  /** Finish enrolling with a code; the code is used up and the session counts as MFA. */
  'totp.confirm': { input: { readonly id: string; readonly code: T.SecretText }; output: T.Authenticator }
  /** Whether MFA is enrolled and required, and by which methods. */
  'mfa.status': { input: { readonly user?: string | undefined }; output: T.MfaStatus }
  /** Authenticators: yours, or another person's. */
  'authenticator.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined; readonly user?: string | undefined }; output: T.AuthenticatorPage }
  /** Create a person with a role and a one-time password, shown once. */
  'user.create': { input: { readonly username: string; readonly displayName?: string | undefined; readonly email?: string | undefined; readonly role: T.RoleName; readonly teams?: readonly (string)[] | undefined }; output: T.CreatedUser }
  /** People with an account. */
  'user.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined; readonly role?: T.RoleName | undefined; readonly status?: T.UserStatus | undefined; readonly team?: string | undefined; readonly search?: string | undefined; readonly sort?: T.UserSort | undefined }; output: T.UserPage }
  /** One person. */
  'user.get': { input: { readonly id: string }; output: T.User }
  /** Create a team. */
  'team.create': { input: { readonly name: string; readonly description?: string | undefined }; output: T.Team }
  /** Teams and who is in them. */
  'team.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined; readonly search?: string | undefined; readonly sort?: T.TeamSort | undefined }; output: T.TeamPage }
  /** One team. */
  'team.get': { input: { readonly id: string }; output: T.Team }
  /** Add a person to a team. */
  'team.addMember': { input: { readonly id: string; readonly user: string }; output: T.Team }
  /** Workspaces that you may see. */
  'workspace.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined }; output: T.WorkspacePage }
  /** One workspace. */
  'workspace.get': { input: { readonly id: string }; output: T.Workspace }
  /** Create a workspace in an environment, for the teams that shall see it. */
  'workspace.create': { input: { readonly name: string; readonly environment?: T.EnvironmentName | undefined; readonly teams?: readonly (string)[] | undefined }; output: T.Workspace }
  /** Change a workspace's name, the teams that see it, or the environment that it stands in. */
  'workspace.update': { input: { readonly id: string; readonly name?: string | undefined; readonly teams?: readonly (string)[] | undefined; readonly environment?: T.EnvironmentName | undefined }; output: T.Workspace }
  /** Archive a workspace in which nothing lives any more; what happened in it stays in the audit log. */
  'workspace.archive': { input: { readonly id: string; readonly reason: string }; output: T.WorkspaceArchived }
  /** The three environments: their tier, what they ask for, their time zone. */
  'environment.list': { input: Readonly<Record<string, never>>; output: T.EnvironmentList }
  /** Change what an environment asks for: tier, second factor, approval, time zone, networks. */
  'environment.update': { input: { readonly id: T.EnvironmentName; readonly tier?: T.WorkspaceTier | undefined; readonly requiresMfa?: boolean | undefined; readonly requiresApproval?: boolean | undefined; readonly timeZone?: string | undefined; readonly networks?: readonly (string)[] | undefined }; output: T.Environment }
  /** When people work in a workspace: hours, holidays, who is on call, and how it stands now. */
  'calendar.get': { input: { readonly id: string }; output: T.Calendar }
  /** Set when people work in a workspace; what is not named stays. */
  'calendar.set': { input: { readonly id: string; readonly timeZone?: string | undefined; readonly businessHours?: readonly (string)[] | undefined; readonly holidays?: readonly (string)[] | undefined; readonly onCall?: readonly (T.OnCallShift)[] | undefined }; output: T.Calendar }
  /** How many of your backup codes are left. */
  'backupCode.status': { input: Readonly<Record<string, never>>; output: T.BackupCodeStatus }
  /** Generate ten new backup codes, shown once; the old ones work until these are confirmed. */
  'backupCode.regenerate': { input: Readonly<Record<string, never>>; output: T.BackupCodes }
  /** Activate new backup codes by entering one of them, which is not used up; the old ones stop working. */
  'backupCode.confirm': { input: { readonly id: string; readonly code: T.SecretText }; output: T.BackupCodeStatus }
  /** Rename one of your authenticators. */
  'authenticator.rename': { input: { readonly id: string; readonly name: string }; output: T.Authenticator }
  /** Remove one of your authenticators; it stops working now. */
  'authenticator.remove': { input: { readonly id: string; readonly reason: string }; output: T.AuthenticatorRemoved }
  /** Remove one of your TOTP authenticators. */
  'totp.remove': { input: { readonly id: string; readonly reason: string }; output: T.AuthenticatorRemoved }
  /** Check a code of one of your authenticators; the code is used up, and the session stays as it is. */
  'mfa.verify': { input: { readonly code: T.SecretText }; output: T.CodeVerified }
  /** Remove all your authenticators and backup codes, where your role does not require them. */
  'mfa.disable': { input: { readonly reason: string }; output: T.MfaDisabled }
  /** Begin registering a passkey or a security key: the options for the browser. */
  'webauthn.registerBegin': { input: { readonly name?: string | undefined; readonly kind?: T.WebauthnKind | undefined }; output: T.WebauthnRegistration }
  /** Finish registering a passkey or security key; the session counts as MFA. */
  'webauthn.registerComplete': { input: { readonly id: string; readonly credential: T.WebauthnJson }; output: T.Authenticator }
  /** Reset another person's second factors after a second admin has approved; they enrol again. */
  'mfa.reset': { input: { readonly user: string; readonly reason: string }; output: T.MfaReset }
  /** Disable access for a person: sessions, tokens and credentials end now, on every node. */
  'user.disable': { input: { readonly id: string; readonly reason: string }; output: T.User }
  /** Enable access for a person; ended sessions and revoked credentials stay ended. */
  'user.enable': { input: { readonly id: string }; output: T.User }
  /** Unlock a person: reset their failed log-in attempts. */
  'user.unlock': { input: { readonly id: string }; output: T.User }
  /** Reset a person's password to a one-time password, shown once; their sessions end. */
  'user.resetPassword': { input: { readonly id: string }; output: T.PasswordReset }
  /** Change a person's display name or email. */
  'user.update': { input: { readonly id: string; readonly displayName?: string | undefined; readonly email?: string | undefined }; output: T.User }
  /** Delete a person with their credentials; their entries in the audit log stay. */
  'user.delete': { input: { readonly id: string; readonly reason: string }; output: T.UserDeleted }
  /** The five roles, what they are for and who has them. */
  'role.list': { input: Readonly<Record<string, never>>; output: T.RoleList }
  /** Assign a role to a person. */
  'role.assign': { input: { readonly user: string; readonly role: T.RoleName }; output: T.User }
  /** Remove a role from a person; their sessions end now, on every node. */
  'role.remove': { input: { readonly user: string; readonly role: T.RoleName }; output: T.User }
  /** Change a team's name or description. */
  'team.update': { input: { readonly id: string; readonly name?: string | undefined; readonly description?: string | undefined }; output: T.Team }
  /** Remove a team; its members stay and lose the access that it gave. */
  'team.remove': { input: { readonly id: string }; output: T.TeamRemoved }
  /** Remove a person from a team. */
  'team.removeMember': { input: { readonly id: string; readonly user: string }; output: T.Team }
  /** Invite a person: a one-time link to set a password, sent by email, or shown to you where email is not configured. */
  'user.invite': { input: { readonly username: string; readonly displayName?: string | undefined; readonly email?: string | undefined; readonly role: T.RoleName; readonly teams?: readonly (string)[] | undefined }; output: T.Invitation }
  /** Import people with their password hashes: argon2id, bcrypt or scrypt; all or none. */
  'user.import': { input: { readonly users: readonly (T.ImportedUser)[] }; output: T.UsersImported }
  /** Create a service account. */
  'serviceAccount.create': { input: { readonly name: string; readonly description?: string | undefined; readonly teams?: readonly (string)[] | undefined }; output: T.ServiceAccount }
  /** Service accounts. */
  'serviceAccount.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined; readonly status?: T.UserStatus | undefined }; output: T.ServiceAccountPage }
  /** One service account. */
  'serviceAccount.get': { input: { readonly id: string }; output: T.ServiceAccount }
  /** Change a service account's description or teams. */
  'serviceAccount.update': { input: { readonly id: string; readonly description?: string | undefined; readonly teams?: readonly (string)[] | undefined }; output: T.ServiceAccount }
  /** Disable access for a service account: its tokens and credentials end now, on every node. */
  'serviceAccount.disable': { input: { readonly id: string; readonly reason: string }; output: T.ServiceAccount }
  /** Delete a service account with its tokens; its entries in the audit log stay. */
  'serviceAccount.delete': { input: { readonly id: string; readonly reason: string }; output: T.ServiceAccountDeleted }
  /** Create an API token for yourself or for a service account; shown once. */
  'apiToken.create': { input: { readonly name: string; readonly purpose: string; readonly scopes: readonly (string)[]; readonly ttlSeconds?: number | undefined; readonly sourceAddresses?: readonly (string)[] | undefined; readonly keyThumbprint?: string | undefined; readonly serviceAccount?: string | undefined }; output: T.CreatedApiToken }
  /** API tokens: yours, another person's, or a service account's. */
  'apiToken.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined; readonly user?: string | undefined; readonly serviceAccount?: string | undefined; readonly state?: T.ApiTokenState | undefined; readonly search?: string | undefined; readonly sort?: T.ApiTokenSort | undefined }; output: T.ApiTokenPage }
  /** One API token, never its secret. */
  'apiToken.get': { input: { readonly id: string }; output: T.ApiToken }
  /** Revoke an API token now, on every node. */
  'apiToken.revoke': { input: { readonly id: string; readonly reason: string }; output: T.ApiToken }
  /** Request a second person's approval of one specific action; valid for 24 hours, once. */
  'approval.request': { input: { readonly action: T.ApprovableAction; readonly resource: string; readonly resourceType?: T.PlatformType | undefined; readonly workspace?: string | undefined; readonly parameters?: readonly (string)[] | undefined; readonly risk?: T.Risk | undefined; readonly reason: string; readonly ticket?: string | undefined }; output: T.Approval }
  /** Approvals: your own, and those of workspaces where you may approve. */
  'approval.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined; readonly state?: T.ApprovalState | undefined; readonly requester?: string | undefined }; output: T.ApprovalPage }
  /** One approval. */
  'approval.get': { input: { readonly id: string }; output: T.Approval }
  /** Approve another person's request; never one's own, nor one about oneself. */
  'approval.approve': { input: { readonly id: string; readonly reason?: string | undefined }; output: T.Approval }
  /** Deny another person's request. */
  'approval.deny': { input: { readonly id: string; readonly reason: string }; output: T.Approval }
  /** Cancel a request of your own. */
  'approval.cancel': { input: { readonly id: string; readonly reason: string }; output: T.Approval }
  /** Use up the approval of one exact call of the platform, right before it is done; refused, do nothing. */
  'approval.use': { input: { readonly action: T.ApprovablePlatformAction; readonly resource: string; readonly resourceType: T.PlatformType; readonly workspace: string; readonly parameters?: readonly (string)[] | undefined; readonly user?: string | undefined }; output: T.Approval }
  /** The settings for everyone: required second factors, session limits, accepted authenticators. */
  'settings.get': { input: Readonly<Record<string, never>>; output: T.GatehouseSettings }
  /** Change the settings for everyone; what is not named stays. */
  'settings.update': { input: { readonly requiredRoles?: readonly (T.RoleName)[] | undefined; readonly roleLimits?: readonly (T.RoleLimits)[] | undefined; readonly authenticatorRules?: readonly (T.RoleAuthenticatorRules)[] | undefined; readonly authFailuresAlert?: number | undefined; readonly revocationSpikeAlert?: number | undefined; readonly alertQuietMinutes?: number | undefined; readonly leaseExpiryAlertMinutes?: number | undefined }; output: T.GatehouseSettings }
  /** Security notices of your account, newest first. */
  'notification.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined; readonly unread?: boolean | undefined }; output: T.NotificationPage }
  /** Mark your notices as read: one, or all up to now. */
  'notification.markRead': { input: { readonly id?: string | undefined }; output: T.NotificationsMarked }
  /** The security dashboard's figures: who has a second factor, failed log-ins, sessions, tokens that expire. */
  'system.dashboard': { input: Readonly<Record<string, never>>; output: T.SecurityDashboard }
  /** What you may do: per operation and workspace, as if your second factor had just been verified. */
  'access.mine': { input: Readonly<Record<string, never>>; output: T.AccessMine }
  /** Keys that access tokens are signed with: next, current, previous, removed. */
  'signingKey.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined; readonly state?: T.SigningKeyState | undefined }; output: T.SigningKeyPage }
  /** Sign with the next key from now on; tokens of the key before it stay valid until they expire. */
  'signingKey.rotate': { input: { readonly reason: string }; output: T.SigningKeyRotation }
  /** How many revoked access tokens are stored, since when, and how many were removed after they expired. */
  'revocation.stats': { input: Readonly<Record<string, never>>; output: T.RevocationStats }
  /** Issue a credential of a role, under a lease. It is shown once, or wrapped for who opens it once. */
  'lease.issue': { input: { readonly role: string; readonly workspace?: string | undefined; readonly purpose: string; readonly ttlSeconds?: number | undefined; readonly wrapSeconds?: number | undefined }; output: T.IssuedLease }
  /** Open a wrapped credential by its token, once. */
  'lease.unwrap': { input: { readonly token: T.SecretText; readonly role?: string | undefined }; output: T.OpenedLease }
  /** Leases: active and ended credentials. */
  'lease.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined; readonly backend?: T.BackendName | undefined; readonly state?: T.LeaseState | undefined; readonly workspace?: string | undefined; readonly principal?: string | undefined; readonly host?: string | undefined; readonly search?: string | undefined; readonly sort?: T.LeaseSort | undefined }; output: T.LeasePage }
  /** One lease. */
  'lease.get': { input: { readonly id: string }; output: T.Lease }
  /** Have a lease of your own live on, from now and never beyond its maximum. Its answer says until when. */
  'lease.renew': { input: { readonly id: string; readonly ttlSeconds?: number | undefined }; output: T.Lease }
  /** Revoke a lease: its credential stops working now. */
  'lease.revoke': { input: { readonly id: string; readonly reason: string }; output: T.Lease }
  /** Revoke all leases of a person, backend, role, host, session or approval, in all workspaces where you may. */
  'lease.revokeMany': { input: { readonly principal?: string | undefined; readonly backend?: string | undefined; readonly role?: string | undefined; readonly prefix?: string | undefined; readonly host?: string | undefined; readonly session?: string | undefined; readonly approval?: string | undefined; readonly workspace?: string | undefined; readonly reason: string; readonly dryRun?: boolean | undefined }; output: T.LeaseRevocations }
  /** Revoke a lease whose backend does not do it: it is tried once more, then given up; says what may still work. */
  'lease.forceRevoke': { input: { readonly id: string; readonly reason: string }; output: T.ForcedLease }
  /** Leases whose credential could not be taken away, and why; they are tried again once a day. */
  'lease.irrevocable': { input: { readonly first?: number | undefined; readonly after?: string | undefined; readonly workspace?: string | undefined }; output: T.LeasePage }
  /** Active leases that end soon, the next one first. */
  'lease.expiring': { input: { readonly first?: number | undefined; readonly after?: string | undefined; readonly withinSeconds?: number | undefined; readonly workspace?: string | undefined; readonly principal?: string | undefined }; output: T.LeasePage }
  /** How many leases live, end soon, are being ended or could not be. */
  'lease.stats': { input: { readonly workspace?: string | undefined }; output: T.LeaseStats }
  /** Whether the credential of a revoked lease is dead: the signed refusal of whoever would have to take it. */
  'lease.proof': { input: { readonly id: string }; output: T.LeaseProof }
  /** Leases as they change; the active ones come first. */
  'lease.watch': { input: { readonly workspace?: string | undefined }; output: T.Lease }
  /** Saved views of leases; they are yours alone. */
  'leaseView.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined }; output: T.LeaseViewPage }
  /** Save a view of leases under a name; one of yours with that name is replaced. */
  'leaseView.save': { input: { readonly name: string; readonly backend?: T.BackendName | undefined; readonly state?: T.LeaseState | undefined; readonly workspace?: string | undefined; readonly principal?: string | undefined; readonly host?: string | undefined; readonly search?: string | undefined; readonly sort?: T.LeaseSort | undefined }; output: T.LeaseView }
  /** Remove a saved view of leases. */
  'leaseView.remove': { input: { readonly id: string }; output: T.LeaseViewRemoved }
  /** Configure a backend, or replace how one is reached. It is tried first, and its secret is never shown again. */
  'secretBackend.configure': { input: { readonly name: string; readonly postgres?: T.PostgresBackendInput | undefined; readonly vault?: T.VaultBackendInput | undefined; readonly aws?: T.AwsBackendInput | undefined; readonly upcloud?: T.UpcloudBackendInput | undefined; readonly moved?: boolean | undefined }; output: T.SecretBackend }
  /** Backends that give credentials, and whether they can be used. */
  'secretBackend.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined }; output: T.SecretBackendPage }
  /** Test a backend now: whether it is reached and lets Gatehouse make credentials. */
  'secretBackend.probe': { input: { readonly id: string }; output: T.SecretBackendProbe }
  /** Replace the secret of a backend by one that nobody has seen. */
  'secretBackend.rotate': { input: { readonly id: string }; output: T.SecretBackend }
  /** Remove a backend and forget what it is reached with. It has no roles and no living leases any more. */
  'secretBackend.remove': { input: { readonly id: string; readonly reason: string }; output: T.SecretBackendRemoved }
  /** Create a role of a backend: what its credentials can do, with which rights, for how long, in which workspace. */
  'secretRole.create': { input: { readonly name: string; readonly backend: string; readonly workspace?: string | undefined; readonly ttlSecondsMax?: number | undefined; readonly leasesMax?: number | undefined; readonly leasesEachMax?: number | undefined; readonly postgres?: T.PostgresRoleInput | undefined; readonly vault?: T.VaultRoleInput | undefined; readonly aws?: T.AwsRoleInput | undefined; readonly upcloud?: T.UpcloudRoleInput | undefined }; output: T.SecretRole }
  /** Change what a role gives from now on; leases that live stay as they are, and renewing does not exceed it. */
  'secretRole.update': { input: { readonly id: string; readonly ttlSecondsMax?: number | undefined; readonly leasesMax?: number | undefined; readonly leasesEachMax?: number | undefined; readonly postgres?: T.PostgresRoleChangeInput | undefined; readonly vault?: T.VaultRoleChangeInput | undefined; readonly aws?: T.AwsRoleChangeInput | undefined; readonly upcloud?: T.UpcloudRoleChangeInput | undefined }; output: T.SecretRole }
  /** Delete a role: nobody can ask for it any more. Its leases live to their ends; revoke them if they must not. */
  'secretRole.delete': { input: { readonly id: string; readonly reason: string }; output: T.SecretRoleDeleted }
  /** Roles: what may be asked for in your workspaces. */
  'secretRole.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined; readonly workspace?: string | undefined; readonly backend?: string | undefined }; output: T.SecretRolePage }
  /** One role. */
  'secretRole.get': { input: { readonly id: string }; output: T.SecretRole }
  /** Lock a person, role, host, key or approval: denied at once on every node, until the lock ends or is removed. Credentials that are out already are not revoked by it. */
  'lock.create': { input: { readonly principal?: string | undefined; readonly role?: string | undefined; readonly host?: string | undefined; readonly key?: string | undefined; readonly approval?: string | undefined; readonly reason: string; readonly ttlSeconds?: number | undefined }; output: T.Lock }
  /** Remove a lock: what it denied is decided by the policies again. Nobody removes a lock on themselves. */
  'lock.remove': { input: { readonly id: string; readonly reason: string }; output: T.Lock }
  /** Locks: what is denied, by whom, why and until when. */
  'lock.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined; readonly id?: string | undefined; readonly kind?: T.LockKind | undefined; readonly all?: boolean | undefined }; output: T.LockPage }
  /** Register a host: its address, its pinned host key, and how Gatehouse accesses it. */
  'sshHost.register': { input: { readonly name: string; readonly address: string; readonly port?: number | undefined; readonly user: string; readonly access: T.HostAccessKind; readonly workspace?: string | undefined; readonly authorizedKeysPath?: string | undefined; readonly hostKey?: string | undefined; readonly principals?: readonly (string)[] | undefined; readonly sourceAddresses?: readonly (string)[] | undefined; readonly otpAddresses?: readonly (string)[] | undefined; readonly unbound?: boolean | undefined; readonly contactWaiver?: string | undefined }; output: T.SshHost }
  /** Register many hosts at once, all or none; or only look whether they could be. */
  'sshHost.import': { input: { readonly workspace?: string | undefined; readonly hosts: readonly (T.ImportedHost)[]; readonly sourceAddresses?: readonly (string)[] | undefined; readonly dryRun?: boolean | undefined }; output: T.SshHostsImported }
  /** Registered hosts and whether they are reachable. */
  'sshHost.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined; readonly workspace?: string | undefined; readonly unbound?: boolean | undefined; readonly search?: string | undefined; readonly sort?: T.SshHostSort | undefined }; output: T.SshHostPage }
  /** One host. */
  'sshHost.get': { input: { readonly id: string }; output: T.SshHost }
  /** Check a host now: its host key, and whether Gatehouse has access. */
  'sshHost.check': { input: { readonly id: string }; output: T.SshHost }
  /** Report, as a host, which revocation list it has and which CAs it trusts; signed with its host key. */
  'sshHost.report': { input: { readonly fingerprint: string; readonly listVersion: number; readonly trusts: readonly (string)[]; readonly heardAt: T.Instant; readonly signature: string }; output: T.SshHostReport }
  /** Change what is known of a host: its name, where it is, its accounts, and how Gatehouse gets in. */
  'sshHost.update': { input: { readonly id: string; readonly name?: string | undefined; readonly address?: string | undefined; readonly port?: number | undefined; readonly user?: string | undefined; readonly access?: T.HostAccessKind | undefined; readonly authorizedKeysPath?: string | undefined; readonly principals?: readonly (string)[] | undefined; readonly sourceAddresses?: readonly (string)[] | undefined; readonly otpAddresses?: readonly (string)[] | undefined; readonly unbound?: boolean | undefined; readonly contactWaiver?: string | undefined; readonly authority?: string | undefined }; output: T.SshHost }
  /** Compare the pinned host key with what the host shows now, and pin the new one once you have confirmed it. */
  'sshHost.repin': { input: { readonly id: string; readonly fingerprint?: string | undefined; readonly hostKey?: string | undefined; readonly reason: string }; output: T.SshHostRepin }
  /** Remove a host. Its certificates are revoked; keys that are still on it must be revoked first. */
  'sshHost.remove': { input: { readonly id: string; readonly reason: string; readonly machineGone?: boolean | undefined }; output: T.SshHostRemoval }
  /** Sign a host's pinned key: clients that trust the host CA know it by these names without having seen it. */
  'sshHostCertificate.sign': { input: { readonly host: string; readonly names?: readonly (string)[] | undefined; readonly workspace?: string | undefined; readonly purpose: string; readonly ttlSeconds?: number | undefined }; output: T.SshHostCertificate }
  /** Renew a host certificate for the names that it has, as the host; signed with its host key. */
  'sshHostCertificate.renew': { input: { readonly fingerprint: string; readonly heardAt: T.Instant; readonly signature: string }; output: T.SshHostCertificate }
  /** Generate an Ed25519 key pair for a host; the private key is shown once. */
  'sshKey.generate': { input: { readonly host: string; readonly login?: string | undefined; readonly workspace?: string | undefined; readonly purpose: string; readonly ttlSeconds?: number | undefined }; output: T.GeneratedSshKey }
  /** Deploy a generated key to the host's authorized_keys, with its expiry. */
  'sshKey.deploy': { input: { readonly id: string }; output: T.SshKey }
  /** SSH keys and where they are deployed. */
  'sshKey.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined; readonly state?: T.SshKeyState | undefined; readonly host?: string | undefined }; output: T.SshKeyPage }
  /** How many SSH keys stand how, and what needs attention. */
  'sshKey.stats': { input: { readonly workspace?: string | undefined }; output: T.SshKeyStats }
  /** One SSH key. */
  'sshKey.get': { input: { readonly id: string }; output: T.SshKey }
  /** Remove a key from its host now. */
  'sshKey.revoke': { input: { readonly id: string; readonly reason: string }; output: T.SshKey }
  /** Reconcile a host with its leases now, in both directions. */
  'sshKey.cleanup': { input: { readonly host: string }; output: T.SshCleanup }
  /** Sign your public key for a host: a short-lived certificate. */
  'sshCertificate.sign': { input: { readonly host: string; readonly publicKey: string; readonly login?: string | undefined; readonly verifyRequired?: boolean | undefined; readonly workspace?: string | undefined; readonly purpose: string; readonly ttlSeconds?: number | undefined }; output: T.SignedSshCertificate }
  /** Signed SSH certificates. */
  'sshCertificate.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined; readonly state?: T.SshCertificateState | undefined; readonly host?: string | undefined; readonly search?: string | undefined; readonly sort?: T.SshCertificateSort | undefined }; output: T.SshCertificatePage }
  /** Revoke a certificate: its serial goes into the KRL. */
  'sshCertificate.revoke': { input: { readonly id: string; readonly reason: string }; output: T.SshCertificate }
  /** Public keys that hosts and clients trust: the user CA, the signer of revocation lists, the management key, the host CA. */
  'sshCa.get': { input: Readonly<Record<string, never>>; output: T.SshCa }
  /** Rotate the user CA: begin with a next one that hosts come to trust, switch to it, and end the one before. */
  'sshCa.rotate': { input: { readonly step?: T.SshCaStep | undefined; readonly withoutHosts?: boolean | undefined; readonly reason: string }; output: T.SshCaRotation }
  /** The key revocation list, base64, and its signature as `ssh-keygen -Y verify` takes it. */
  'sshKrl.get': { input: Readonly<Record<string, never>>; output: T.SshKrl }
  /** Issue a password that opens one log-in to a host; it is shown once. */
  'sshOtp.issue': { input: { readonly host: string; readonly login?: string | undefined; readonly workspace?: string | undefined; readonly purpose: string; readonly ttlSeconds?: number | undefined }; output: T.IssuedSshOtp }
  /** Ask, as a host, whether a one-time password is good here; it is spent by being asked about. */
  'sshOtp.verify': { input: { readonly otp: T.SecretText; readonly account?: string | undefined; readonly clientAddress?: string | undefined; readonly hostFingerprint?: string | undefined }; output: T.SshOtpVerification }
  /** Let the SSH CA of a Vault or OpenBao sign for hosts, or replace how it is reached. It signs once first, and its token is never shown again. */
  'sshAuthority.configure': { input: { readonly name: string; readonly address: string; readonly mount?: string | undefined; readonly role: string; readonly token: T.SecretText; readonly certificate?: string | undefined }; output: T.SshAuthority }
  /** Authorities that sign for hosts beside our own, and for how many. */
  'sshAuthority.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined }; output: T.SshAuthorityPage }
  /** Have an authority sign now, for nobody: whether it answers, by the CA that hosts trust, just what it is asked. */
  'sshAuthority.probe': { input: { readonly id: string }; output: T.SshAuthorityProbe }
  /** Replace the token that an authority is asked with by one that nobody has seen. */
  'sshAuthority.rotate': { input: { readonly id: string }; output: T.SshAuthority }
  /** Remove an authority and forget its token. No host is signed for by it, and no certificate of its is alive. */
  'sshAuthority.remove': { input: { readonly id: string; readonly reason: string }; output: T.SshAuthorityRemoved }
  /** The backends that wrap the data key and keys: which they are, how each stands, what it has wrapped. */
  'kmsBackend.list': { input: Readonly<Record<string, never>>; output: T.KmsBackendList }
  /** What keys there are, which are rotated next, and what whoever looks after them should know. */
  'kms.status': { input: Readonly<Record<string, never>>; output: T.KmsStatus }
  /** Ask each backend now whether its key can be used. A backend that does not answer is said to be so. */
  'kms.health': { input: Readonly<Record<string, never>>; output: T.KmsHealth }
  /** Create a key. Its name is its own for ever, and encrypting never creates one. */
  'kmsKey.create': { input: { readonly name: string; readonly workspace?: string | undefined; readonly backend?: string | undefined; readonly regions?: readonly (string)[] | undefined; readonly quorum?: number | undefined; readonly rotationDays?: number | undefined }; output: T.KmsKey }
  /** Keys of the key service, the newest first. */
  'kmsKey.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined; readonly workspace?: string | undefined; readonly state?: T.KmsKeyState | undefined; readonly search?: string | undefined }; output: T.KmsKeyPage }
  /** One key: its state, its versions, and what its backends have of it. */
  'kmsKey.get': { input: { readonly id: string }; output: T.KmsKey }
  /** Encrypt under a key, one item or a hundred; each ciphertext is counted until it is forgotten. */
  'kms.encrypt': { input: { readonly key: string; readonly plaintext?: T.SecretText | undefined; readonly context?: T.KmsContext | undefined; readonly location?: string | undefined; readonly items?: readonly (T.KmsPlainItem)[] | undefined }; output: T.KmsSealed }
  /** Decrypt what kms.encrypt gave out, with the same context. The ciphertext names its key. */
  'kms.decrypt': { input: { readonly key?: string | undefined; readonly ciphertext?: string | undefined; readonly context?: T.KmsContext | undefined; readonly items?: readonly (T.KmsCipherItem)[] | undefined }; output: T.KmsOpened }
  /** Make a data key to encrypt with where the data lies, and the same encrypted, to be kept beside it. */
  'kms.generateDataKey': { input: { readonly key: string; readonly context?: T.KmsContext | undefined; readonly location?: string | undefined }; output: T.KmsDataKey }
  /** Encrypt anew under the current version what older versions encrypted. Nobody sees a plaintext. */
  'kms.rewrap': { input: { readonly key?: string | undefined; readonly ciphertext?: string | undefined; readonly context?: T.KmsContext | undefined; readonly items?: readonly (T.KmsCipherItem)[] | undefined }; output: T.KmsSealed }
  /** Make a token for Vault's clients: for minutes, from your address, under the keys that you name; shown once. */
  'kms.facadeToken': { input: { readonly keys: readonly (string)[]; readonly ttlSeconds?: number | undefined }; output: T.KmsFacadeToken }
  /** Rotate a key: everything is encrypted under a new version from now on. Older ones still decrypt. */
  'kmsKey.rotate': { input: { readonly id: string }; output: T.KmsKey }
  /** Have one more backend wrap every version of a key, so that it opens when the others are away. Stopped half way, it goes on when it is called again. */
  'kmsKey.replicate': { input: { readonly id: string; readonly region: string }; output: T.KmsKey }
  /** Give a region of a key up, once every version opens without it. What its backend wrapped is deleted. */
  'kmsKey.withdraw': { input: { readonly id: string; readonly region: string; readonly reason: string }; output: T.KmsKey }
  /** Disable a key at once: nothing is encrypted or decrypted under it, or nothing is encrypted. */
  'kmsKey.disable': { input: { readonly id: string; readonly reason: string; readonly decryptOnly?: boolean | undefined }; output: T.KmsKey }
  /** Let a key encrypt and decrypt again. */
  'kmsKey.enable': { input: { readonly id: string }; output: T.KmsKey }
  /** Change a key: how often it is rotated, the oldest version that is opened, and the deletion guard. */
  'kmsKey.update': { input: { readonly id: string; readonly rotationDays?: number | undefined; readonly minimumVersion?: number | undefined; readonly deletionGuard?: boolean | undefined; readonly losing?: number | undefined; readonly reason?: string | undefined }; output: T.KmsKey }
  /** Mark a version as known to others: what it encrypted is only rewrapped. The answer says how much that is. */
  'kmsKey.revokeVersion': { input: { readonly id: string; readonly version: number; readonly reason: string }; output: T.KmsKeyUsage }
  /** Schedule the deletion of a key: it stops now, and its material is destroyed after some days. What it encrypted is lost then, for good. */
  'kmsKey.scheduleDeletion': { input: { readonly id: string; readonly reason: string; readonly days?: number | undefined; readonly losing?: number | undefined }; output: T.KmsKey }
  /** Call the deletion of a key off. It stays disabled until somebody enables it. */
  'kmsKey.cancelDeletion': { input: { readonly id: string; readonly reason: string }; output: T.KmsKey }
  /** How many ciphertexts need each version of a key, and how older versions are being left. */
  'kmsKey.usage': { input: { readonly key: string }; output: T.KmsKeyUsage }
  /** Ciphertexts of a key, and where they lie: what has to be rewrapped before a version is left behind. */
  'kmsKey.ciphertexts': { input: { readonly id: string; readonly first?: number | undefined; readonly after?: string | undefined; readonly version?: number | undefined }; output: T.KmsCiphertextPage }
  /** Strike out ciphertexts that are no more, so that nothing waits for them to be rewrapped. */
  'kmsKey.forget': { input: { readonly id: string; readonly ciphertexts: readonly (string)[]; readonly reason: string }; output: T.KmsForgotten }
  /** Search the audit log. */
  'audit.search': { input: { readonly first?: number | undefined; readonly after?: string | undefined; readonly actor?: string | undefined; readonly action?: string | undefined; readonly category?: T.AuditCategory | undefined; readonly severity?: T.AuditSeverity | undefined; readonly kinds?: readonly (T.AuditKind)[] | undefined; readonly resource?: string | undefined; readonly workspace?: string | undefined; readonly outcome?: T.AuditOutcome | undefined; readonly ip?: string | undefined; readonly session?: string | undefined; readonly requestId?: string | undefined; readonly decision?: T.AuditEffect | undefined; readonly from?: string | undefined; readonly to?: string | undefined; readonly sort?: T.AuditSort | undefined }; output: T.AuditPage }
  /** Count audit log entries by kind, action, category, severity, outcome, decision, workspace, actor and day. */
  'audit.stats': { input: { readonly actor?: string | undefined; readonly action?: string | undefined; readonly category?: T.AuditCategory | undefined; readonly severity?: T.AuditSeverity | undefined; readonly kinds?: readonly (T.AuditKind)[] | undefined; readonly resource?: string | undefined; readonly workspace?: string | undefined; readonly outcome?: T.AuditOutcome | undefined; readonly ip?: string | undefined; readonly session?: string | undefined; readonly requestId?: string | undefined; readonly decision?: T.AuditEffect | undefined; readonly from?: string | undefined; readonly to?: string | undefined }; output: T.AuditStats }
  /** Follow the audit log: its entries as they come, from now on or from where an earlier tail was left. */
  'audit.tail': { input: { readonly actor?: string | undefined; readonly action?: string | undefined; readonly category?: T.AuditCategory | undefined; readonly severity?: T.AuditSeverity | undefined; readonly kinds?: readonly (T.AuditKind)[] | undefined; readonly resource?: string | undefined; readonly workspace?: string | undefined; readonly outcome?: T.AuditOutcome | undefined; readonly ip?: string | undefined; readonly session?: string | undefined; readonly requestId?: string | undefined; readonly decision?: T.AuditEffect | undefined; readonly after?: string | undefined }; output: T.AuditTailPart }
  /** One audit entry, with its decision. */
  'audit.get': { input: { readonly id: string }; output: T.AuditEntry }
  /** Whose a pseudonym is. Whoever may ask this is shown people by name, and everybody else by pseudonyms. */
  'audit.identify': { input: { readonly pseudonym: string }; output: T.AuditIdentity }
  /** Begin an export of the audit log: what it holds until now, to be read as a stream. */
  'audit.export': { input: { readonly format?: T.AuditExportFormat | undefined; readonly actor?: string | undefined; readonly action?: string | undefined; readonly category?: T.AuditCategory | undefined; readonly severity?: T.AuditSeverity | undefined; readonly kinds?: readonly (T.AuditKind)[] | undefined; readonly resource?: string | undefined; readonly workspace?: string | undefined; readonly outcome?: T.AuditOutcome | undefined; readonly ip?: string | undefined; readonly session?: string | undefined; readonly requestId?: string | undefined; readonly decision?: T.AuditEffect | undefined; readonly from?: string | undefined; readonly to?: string | undefined; readonly redact?: boolean | undefined; readonly proofs?: boolean | undefined; readonly since?: number | undefined }; output: T.AuditExport }
  /** Read an export of yours, from its beginning or from where you left it. */
  'audit.exportStream': { input: { readonly id: string; readonly after?: string | undefined }; output: T.AuditExportPart }
  /** Verify the audit log: leaves, tree, checkpoint, search columns. */
  'audit.verify': { input: { readonly remembered?: string | undefined }; output: T.AuditVerification }
  /** The newest signed checkpoint of the audit log. */
  'audit.checkpoint': { input: Readonly<Record<string, never>>; output: T.AuditCheckpoint }
  /** The proof that an entry stands in the audit log, against its newest signed checkpoint. */
  'audit.proof': { input: { readonly id: string }; output: T.AuditProof }
  /** The proof that the audit log of today goes on from an earlier one. */
  'audit.consistency': { input: { readonly from: number; readonly to?: number | undefined }; output: T.AuditConsistency }
  /** Erase a person for good: their account, and what the audit log keeps of them; its tree still verifies. */
  'audit.anonymize': { input: { readonly user: string; readonly reason: string; readonly takeTexts?: boolean | undefined }; output: T.PersonErased }
  /** For how long the audit log keeps entries, and what is held beyond that. */
  'audit.retentionGet': { input: Readonly<Record<string, never>>; output: T.AuditRetention }
  /** Set for how many days the audit log keeps entries; never fewer than the settings say. */
  'audit.retentionSet': { input: { readonly days?: number | undefined; readonly breakGlassDays?: number | undefined; readonly reason: string }; output: T.AuditRetention }
  /** Place a legal hold: no entry of the audit log that fits it is removed, and nobody in one is erased. */
  'audit.holdPlace': { input: { readonly reason: string; readonly user?: string | undefined; readonly workspace?: string | undefined; readonly requestId?: string | undefined; readonly from?: string | undefined; readonly to?: string | undefined; readonly everything?: boolean | undefined }; output: T.AuditHold }
  /** Release a legal hold that another Admin placed; it still holds for a day after that. */
  'audit.holdRelease': { input: { readonly id: string; readonly reason: string }; output: T.AuditHold }
  /** Audit sinks: where the audit log is sent, how far each place has come and what it would not take. */
  'auditSink.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined }; output: T.AuditSinkPage }
  /** Send the audit log on: by HTTPS, to a Splunk collector, a signed webhook, syslog over TLS, or a file. */
  'auditSink.create': { input: { readonly name: string; readonly kind: T.AuditSinkKind; readonly format?: T.AuditSinkFormat | undefined; readonly url?: string | undefined; readonly host?: string | undefined; readonly port?: number | undefined; readonly messageBytes?: number | undefined; readonly file?: string | undefined; readonly secret?: T.SecretText | undefined; readonly authority?: string | undefined; readonly from?: T.AuditSinkFrom | undefined; readonly redact?: boolean | undefined; readonly required?: boolean | undefined }; output: T.AuditSink }
  /** Pause a sink; what comes meanwhile waits in the audit log. */
  'auditSink.pause': { input: { readonly id: string }; output: T.AuditSink }
  /** Resume a sink where it stopped, or try a failing one at once. */
  'auditSink.resume': { input: { readonly id: string }; output: T.AuditSink }
  /** Require a sink, or do so no more: while a required one does not take the audit log, nothing is changed. */
  'auditSink.require': { input: { readonly id: string; readonly required?: boolean | undefined }; output: T.AuditSink }
  /** Remove a sink with its dead letters; the audit log keeps all of it. */
  'auditSink.remove': { input: { readonly id: string }; output: T.AuditSinkRemoved }
  /** The entries that a sink would not take, and why. */
  'auditSink.deadLetters': { input: { readonly id: string; readonly first?: number | undefined; readonly after?: string | undefined }; output: T.AuditDeadLetterPage }
  /** Try dead letters of a sink again: one, or all. */
  'auditSink.retry': { input: { readonly id: string; readonly entry?: string | undefined }; output: T.AuditSinkRetried }
  /** Saved searches of the audit log: yours, and those that others share. */
  'auditView.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined }; output: T.AuditViewPage }
  /** Save a search of the audit log under a name; one of yours with that name is replaced. */
  'auditView.save': { input: { readonly name: string; readonly actor?: string | undefined; readonly action?: string | undefined; readonly category?: T.AuditCategory | undefined; readonly severity?: T.AuditSeverity | undefined; readonly kinds?: readonly (T.AuditKind)[] | undefined; readonly resource?: string | undefined; readonly workspace?: string | undefined; readonly outcome?: T.AuditOutcome | undefined; readonly ip?: string | undefined; readonly session?: string | undefined; readonly requestId?: string | undefined; readonly decision?: T.AuditEffect | undefined; readonly from?: string | undefined; readonly to?: string | undefined; readonly sort?: T.AuditSort | undefined; readonly shared?: boolean | undefined }; output: T.AuditView }
  /** Remove a saved search of yours. */
  'auditView.remove': { input: { readonly id: string }; output: T.AuditViewRemoved }
  /** Active policies. */
  'policy.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined }; output: T.PolicyPage }
  /** Which policy set is active, per node, and why a newer one was rejected. */
  'policy.status': { input: Readonly<Record<string, never>>; output: T.PolicyStatus }
  /** Reload policies: load and validate the policy files now. */
  'policy.reload': { input: Readonly<Record<string, never>>; output: T.PolicyStatus }
  /** Publish a policy set: every node takes it, until the next publication or until a policy file changes. */
  'policy.publish': { input: { readonly files?: readonly (T.PolicyFileInput)[] | undefined; readonly reason: string }; output: T.PolicyStatus }
  /** Policy sets that came into force: from files, published, or rolled back to. */
  'policy.history': { input: { readonly first?: number | undefined; readonly after?: string | undefined }; output: T.PolicyChangePage }
  /** The files of a policy set as they stood: of the one in force, or of a change in the history. */
  'policy.files': { input: { readonly change?: string | undefined }; output: T.PolicyFiles }
  /** Roll back to an earlier policy set on every node, until the next publication or a changed policy file. */
  'policy.rollback': { input: { readonly to?: string | undefined; readonly reason: string }; output: T.PolicyStatus }
  /** The version of this Gatehouse. */
  'system.version': { input: Readonly<Record<string, never>>; output: T.SystemVersion }
  /** System health: the state of each part of Gatehouse. */
  'system.status': { input: Readonly<Record<string, never>>; output: T.SystemStatus }
  /** Read sealed payloads of workflows, as Temporal Web does for whoever looks at a workflow's history. */
  'workflow.decode': { input: { readonly payloads: readonly (string)[] }; output: T.WorkflowPayloads }
  /** Alerts: what was found, how often, which channels were told, and who has acknowledged it. */
  'alert.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined; readonly state?: T.AlertState | undefined; readonly kind?: T.AlertKind | undefined; readonly severity?: T.AlertSeverity | undefined }; output: T.AlertPage }
  /** One alert: what was found, what to do about it, and which channels were told. */
  'alert.get': { input: { readonly id: string }; output: T.Alert }
  /** Acknowledge an alert: you look after it. The same is not told again within its quiet time. */
  'alert.acknowledge': { input: { readonly id: string; readonly note?: string | undefined }; output: T.Alert }
  /** Follow alerts: the open ones first, then each that is raised, told again or acknowledged. */
  'alert.stream': { input: { readonly severity?: T.AlertSeverity | undefined }; output: T.Alert }
  /** Where alerts are sent, and whether they arrive. */
  'alertChannel.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined }; output: T.AlertChannelPage }
  /** Send alerts somewhere: by mail, to a signed webhook, to a Slack-compatible webhook, or to PagerDuty. */
  'alertChannel.create': { input: { readonly name: string; readonly severity?: T.AlertSeverity | undefined; readonly mail?: T.AlertMailInput | undefined; readonly webhook?: T.AlertWebhookInput | undefined; readonly slack?: T.AlertSlackInput | undefined; readonly pagerduty?: T.AlertPagerdutyInput | undefined; readonly authority?: string | undefined }; output: T.AlertChannel }
  /** Change a channel, or switch it off; what silences the last one only once a second Admin has approved. */
  'alertChannel.update': { input: { readonly id: string; readonly name?: string | undefined; readonly severity?: T.AlertSeverity | undefined; readonly disabled?: boolean | undefined; readonly mail?: T.AlertMailChangeInput | undefined; readonly webhook?: T.AlertWebhookChangeInput | undefined; readonly slack?: T.AlertSlackChangeInput | undefined; readonly pagerduty?: T.AlertPagerdutyChangeInput | undefined; readonly authority?: string | undefined; readonly systemAuthority?: boolean | undefined; readonly reason?: string | undefined }; output: T.AlertChannel }
  /** The messages that a channel would not take, or did not in time, and why. */
  'alertChannel.deadLetters': { input: { readonly id: string; readonly first?: number | undefined; readonly after?: string | undefined }; output: T.AlertDeadLetterPage }
  /** Send dead letters of a channel again, each under its own id: one, or all. */
  'alertChannel.retry': { input: { readonly id: string; readonly letter?: string | undefined }; output: T.AlertChannelRetried }
  /** Drop dead letters of a channel: one, or all. Their alerts stay. */
  'alertChannel.drop': { input: { readonly id: string; readonly letter?: string | undefined; readonly reason: string }; output: T.AlertChannelDropped }
  /** Remove a channel with what waits for it; the last one only once a second Admin has approved. */
  'alertChannel.remove': { input: { readonly id: string; readonly reason?: string | undefined }; output: T.AlertChannelRemoved }
  /** Send a test message to a channel and say exactly what came back. */
  'alertChannel.test': { input: { readonly id: string }; output: T.AlertChannelTest }
  /** Open an incident; with a reference, one that is open already is found again instead. */
  'incident.open': { input: { readonly title: string; readonly severity: T.AlertSeverity; readonly kind?: T.IncidentKind | undefined; readonly description?: string | undefined; readonly classification?: T.Classification | undefined; readonly affected?: readonly (string)[] | undefined; readonly dataSubjects?: string | undefined; readonly functions?: readonly (T.CsfFunction)[] | undefined; readonly breach?: boolean | undefined; readonly owner?: string | undefined; readonly detectedAt?: string | undefined; readonly reference?: string | undefined }; output: T.IncidentOpened }
  /** Incidents: where each stands, who leads it and what is due next. */
  'incident.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined; readonly state?: T.IncidentState | undefined; readonly severity?: T.AlertSeverity | undefined; readonly open?: boolean | undefined; readonly mine?: boolean | undefined }; output: T.IncidentPage }
  /** One incident with its timeline, clocks, evidence, actions and notices. */
  'incident.get': { input: { readonly id: string }; output: T.Incident }
  /** Add to an incident: what is known, a note, an entry of the audit log that belongs to it, an action. */
  'incident.update': { input: { readonly id: string; readonly title?: string | undefined; readonly severity?: T.AlertSeverity | undefined; readonly description?: string | undefined; readonly classification?: T.Classification | undefined; readonly affected?: readonly (string)[] | undefined; readonly dataSubjects?: string | undefined; readonly functions?: readonly (T.CsfFunction)[] | undefined; readonly breach?: boolean | undefined; readonly owner?: string | undefined; readonly note?: string | undefined; readonly entry?: string | undefined; readonly action?: string | undefined; readonly actionOwner?: string | undefined; readonly actionDueAt?: string | undefined; readonly actionDone?: string | undefined }; output: T.Incident }
  /** Move an incident to its next state. */
  'incident.transition': { input: { readonly id: string; readonly to: T.IncidentState; readonly note?: string | undefined; readonly at?: string | undefined }; output: T.Incident }
  /** Close an incident after its post-mortem; with a reason where an action or a notice is still open. */
  'incident.close': { input: { readonly id: string; readonly resolution: string; readonly unfinished?: string | undefined }; output: T.Incident }
  /** Add a piece of evidence: its name, its SHA-256, where it lies; who added it and when is kept with it. */
  'incident.addEvidence': { input: { readonly id: string; readonly name: string; readonly sha256: string; readonly size?: number | undefined; readonly location: string; readonly description?: string | undefined }; output: T.IncidentEvidence }
  /** Write the notice of a breach (GDPR Art. 33); with an authority, record that you have sent it there. */
  'incident.notifyBreach': { input: { readonly id: string; readonly nature?: string | undefined; readonly subjectCategories?: string | undefined; readonly subjectCount?: number | undefined; readonly recordCategories?: string | undefined; readonly recordCount?: number | undefined; readonly contact?: string | undefined; readonly consequences?: string | undefined; readonly measures?: string | undefined; readonly delayReason?: string | undefined; readonly authority?: string | undefined; readonly sentAt?: string | undefined }; output: T.IncidentNotice }
  /** Recorded decisions: who asked for what, what was decided, by which policies. */
  'decision.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined; readonly actor?: string | undefined; readonly action?: string | undefined; readonly effect?: T.AuditEffect | undefined; readonly kinds?: readonly (T.AuditKind)[] | undefined; readonly policy?: string | undefined; readonly from?: string | undefined; readonly to?: string | undefined }; output: T.RecordedDecisionPage }
  /** The receipt of one decision: everything needed to make it again, also offline. */
  'decision.get': { input: { readonly id: string }; output: T.DecisionReceipt }
  /** Try other policies: make the recorded decisions of a period again, and list each that would be another. */
  'policy.simulate': { input: { readonly files: readonly (T.PolicyFileInput)[]; readonly from: string; readonly to?: string | undefined }; output: T.PolicySimulation }
  /** How far your own simulation has come, once a second while it runs on the node that answers. */
  'policy.simulationWatch': { input: Readonly<Record<string, never>>; output: T.PolicySimulationProgress }
  /** Let other policies decide beside those in force, on every node and without effect, and count the flips. */
  'policy.shadowPublish': { input: { readonly files: readonly (T.PolicyFileInput)[]; readonly reason: string }; output: T.PolicyShadow }
  /** End the shadow set; answers its last report, which is not kept. */
  'policy.shadowDrop': { input: { readonly reason: string }; output: T.PolicyShadowReport }
  /** What the shadow set would newly allow and newly deny, by policy, action and principal, over all nodes. */
  'policy.shadowReport': { input: Readonly<Record<string, never>>; output: T.PolicyShadowReport }
  /** Who may do what: each operation by each kind of caller, found by asking the policies in force. */
  'policy.matrix': { input: Readonly<Record<string, never>>; output: T.PolicyMatrix }
  /** Ask whether somebody may do something: an operation of Gatehouse, or what the platform does. */
  'policy.evaluate': { input: { readonly principal?: T.AskedPrincipal | undefined; readonly session?: string | undefined; readonly action: string; readonly resource: T.AskedResource; readonly properties?: T.Facts | undefined; readonly workspace?: string | undefined; readonly parameters?: readonly (string)[] | undefined; readonly context?: T.Facts | undefined; readonly address?: string | undefined }; output: T.PolicyEvaluation }
  /** Explain a decision: which conditions hold, which do not, and what would make it allow. */
  'policy.explain': { input: { readonly decision?: string | undefined; readonly principal?: T.AskedPrincipal | undefined; readonly session?: string | undefined; readonly action?: string | undefined; readonly resource?: T.AskedResource | undefined; readonly properties?: T.Facts | undefined; readonly workspace?: string | undefined; readonly parameters?: readonly (string)[] | undefined; readonly context?: T.Facts | undefined; readonly address?: string | undefined }; output: T.PolicyExplanation }
  /** Who could do something: everybody whom the policies allow it, by which of them, and what others lack. */
  'policy.whoCould': { input: { readonly action: string; readonly resource: T.AskedResource; readonly properties?: T.Facts | undefined; readonly workspace?: string | undefined; readonly parameters?: readonly (string)[] | undefined; readonly context?: T.Facts | undefined; readonly address?: string | undefined; readonly at?: string | undefined; readonly first?: number | undefined; readonly after?: string | undefined }; output: T.PolicyWhoCould }
  /** Run suites of cases by the policies in force, or by others: which calls meet the decision they expect. */
  'policy.test': { input: { readonly files?: readonly (T.PolicyFileInput)[] | undefined; readonly suites?: readonly (T.PolicySuite)[] | undefined }; output: T.PolicyTestRun }
  /** Ask for emergency access: for one workspace, named actions and at most four hours. */
  'breakGlass.request': { input: { readonly incident: string; readonly severity: T.BreakGlassSeverity; readonly justification: string; readonly workspace: string; readonly actions: readonly (T.BreakGlassAction)[]; readonly durationSeconds?: number | undefined }; output: T.BreakGlassRequest }
  /** Change a request of your own: a new version, and its votes are void. */
  'breakGlass.update': { input: { readonly id: string; readonly incident?: string | undefined; readonly severity?: T.BreakGlassSeverity | undefined; readonly justification?: string | undefined; readonly actions?: readonly (T.BreakGlassAction)[] | undefined; readonly durationSeconds?: number | undefined }; output: T.BreakGlassRequest }
  /** Rehearse emergency access: real people and real votes, measured, and no session comes of it. */
  'breakGlass.drill': { input: { readonly justification: string; readonly workspace: string; readonly severity?: T.BreakGlassSeverity | undefined; readonly actions?: readonly (T.BreakGlassAction)[] | undefined; readonly durationSeconds?: number | undefined }; output: T.BreakGlassRequest }
  /** End your approved drill where its emergency session would have begun, and see its score. */
  'breakGlass.drillFinish': { input: { readonly id: string }; output: T.BreakGlassRequest }
  /** Take a request of your own back. */
  'breakGlass.cancel': { input: { readonly id: string; readonly reason: string }; output: T.BreakGlassRequest }
  /** Requests for emergency access, newest first. */
  'breakGlass.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined; readonly state?: T.BreakGlassState | undefined; readonly requester?: string | undefined; readonly drill?: boolean | undefined }; output: T.BreakGlassRequestPage }
  /** One request: the exact document, what it would open, who has voted and who still can. */
  'breakGlass.get': { input: { readonly id: string }; output: T.BreakGlassRequestDetail }
  /** One request as it changes: as it stands first, then each vote and each change of its state. */
  'breakGlass.watch': { input: { readonly id: string }; output: T.BreakGlassRequest }
  /** A request with its votes and all that proves them, to be checked offline. */
  'breakGlass.export': { input: { readonly id: string }; output: T.BreakGlassExport }
  /** Figures of emergency access over the last days. */
  'breakGlass.stats': { input: { readonly days?: number | undefined }; output: T.BreakGlassStats }
  /** What a key is to sign to approve a request: a challenge made of the request itself. */
  'breakGlass.approveOptions': { input: { readonly id: string }; output: T.BreakGlassVoteOptions }
  /** Approve the request that has this hash, as one of the people that the rule asks for. */
  'breakGlass.approve': { input: { readonly id: string; readonly hash: string; readonly assertion?: T.WebauthnJson | undefined }; output: T.BreakGlassRequest }
  /** Deny a request: your team cannot approve it any more, and denials of two teams end it. */
  'breakGlass.deny': { input: { readonly id: string; readonly reason: string }; output: T.BreakGlassRequest }
  /** Begin the emergency session of your approved request; its token is shown this once. */
  'breakGlass.activate': { input: { readonly id: string }; output: T.EmergencyActivation }
  /** The rule by which requests are approved, and whether there are people to meet it. */
  'breakGlass.ruleGet': { input: Readonly<Record<string, never>>; output: T.BreakGlassRule }
  /** Change the rule, by a second Admin's approval; two people of two teams are always wanted. */
  'breakGlass.ruleSet': { input: { readonly rule: T.WebauthnJson; readonly totpAdmitted?: boolean | undefined; readonly reason: string }; output: T.BreakGlassRule }
  /** Emergency sessions, newest first. */
  'emergencySession.list': { input: { readonly first?: number | undefined; readonly after?: string | undefined; readonly state?: T.EmergencySessionState | undefined; readonly unreviewed?: boolean | undefined }; output: T.EmergencySessionPage }
  /** One emergency session. */
  'emergencySession.get': { input: { readonly id: string }; output: T.EmergencySession }
  /** End an emergency session now, with the credentials that were issued under it. */
  'emergencySession.revoke': { input: { readonly id: string; readonly reason: string }; output: T.EmergencySession }
  /** What was done in an emergency session, from the audit log, and which credentials it issued. */
  'emergencySession.audit': { input: { readonly id: string }; output: T.EmergencyDeeds }
  /** Review an ended emergency session: was it needed, what follows, what is to be rotated. */
  'breakGlass.review': { input: { readonly id: string; readonly needed: boolean; readonly summary: string; readonly followUps?: readonly (T.FollowUpInput)[] | undefined; readonly rotate?: readonly (string)[] | undefined }; output: T.EmergencySession }
}

export type OperationName = keyof Operations
/** What an operation takes. */
export type Input<N extends OperationName> = Operations[N]['input']
/** What an operation answers; of a stream, each item. */
export type Output<N extends OperationName> = Operations[N]['output']
export type ListName =
  | 'session.list'
  | 'authenticator.list'
  | 'user.list'
  | 'team.list'
  | 'workspace.list'
  | 'serviceAccount.list'
  | 'apiToken.list'
  | 'approval.list'
  | 'notification.list'
  | 'signingKey.list'
  | 'lease.list'
  | 'lease.irrevocable'
  | 'lease.expiring'
  | 'leaseView.list'
  | 'secretBackend.list'
  | 'secretRole.list'
  | 'lock.list'
  | 'sshHost.list'
  | 'sshKey.list'
  | 'sshCertificate.list'
  | 'sshAuthority.list'
  | 'kmsKey.list'
  | 'kmsKey.ciphertexts'
  | 'audit.search'
  | 'auditSink.list'
  | 'auditSink.deadLetters'
  | 'auditView.list'
  | 'policy.list'
  | 'policy.history'
  | 'alert.list'
  | 'alertChannel.list'
  | 'alertChannel.deadLetters'
  | 'incident.list'
  | 'decision.list'
  | 'breakGlass.list'
  | 'emergencySession.list'
/** One item of a list. */
export type Item<N extends ListName> = Output<N>['items'][number]
export type StreamName =
  | 'lease.watch'
  | 'audit.tail'
  | 'audit.exportStream'
  | 'alert.stream'
  | 'policy.simulationWatch'
  | 'breakGlass.watch'
export type RefusalCode =
  | 'invalid-input'
  | 'unauthenticated'
  | 'invalid-credentials'
  | 'mfa-required'
  | 'step-up-required'
  | 'mfa-enrolment-required'
  | 'password-change-required'
  | 'forbidden'
  | 'approval-pending'
  | 'not-found'
  | 'conflict'
  | 'lease-limit-reached'
  | 'locked'
  | 'lease-not-renewable'
  | 'lease-ended'
  | 'host-unreachable'
  | 'host-key-mismatch'
  | 'host-access-refused'
  | 'host-file-unreadable'
  | 'rate-limited'
  | 'unavailable'

export const operationKinds: Readonly<Record<OperationName, 'query' | 'mutation' | 'subscription'>> = {
  'auth.login': 'mutation',
  'auth.completeMfa': 'mutation',
  'auth.mfaOptions': 'mutation',
  'auth.passkeyBegin': 'mutation',
  'auth.passkeyComplete': 'mutation',
  'auth.refresh': 'mutation',
  'auth.logout': 'mutation',
  'auth.verify': 'mutation',
  'auth.whoami': 'query',
  'auth.stepUpBegin': 'mutation',
  'auth.stepUpComplete': 'mutation',
  'auth.deviceStart': 'mutation',
  'auth.deviceApprove': 'mutation',
  'auth.devicePoll': 'mutation',
  'auth.acceptInvite': 'mutation',
  'session.list': 'query',
  'session.revoke': 'mutation',
  'session.revokeOthers': 'mutation',
  'password.change': 'mutation',
  'totp.enroll': 'mutation',
  'totp.confirm': 'mutation',
  'mfa.status': 'query',
  'authenticator.list': 'query',
  'user.create': 'mutation',
  'user.list': 'query',
  'user.get': 'query',
  'team.create': 'mutation',
  'team.list': 'query',
  'team.get': 'query',
  'team.addMember': 'mutation',
  'workspace.list': 'query',
  'workspace.get': 'query',
  'workspace.create': 'mutation',
  'workspace.update': 'mutation',
  'workspace.archive': 'mutation',
  'environment.list': 'query',
  'environment.update': 'mutation',
  'calendar.get': 'query',
  'calendar.set': 'mutation',
  'backupCode.status': 'query',
  'backupCode.regenerate': 'mutation',
  'backupCode.confirm': 'mutation',
  'authenticator.rename': 'mutation',
  'authenticator.remove': 'mutation',
  'totp.remove': 'mutation',
  'mfa.verify': 'mutation',
  'mfa.disable': 'mutation',
  'webauthn.registerBegin': 'mutation',
  'webauthn.registerComplete': 'mutation',
  'mfa.reset': 'mutation',
  'user.disable': 'mutation',
  'user.enable': 'mutation',
  'user.unlock': 'mutation',
  'user.resetPassword': 'mutation',
  'user.update': 'mutation',
  'user.delete': 'mutation',
  'role.list': 'query',
  'role.assign': 'mutation',
  'role.remove': 'mutation',
  'team.update': 'mutation',
  'team.remove': 'mutation',
  'team.removeMember': 'mutation',
  'user.invite': 'mutation',
  'user.import': 'mutation',
  'serviceAccount.create': 'mutation',
  'serviceAccount.list': 'query',
  'serviceAccount.get': 'query',
  'serviceAccount.update': 'mutation',
  'serviceAccount.disable': 'mutation',
  'serviceAccount.delete': 'mutation',
  'apiToken.create': 'mutation',
  'apiToken.list': 'query',
  'apiToken.get': 'query',
  'apiToken.revoke': 'mutation',
  'approval.request': 'mutation',
  'approval.list': 'query',
  'approval.get': 'query',
  'approval.approve': 'mutation',
  'approval.deny': 'mutation',
  'approval.cancel': 'mutation',
  'approval.use': 'mutation',
  'settings.get': 'query',
  'settings.update': 'mutation',
  'notification.list': 'query',
  'notification.markRead': 'mutation',
  'system.dashboard': 'query',
  'access.mine': 'query',
  'signingKey.list': 'query',
  'signingKey.rotate': 'mutation',
  'revocation.stats': 'query',
  'lease.issue': 'mutation',
  'lease.unwrap': 'mutation',
  'lease.list': 'query',
  'lease.get': 'query',
  'lease.renew': 'mutation',
  'lease.revoke': 'mutation',
  'lease.revokeMany': 'mutation',
  'lease.forceRevoke': 'mutation',
  'lease.irrevocable': 'query',
  'lease.expiring': 'query',
  'lease.stats': 'query',
  'lease.proof': 'query',
  'lease.watch': 'subscription',
  'leaseView.list': 'query',
  'leaseView.save': 'mutation',
  'leaseView.remove': 'mutation',
  'secretBackend.configure': 'mutation',
  'secretBackend.list': 'query',
  'secretBackend.probe': 'mutation',
  'secretBackend.rotate': 'mutation',
  'secretBackend.remove': 'mutation',
  'secretRole.create': 'mutation',
  'secretRole.update': 'mutation',
  'secretRole.delete': 'mutation',
  'secretRole.list': 'query',
  'secretRole.get': 'query',
  'lock.create': 'mutation',
  'lock.remove': 'mutation',
  'lock.list': 'query',
  'sshHost.register': 'mutation',
  'sshHost.import': 'mutation',
  'sshHost.list': 'query',
  'sshHost.get': 'query',
  'sshHost.check': 'mutation',
  'sshHost.report': 'mutation',
  'sshHost.update': 'mutation',
  'sshHost.repin': 'mutation',
  'sshHost.remove': 'mutation',
  'sshHostCertificate.sign': 'mutation',
  'sshHostCertificate.renew': 'mutation',
  'sshKey.generate': 'mutation',
  'sshKey.deploy': 'mutation',
  'sshKey.list': 'query',
  'sshKey.stats': 'query',
  'sshKey.get': 'query',
  'sshKey.revoke': 'mutation',
  'sshKey.cleanup': 'mutation',
  'sshCertificate.sign': 'mutation',
  'sshCertificate.list': 'query',
  'sshCertificate.revoke': 'mutation',
  'sshCa.get': 'query',
  'sshCa.rotate': 'mutation',
  'sshKrl.get': 'query',
  'sshOtp.issue': 'mutation',
  'sshOtp.verify': 'mutation',
  'sshAuthority.configure': 'mutation',
  'sshAuthority.list': 'query',
  'sshAuthority.probe': 'mutation',
  'sshAuthority.rotate': 'mutation',
  'sshAuthority.remove': 'mutation',
  'kmsBackend.list': 'query',
  'kms.status': 'query',
  'kms.health': 'query',
  'kmsKey.create': 'mutation',
  'kmsKey.list': 'query',
  'kmsKey.get': 'query',
  'kms.encrypt': 'mutation',
  'kms.decrypt': 'mutation',
  'kms.generateDataKey': 'mutation',
  'kms.rewrap': 'mutation',
  'kms.facadeToken': 'mutation',
  'kmsKey.rotate': 'mutation',
  'kmsKey.replicate': 'mutation',
  'kmsKey.withdraw': 'mutation',
  'kmsKey.disable': 'mutation',
  'kmsKey.enable': 'mutation',
  'kmsKey.update': 'mutation',
  'kmsKey.revokeVersion': 'mutation',
  'kmsKey.scheduleDeletion': 'mutation',
  'kmsKey.cancelDeletion': 'mutation',
  'kmsKey.usage': 'query',
  'kmsKey.ciphertexts': 'query',
  'kmsKey.forget': 'mutation',
  'audit.search': 'query',
  'audit.stats': 'query',
  'audit.tail': 'subscription',
  'audit.get': 'query',
  'audit.identify': 'query',
  'audit.export': 'mutation',
  'audit.exportStream': 'subscription',
  'audit.verify': 'query',
  'audit.checkpoint': 'query',
  'audit.proof': 'query',
  'audit.consistency': 'query',
  'audit.anonymize': 'mutation',
  'audit.retentionGet': 'query',
  'audit.retentionSet': 'mutation',
  'audit.holdPlace': 'mutation',
  'audit.holdRelease': 'mutation',
  'auditSink.list': 'query',
  'auditSink.create': 'mutation',
  'auditSink.pause': 'mutation',
  'auditSink.resume': 'mutation',
  'auditSink.require': 'mutation',
  'auditSink.remove': 'mutation',
  'auditSink.deadLetters': 'query',
  'auditSink.retry': 'mutation',
  'auditView.list': 'query',
  'auditView.save': 'mutation',
  'auditView.remove': 'mutation',
  'policy.list': 'query',
  'policy.status': 'query',
  'policy.reload': 'mutation',
  'policy.publish': 'mutation',
  'policy.history': 'query',
  'policy.files': 'query',
  'policy.rollback': 'mutation',
  'system.version': 'query',
  'system.status': 'query',
  'workflow.decode': 'query',
  'alert.list': 'query',
  'alert.get': 'query',
  'alert.acknowledge': 'mutation',
  'alert.stream': 'subscription',
  'alertChannel.list': 'query',
  'alertChannel.create': 'mutation',
  'alertChannel.update': 'mutation',
  'alertChannel.deadLetters': 'query',
  'alertChannel.retry': 'mutation',
  'alertChannel.drop': 'mutation',
  'alertChannel.remove': 'mutation',
  'alertChannel.test': 'mutation',
  'incident.open': 'mutation',
  'incident.list': 'query',
  'incident.get': 'query',
  'incident.update': 'mutation',
  'incident.transition': 'mutation',
  'incident.close': 'mutation',
  'incident.addEvidence': 'mutation',
  'incident.notifyBreach': 'mutation',
  'decision.list': 'query',
  'decision.get': 'query',
  'policy.simulate': 'mutation',
  'policy.simulationWatch': 'subscription',
  'policy.shadowPublish': 'mutation',
  'policy.shadowDrop': 'mutation',
  'policy.shadowReport': 'query',
  'policy.matrix': 'query',
  'policy.evaluate': 'query',
  'policy.explain': 'query',
  'policy.whoCould': 'query',
  'policy.test': 'mutation',
  'breakGlass.request': 'mutation',
  'breakGlass.update': 'mutation',
  'breakGlass.drill': 'mutation',
  'breakGlass.drillFinish': 'mutation',
  'breakGlass.cancel': 'mutation',
  'breakGlass.list': 'query',
  'breakGlass.get': 'query',
  'breakGlass.watch': 'subscription',
  'breakGlass.export': 'query',
  'breakGlass.stats': 'query',
  'breakGlass.approveOptions': 'mutation',
  'breakGlass.approve': 'mutation',
  'breakGlass.deny': 'mutation',
  'breakGlass.activate': 'mutation',
  'breakGlass.ruleGet': 'query',
  'breakGlass.ruleSet': 'mutation',
  'emergencySession.list': 'query',
  'emergencySession.get': 'query',
  'emergencySession.revoke': 'mutation',
  'emergencySession.audit': 'query',
  'breakGlass.review': 'mutation',
}
