// Generated from packages/contract by `npm run generate`. Do not edit: a check compares it.

export type Access = "allowed" | "depends" | "denied"

export interface AccessInWorkspace {
  readonly workspace: string
  readonly access: Access
}

export interface AccessMine {
  readonly at: Instant
  readonly expiresAt: Instant
  readonly policyVersion: string
  readonly operations: readonly (AccessToOperation)[]
}

export interface AccessToOperation {
  readonly operation: string
  readonly access: Access
  readonly workspaces: readonly (AccessInWorkspace)[]
}

export interface Alert {
  readonly id: string
  readonly kind: AlertKind
  readonly severity: AlertSeverity
  readonly title: string
  readonly advice: string
  readonly state: AlertState
  readonly at: Instant
  readonly lastAt: Instant
  readonly count: number
  readonly about: AlertSubject
  readonly facts: readonly (AlertFact)[]
  readonly acknowledgedAt: Instant | null
  readonly acknowledgedBy: string | null
  readonly acknowledgement: string | null
  readonly undeliveredAt: Instant | null
  readonly deliveries: readonly (AlertDelivery)[]
}

export interface AlertChannel {
  readonly id: string
  readonly name: string
  readonly kind: AlertChannelKind
  readonly target: string
  readonly severity: AlertSeverity
  readonly waiting: number
  readonly deadLetters: number
  readonly deliveredAt: Instant | null
  readonly failingSince: Instant | null
  readonly lastError: string | null
  readonly disabledAt: Instant | null
  readonly createdAt: Instant
}

export interface AlertChannelDropped {
  readonly id: string
  readonly dropped: number
}

export type AlertChannelKind = "mail" | "webhook" | "slack" | "pagerduty"

export interface AlertChannelPage {
  readonly items: readonly (AlertChannel)[]
  readonly nextCursor: string | null
}

export interface AlertChannelRemoved {
  readonly id: string
}

export interface AlertChannelRetried {
  readonly id: string
  readonly retried: number
}

export interface AlertChannelTest {
  readonly id: string
  readonly delivered: boolean
  readonly answer: string
  readonly milliseconds: number
}

export interface AlertDeadLetter {
  readonly id: string
  readonly alert: string
  readonly kind: AlertKind
  readonly severity: AlertSeverity
  readonly title: string
  readonly attempts: number
  readonly error: string | null
  readonly at: Instant
}

export interface AlertDeadLetterPage {
  readonly items: readonly (AlertDeadLetter)[]
  readonly nextCursor: string | null
}

export interface AlertDelivery {
  readonly channel: string
  readonly state: AlertDeliveryState
  readonly attempts: number
  readonly error: string | null
  readonly at: Instant
}

export type AlertDeliveryState = "waiting" | "delivered" | "dead"

export interface AlertFact {
  readonly name: string
  readonly value: string
}

export type AlertKind = "auth-failures" | "break-glass-created" | "break-glass-requested" | "break-glass-drill" | "break-glass-third-in-day" | "break-glass-unreviewed" | "break-glass-too-few-approvers" | "break-glass-closed" | "break-glass-undelivered" | "emergency-session-ended" | "incident-severe" | "incident-clock" | "revocation-spike" | "kms-error" | "audit-export-failed" | "audit-ledger-failed" | "audit-witness-failing" | "audit-witness-refuted" | "refresh-token-reused" | "webauthn-backup-changed" | "webauthn-counter-rollback" | "policy-error" | "policy-record-failed" | "policy-reload-refused" | "lease-irrevocable" | "lease-revocation-failed" | "lease-expiring" | "leases-expiring" | "lease-wrap-misused" | "alert-undelivered"

export interface AlertMailChangeInput {
  readonly to: string
}

export interface AlertMailInput {
  readonly to: string
}

export interface AlertPage {
  readonly items: readonly (Alert)[]
  readonly nextCursor: string | null
}

export interface AlertPagerdutyChangeInput {
  readonly routingKey: SecretText
  readonly url?: SecretText | undefined
}

export interface AlertPagerdutyInput {
  readonly routingKey: SecretText
  readonly url?: SecretText | undefined
}

export type AlertSeverity = "critical" | "high" | "medium" | "low"

export interface AlertSlackChangeInput {
  readonly url: SecretText
}

export interface AlertSlackInput {
  readonly url: SecretText
}

export type AlertState = "open" | "acknowledged"

export interface AlertSubject {
  readonly type: string
  readonly id: string
  readonly name: string | null
}

export interface AlertWebhookChangeInput {
  readonly url?: SecretText | undefined
  readonly secret?: SecretText | undefined
}

export interface AlertWebhookInput {
  readonly url: SecretText
  readonly secret: SecretText
}

export interface ApiToken {
  readonly id: string
  readonly name: string
  readonly ownerType: ApiTokenOwner
  readonly owner: string
  readonly ownerName: string
  readonly purpose: string
  readonly hint: string
  readonly scopes: readonly (string)[]
  readonly sourceAddresses: readonly (string)[]
  readonly bound: boolean
  readonly state: ApiTokenState
  readonly createdAt: Instant
  readonly expiresAt: Instant
  readonly lastUsedAt: Instant | null
  readonly lastUsedAddress: string | null
  readonly endedAt: Instant | null
  readonly reason: string | null
}

export type ApiTokenOwner = "User" | "Service"

export interface ApiTokenPage {
  readonly items: readonly (ApiToken)[]
  readonly nextCursor: string | null
}

export type ApiTokenSort = "newest" | "oldest" | "expiry" | "name"

export type ApiTokenState = "active" | "revoked" | "expired"

export type ApprovableAction = "mfa.reset" | "alertChannel.remove" | "alertChannel.update" | "breakGlass.ruleSet" | "kmsKey.update" | "create" | "update" | "delete" | "deploy" | "rollback" | "ssh" | "execute" | "admin"

export type ApprovablePlatformAction = "create" | "update" | "delete" | "deploy" | "rollback" | "ssh" | "execute" | "admin"

export interface Approval {
  readonly id: string
  readonly action: string
  readonly resourceType: string
  readonly resource: string
  readonly resourceName: string
  readonly workspace: string | null
  readonly parameters: readonly (string)[]
  readonly risk: Risk
  readonly requester: string
  readonly requesterName: string
  readonly reason: string
  readonly ticket: string | null
  readonly state: ApprovalState
  readonly approverName: string | null
  readonly decisionReason: string | null
  readonly createdAt: Instant
  readonly expiresAt: Instant
  readonly decidedAt: Instant | null
}

export interface ApprovalPage {
  readonly items: readonly (Approval)[]
  readonly nextCursor: string | null
}

export type ApprovalState = "pending" | "approved" | "denied" | "cancelled" | "expired" | "used"

export interface AskedPrincipal {
  readonly type: AskedPrincipalType
  readonly id: string
}

export type AskedPrincipalType = "User" | "Service"

export interface AskedResource {
  readonly type: string
  readonly id: string
}

export type AttestationDemand = "none" | "required"

export interface AuditActorCount {
  readonly id: string
  readonly name: string | null
  readonly count: number
}

export type AuditCategory = "authentication" | "authenticators" | "people" | "programs" | "approvals" | "authorization" | "workspaces" | "hosts" | "credentials" | "keys" | "audit" | "system"

export interface AuditCheckpoint {
  readonly size: number
  readonly root: string
  readonly at: Instant | null
  readonly checkpoint: string | null
  readonly publicKey: string
  readonly cosigned: string | null
  readonly witnesses: readonly (AuditWitness)[]
}

export interface AuditConsistency {
  readonly oldSize: number
  readonly size: number
  readonly root: string
  readonly checkpoint: string
  readonly hashes: readonly (string)[]
}

export interface AuditCopy {
  readonly kind: AuditCopyKind
  readonly id: string
  readonly name: string | null
  readonly target: string | null
  readonly format: string
  readonly by: string | null
  readonly at: Instant | null
  readonly writtenAnew: boolean
}

export type AuditCopyKind = "sink" | "export"

export interface AuditCount {
  readonly value: string
  readonly count: number
}

export interface AuditDeadLetter {
  readonly entryId: string
  readonly seq: number
  readonly error: string
  readonly at: Instant
  readonly due: boolean
}

export interface AuditDeadLetterPage {
  readonly items: readonly (AuditDeadLetter)[]
  readonly nextCursor: string | null
}

export interface AuditDecision {
  readonly effect: AuditEffect
  readonly policies: readonly (string)[]
}

export type AuditEffect = "allow" | "deny"

export interface AuditEntry {
  readonly id: string
  readonly seq: number | null
  readonly at: Instant
  readonly kind: AuditKind
  readonly action: string
  readonly category: AuditCategory
  readonly severity: AuditSeverity
  readonly outcome: AuditOutcome
  readonly principal: AuditPrincipal
  readonly resource: AuditResource
  readonly workspace: string | null
  readonly ip: string | null
  readonly sessionId: string | null
  readonly requestId: string
  readonly decision: AuditDecision | null
  readonly refusal: string | null
  readonly detail: string
  readonly erased: readonly (string)[]
  readonly pseudonyms: boolean
}

export interface AuditExport {
  readonly id: string
  readonly format: AuditExportFormat
  readonly mediaType: string
  readonly size: number
  readonly checkpoint: string | null
  readonly createdAt: Instant
  readonly expiresAt: Instant
}

export type AuditExportFormat = "json" | "jsonl" | "csv" | "splunk" | "ecs" | "ocsf" | "cef" | "rfc5424"

export interface AuditExportPart {
  readonly text: string
  readonly rows: number
  readonly bytes: number
  readonly percent: number
  readonly cursor: string
  readonly manifest: string | null
}

export interface AuditHold {
  readonly id: string
  readonly reason: string
  readonly workspace: string | null
  readonly user: string | null
  readonly requestId: string | null
  readonly from: Instant | null
  readonly to: Instant | null
  readonly placedBy: string
  readonly placedAt: Instant
  readonly releasedAt: Instant | null
  readonly prunedBefore: Instant | null
}

export interface AuditIdentity {
  readonly pseudonym: string
  readonly id: string
  readonly name: string | null
}

export type AuditKind = "change" | "read" | "refusal" | "event"

export type AuditOutcome = "allowed" | "refused" | "failed" | "intent" | "unknown"

export interface AuditPage {
  readonly items: readonly (AuditEntry)[]
  readonly nextCursor: string | null
}

export interface AuditPrincipal {
  readonly type: string
  readonly id: string
  readonly name: string | null
}

export interface AuditProblem {
  readonly seq: number | null
  readonly kind: string
  readonly message: string
}

export interface AuditProof {
  readonly index: number
  readonly size: number
  readonly root: string
  readonly checkpoint: string
  readonly leafHash: string
  readonly entry: string | null
  readonly hashes: readonly (string)[]
  readonly proof: string
}

export interface AuditResource {
  readonly type: string
  readonly id: string
}

export interface AuditRetention {
  readonly days: number
  readonly breakGlassDays: number
  readonly floorDays: number
  readonly floorBreakGlassDays: number
  readonly updatedAt: Instant | null
  readonly updatedBy: string | null
  readonly prunedBefore: Instant | null
  readonly holds: readonly (AuditHold)[]
}

export type AuditSeverity = "info" | "low" | "medium" | "high" | "critical"

export interface AuditSink {
  readonly id: string
  readonly name: string
  readonly kind: AuditSinkKind
  readonly format: AuditSinkFormat
  readonly target: string
  readonly redacted: boolean
  readonly required: boolean
  readonly state: AuditSinkState
  readonly cursor: number
  readonly lagEntries: number
  readonly lagSeconds: number
  readonly deadLetters: number
  readonly deliveredAt: Instant | null
  readonly failingSince: Instant | null
  readonly lastError: string | null
  readonly createdAt: Instant
}

export type AuditSinkFormat = "jsonl" | "splunk" | "ecs" | "ocsf" | "cef" | "rfc5424"

export type AuditSinkFrom = "beginning" | "now"

export type AuditSinkKind = "http" | "hec" | "syslog" | "file" | "webhook"

export interface AuditSinkPage {
  readonly items: readonly (AuditSink)[]
  readonly nextCursor: string | null
}

export interface AuditSinkRemoved {
  readonly id: string
}

export interface AuditSinkRetried {
  readonly id: string
  readonly retried: number
}

export type AuditSinkState = "active" | "paused"

export type AuditSort = "newest" | "oldest" | "action" | "actor"

export interface AuditStats {
  readonly counted: number
  readonly complete: boolean
  readonly since: Instant | null
  readonly kinds: readonly (AuditCount)[]
  readonly actions: readonly (AuditCount)[]
  readonly categories: readonly (AuditCount)[]
  readonly severities: readonly (AuditCount)[]
  readonly outcomes: readonly (AuditCount)[]
  readonly decisions: readonly (AuditCount)[]
  readonly workspaces: readonly (AuditCount)[]
  readonly actors: readonly (AuditActorCount)[]
  readonly days: readonly (AuditCount)[]
}

export interface AuditTailPart {
  readonly entries: readonly (AuditEntry)[]
  readonly cursor: string
}

export interface AuditVerification {
  readonly ok: boolean
  readonly size: number
  readonly root: string
  readonly checkpoint: string | null
  readonly pending: number
  readonly pruned: number
  readonly problems: readonly (AuditProblem)[]
}

export interface AuditView {
  readonly id: string
  readonly name: string
  readonly filters: string
  readonly shared: boolean
  readonly own: boolean
  readonly createdAt: Instant
}

export interface AuditViewPage {
  readonly items: readonly (AuditView)[]
  readonly nextCursor: string | null
}

export interface AuditViewRemoved {
  readonly id: string
}

export interface AuditWitness {
  readonly name: string
  readonly size: number
  readonly signedAt: Instant | null
  readonly failingSince: Instant | null
  readonly lastError: string | null
}

export interface Authenticator {
  readonly id: string
  readonly kind: AuthenticatorKind
  readonly name: string
  readonly confirmed: boolean
  readonly createdAt: Instant
  readonly lastUsedAt: Instant | null
  readonly webauthn: WebauthnFacts | null
}

export type AuthenticatorKind = "totp" | "webauthn"

export interface AuthenticatorPage {
  readonly items: readonly (Authenticator)[]
  readonly nextCursor: string | null
}

export interface AuthenticatorRemoved {
  readonly id: string
  readonly authenticatorsLeft: number
}

export interface AwsBackendInput {
  readonly region: string
  readonly accessKeyId?: string | undefined
  readonly secretAccessKey?: SecretText | undefined
  readonly endpoint?: string | undefined
}

export interface AwsRole {
  readonly roleArn: string
  readonly policy: string | null
  readonly externalId: string | null
  readonly tags: readonly (SessionTag)[]
}

export interface AwsRoleChangeInput {
  readonly roleArn?: string | undefined
  readonly policy?: string | undefined
  readonly externalId?: string | undefined
  readonly tags?: readonly (SessionTagInput)[] | undefined
}

export interface AwsRoleInput {
  readonly roleArn: string
  readonly policy?: string | undefined
  readonly externalId?: string | undefined
  readonly tags?: readonly (SessionTagInput)[] | undefined
}

export type BackendName = "ssh-key" | "ssh-certificate" | "ssh-otp" | "postgres" | "vault" | "aws" | "upcloud"

export interface BackupCodes {
  readonly id: string
  readonly codes: readonly (SecretText)[]
  readonly confirmBefore: Instant
}

export interface BackupCodeStatus {
  readonly confirmed: boolean
  readonly total: number
  readonly left: number
  readonly confirmedAt: Instant | null
}

export type BreakGlassAction = "sshHost.list" | "sshHost.get" | "sshHost.check" | "sshKey.generate" | "sshKey.deploy" | "sshKey.revoke" | "sshKey.list" | "sshKey.get" | "sshCertificate.sign" | "sshCertificate.revoke" | "sshCertificate.list" | "secretRole.list" | "secretRole.get" | "lease.issue" | "lease.list" | "lease.get" | "lease.revoke" | "lease.watch" | "session.revoke"

export interface BreakGlassApproval {
  readonly principal: string
  readonly principalId: string
  readonly team: string | null
  readonly at: Instant
  readonly method: VoteMethod
  readonly uncounted: string | null
}

export interface BreakGlassDenial {
  readonly principal: string
  readonly principalId: string
  readonly team: string
  readonly at: Instant
  readonly reason: string
}

export interface BreakGlassDrillSteps {
  readonly firstVoteSeconds: number | null
  readonly approvedSeconds: number | null
  readonly activationSeconds: number | null
}

export interface BreakGlassExport {
  readonly document: string
}

export interface BreakGlassReach {
  readonly hosts: readonly (string)[]
  readonly hostCount: number
  readonly accounts: readonly (string)[]
  readonly actions: readonly (BreakGlassReachAction)[]
}

export interface BreakGlassReachAction {
  readonly name: string
  readonly summary: string
}

export interface BreakGlassReachRole {
  readonly name: string
  readonly backend: string
  readonly grants: readonly (string)[]
}

export interface BreakGlassRequest {
  readonly id: string
  readonly state: BreakGlassState
  readonly hash: string
  readonly version: number
  readonly requester: string
  readonly requesterName: string
  readonly incident: string
  readonly incidentId: string | null
  readonly severity: BreakGlassSeverity
  readonly justification: string
  readonly workspace: string
  readonly workspaceName: string
  readonly environment: string
  readonly actions: readonly (BreakGlassAction)[]
  readonly durationSeconds: number
  readonly createdAt: Instant
  readonly secondsLeft: number | null
  readonly approvals: readonly (BreakGlassApproval)[]
  readonly denials: readonly (BreakGlassDenial)[]
  readonly missing: number | null
  readonly session: string | null
  readonly drill: boolean
  readonly drillSteps: BreakGlassDrillSteps | null
  readonly drillScore: number | null
  readonly closedReason: string | null
  readonly workflowUrl: string | null
}

export interface BreakGlassRequestDetail {
  readonly id: string
  readonly state: BreakGlassState
  readonly hash: string
  readonly version: number
  readonly requester: string
  readonly requesterName: string
  readonly incident: string
  readonly incidentId: string | null
  readonly severity: BreakGlassSeverity
  readonly justification: string
  readonly workspace: string
  readonly workspaceName: string
  readonly environment: string
  readonly actions: readonly (BreakGlassAction)[]
  readonly durationSeconds: number
  readonly createdAt: Instant
  readonly secondsLeft: number | null
  readonly approvals: readonly (BreakGlassApproval)[]
  readonly denials: readonly (BreakGlassDenial)[]
  readonly missing: number | null
  readonly session: string | null
  readonly drill: boolean
  readonly drillSteps: BreakGlassDrillSteps | null
  readonly drillScore: number | null
  readonly closedReason: string | null
  readonly workflowUrl: string | null
  readonly document: string
  readonly address: string
  readonly userAgent: string
  readonly reach: BreakGlassReach
  readonly roles: readonly (BreakGlassReachRole)[]
  readonly voters: readonly (BreakGlassVoter)[]
  readonly whyNotYou: string | null
}

export interface BreakGlassRequestPage {
  readonly items: readonly (BreakGlassRequest)[]
  readonly nextCursor: string | null
}

export interface BreakGlassRule {
  readonly rule: WebauthnJson
  readonly totpAdmitted: boolean
  readonly updatedAt: Instant | null
  readonly updatedBy: string | null
  readonly satisfiable: boolean
  readonly problem: string | null
}

export type BreakGlassSeverity = "critical" | "high" | "medium" | "low"

export type BreakGlassState = "pending" | "approved" | "active" | "denied" | "cancelled" | "lapsed" | "ended"

export interface BreakGlassStats {
  readonly days: number
  readonly requests: number
  readonly activations: number
  readonly denied: number
  readonly lapsed: number
  readonly drills: number
  readonly active: number
  readonly unreviewed: number
  readonly medianSecondsToActivation: number | null
}

export interface BreakGlassVoteOptions {
  readonly hash: string
  readonly options: WebauthnJson | null
  readonly totpAdmitted: boolean
  readonly expiresAt: Instant | null
}

export interface BreakGlassVoter {
  readonly principal: string
  readonly principalId: string
  readonly teams: readonly (string)[]
}

export interface Calendar {
  readonly workspace: string
  readonly timeZone: string
  readonly ownTimeZone: boolean
  readonly businessHours: readonly (string)[]
  readonly holidays: readonly (string)[]
  readonly onCall: readonly (OnCall)[]
  readonly now: CalendarNow
  readonly updatedAt: Instant | null
  readonly updatedBy: string | null
}

export interface CalendarNow {
  readonly localTime: string
  readonly day: string
  readonly businessHours: boolean
  readonly weekend: boolean
  readonly holiday: boolean
  readonly onCall: readonly (string)[]
}

export type Classification = "public" | "internal" | "confidential" | "restricted"

export interface CodeVerified {
  readonly authenticator: string
  readonly verifiedAt: Instant
}

export type ConditionClause = "principal" | "action" | "resource" | "when" | "unless"

export interface CoverageByRole {
  readonly role: RoleName
  readonly people: number
  readonly enrolled: number
  readonly phishingResistant: number
}

export interface CreatedApiToken {
  readonly id: string
  readonly name: string
  readonly ownerType: ApiTokenOwner
  readonly owner: string
  readonly ownerName: string
  readonly purpose: string
  readonly hint: string
  readonly scopes: readonly (string)[]
  readonly sourceAddresses: readonly (string)[]
  readonly bound: boolean
  readonly state: ApiTokenState
  readonly createdAt: Instant
  readonly expiresAt: Instant
  readonly lastUsedAt: Instant | null
  readonly lastUsedAddress: string | null
  readonly endedAt: Instant | null
  readonly reason: string | null
  readonly token: SecretText
}

export interface CreatedUser {
  readonly id: string
  readonly username: string
  readonly displayName: string
  readonly email: string | null
  readonly status: UserStatus
  readonly locked: boolean
  readonly roles: readonly (RoleName)[]
  readonly teams: readonly (string)[]
  readonly hasAuthenticator: boolean
  readonly invitation: InvitationState | null
  readonly invitationExpiresAt: Instant | null
  readonly createdAt: Instant
  readonly lastLoginAt: Instant | null
  readonly oneTimePassword: SecretText
}

export type CsfFunction = "govern" | "identify" | "protect" | "detect" | "respond" | "recover"

export interface DecisionObligation {
  readonly kind: ObligationKind
  readonly approval: string | null
}

export interface DecisionReason {
  readonly policy: string
  readonly effect: PolicyEffect
  readonly doc: string
  readonly severity: string
}

export interface DecisionReceipt {
  readonly id: string
  readonly at: Instant
  readonly principal: EntityName
  readonly action: string
  readonly resource: EntityName
  readonly workspace: string | null
  readonly outcome: AuditOutcome
  readonly effect: AuditEffect
  readonly policies: readonly (string)[]
  readonly policyVersion: string
  readonly replayable: boolean
  readonly request: string | null
  readonly missing: string | null
  readonly files: readonly (PolicyFile)[]
  readonly entry: string
}

export type DeviceDecision = "look" | "approve" | "deny"

export interface DeviceGrant {
  readonly purpose: DeviceGrantPurpose
  readonly userCode: string
  readonly client: string
  readonly address: string
  readonly device: string
  readonly requestedAt: Instant
  readonly expiresAt: Instant
  readonly state: DeviceGrantState
}

export type DeviceGrantPurpose = "login" | "stepUp"

export type DeviceGrantState = "waiting" | "approved" | "denied" | "used" | "expired"

export interface DevicePoll {
  readonly state: DeviceGrantState
  readonly intervalSeconds: number
  readonly tokens: Tokens | null
}

export interface DeviceStart {
  readonly deviceCode: SecretText
  readonly userCode: string
  readonly verificationUri: string
  readonly verificationUriComplete: string
  readonly expiresAt: Instant
  readonly intervalSeconds: number
}

export interface EmergencyActivation {
  readonly session: EmergencySession
  readonly accessToken: SecretText
  readonly tokenType: EmergencyTokenType
}

export interface EmergencyDeed {
  readonly entry: string
  readonly at: Instant
  readonly action: string
  readonly outcome: string
  readonly resourceType: string | null
  readonly resource: string | null
}

export interface EmergencyDeeds {
  readonly deeds: readonly (EmergencyDeed)[]
  readonly credentials: readonly (string)[]
}

export interface EmergencyReview {
  readonly at: Instant
  readonly reviewer: string
  readonly needed: boolean
  readonly summary: string
  readonly followUps: readonly (FollowUp)[]
  readonly rotate: readonly (string)[]
}

export interface EmergencySession {
  readonly id: string
  readonly request: string
  readonly state: EmergencySessionState
  readonly endedBy: EmergencySessionEnd | null
  readonly endReason: string | null
  readonly requester: string
  readonly requesterName: string
  readonly incident: string
  readonly incidentId: string | null
  readonly severity: BreakGlassSeverity
  readonly workspace: string
  readonly workspaceName: string
  readonly actions: readonly (BreakGlassAction)[]
  readonly approvers: readonly (string)[]
  readonly activatedAt: Instant
  readonly expiresAt: Instant
  readonly secondsLeft: number
  readonly endedAt: Instant | null
  readonly reviewDueAt: Instant | null
  readonly review: EmergencyReview | null
  readonly workflowUrl: string | null
}

export type EmergencySessionEnd = "expired" | "inactive" | "revoked" | "requester-disabled" | "approver-disabled"

export interface EmergencySessionPage {
  readonly items: readonly (EmergencySession)[]
  readonly nextCursor: string | null
}

export type EmergencySessionState = "active" | "ended"

export type EmergencyTokenType = "Bearer" | "DPoP"

export interface EntityName {
  readonly type: string
  readonly id: string
}

export interface Environment {
  readonly id: EnvironmentName
  readonly tier: WorkspaceTier
  readonly requiresMfa: boolean
  readonly requiresApproval: boolean
  readonly timeZone: string
  readonly networks: readonly (string)[]
  readonly workspaces: number
  readonly updatedAt: Instant | null
  readonly updatedBy: string | null
}

export interface EnvironmentList {
  readonly environments: readonly (Environment)[]
}

export type EnvironmentName = "development" | "staging" | "production"

export interface ExplainedCondition {
  readonly policy: string
  readonly clause: ConditionClause
  readonly text: string
  readonly holds: boolean | null
  readonly met: boolean
}

export type Facts = Readonly<Record<string, string | number | boolean | readonly (string)[]>>

export interface FollowUp {
  readonly text: string
  readonly owner: string
  readonly dueAt: Instant
}

export interface FollowUpInput {
  readonly text: string
  readonly owner: string
  readonly dueAt: Instant
}

export interface ForcedLease {
  readonly lease: Lease
  readonly mayWorkUntil: Instant | null
  readonly problem: string | null
}

export interface GatehouseSettings {
  readonly requiredRoles: readonly (RoleName)[]
  readonly roleLimits: readonly (RoleLimits)[]
  readonly authenticatorRules: readonly (RoleAuthenticatorRules)[]
  readonly authFailuresAlert: number
  readonly revocationSpikeAlert: number
  readonly alertQuietMinutes: number
  readonly leaseExpiryAlertMinutes: number
  readonly updatedAt: Instant | null
  readonly updatedBy: string | null
}

export interface GeneratedSshKey {
  readonly id: string
  readonly leaseId: string
  readonly hostId: string
  readonly user: string
  readonly publicKey: string
  readonly fingerprint: string
  readonly sourceAddresses: readonly (string)[]
  readonly state: SshKeyState
  readonly createdAt: Instant
  readonly expiresAt: Instant
  readonly deployedAt: Instant | null
  readonly privateKey: SecretText
}

export type Health = "ok" | "degraded" | "down"

export type HostAccessKind = "ca" | "managementKey"

export interface HourCount {
  readonly hour: Instant
  readonly count: number
}

export interface ImportedHost {
  readonly name: string
  readonly address: string
  readonly port?: number | undefined
  readonly user: string
  readonly access?: HostAccessKind | undefined
  readonly authorizedKeysPath?: string | undefined
  readonly hostKey?: string | undefined
  readonly principals?: readonly (string)[] | undefined
  readonly sourceAddresses?: readonly (string)[] | undefined
  readonly contactWaiver?: string | undefined
}

export interface ImportedSshHost {
  readonly id: string | null
  readonly name: string
  readonly address: string
  readonly port: number
  readonly hostKeyFingerprint: string
  readonly reachable: boolean
}

export interface ImportedUser {
  readonly username: string
  readonly displayName?: string | undefined
  readonly email?: string | undefined
  readonly role: RoleName
  readonly teams?: readonly (string)[] | undefined
  readonly passwordHash: SecretText
}

export interface Incident {
  readonly id: string
  readonly title: string
  readonly kind: IncidentKind
  readonly severity: AlertSeverity
  readonly state: IncidentState
  readonly stateSince: Instant
  readonly owner: string | null
  readonly breach: boolean
  readonly detectedAt: Instant
  readonly openedAt: Instant
  readonly openedBy: string | null
  readonly nextClock: IncidentClock | null
  readonly closedAt: Instant | null
  readonly nextStates: readonly (IncidentState)[]
  readonly description: string
  readonly classification: Classification
  readonly affected: readonly (string)[]
  readonly dataSubjects: string
  readonly functions: readonly (CsfFunction)[]
  readonly authorityDueAt: Instant | null
  readonly notifiedAt: Instant | null
  readonly resolution: string | null
  readonly unfinished: string | null
  readonly clocks: readonly (IncidentClock)[]
  readonly timeline: readonly (IncidentStep)[]
  readonly evidence: readonly (IncidentEvidence)[]
  readonly actions: readonly (IncidentAction)[]
  readonly notices: readonly (IncidentNotice)[]
  readonly whole: boolean
  readonly workflowUrl: string | null
}

export interface IncidentAction {
  readonly id: string
  readonly what: string
  readonly owner: string | null
  readonly dueAt: Instant | null
  readonly doneAt: Instant | null
  readonly doneBy: string | null
}

export interface IncidentClock {
  readonly name: IncidentClockName
  readonly dueAt: Instant
  readonly state: IncidentClockState
}

export type IncidentClockName = "respond" | "authority-24h" | "authority-48h" | "authority-66h" | "authority-72h"

export type IncidentClockState = "waiting" | "fired" | "met"

export interface IncidentEvidence {
  readonly id: string
  readonly name: string
  readonly sha256: string
  readonly size: number | null
  readonly location: string
  readonly description: string
  readonly addedBy: string | null
  readonly addedAt: Instant
}

export type IncidentKind = "account" | "credential" | "malware" | "intrusion" | "data-loss" | "data-exposure" | "denial-of-service" | "integrity" | "availability" | "insider" | "supplier" | "other"

export interface IncidentNotice {
  readonly id: string
  readonly incident: string
  readonly version: number
  readonly document: string
  readonly parts: IncidentNoticeParts
  readonly missing: readonly (string)[]
  readonly sentTo: string | null
  readonly sentAt: Instant | null
  readonly by: string | null
  readonly writtenAt: Instant
  readonly authorityDueAt: Instant
}

export interface IncidentNoticeParts {
  readonly nature: string | null
  readonly subjectCategories: string | null
  readonly subjectCount: number | null
  readonly recordCategories: string | null
  readonly recordCount: number | null
  readonly contact: string | null
  readonly consequences: string | null
  readonly measures: string | null
  readonly delayReason: string | null
}

export interface IncidentOpened {
  readonly id: string
  readonly state: IncidentState
  readonly severity: AlertSeverity
  readonly fresh: boolean
}

export interface IncidentPage {
  readonly items: readonly (IncidentSummary)[]
  readonly nextCursor: string | null
}

export type IncidentState = "detected" | "triaged" | "contained" | "eradicated" | "recovered" | "post-mortem" | "closed" | "false-positive"

export interface IncidentStep {
  readonly id: string
  readonly at: Instant
  readonly kind: IncidentStepKind
  readonly state: IncidentState | null
  readonly text: string
  readonly by: string | null
  readonly entry: string | null
  readonly request: string | null
  readonly session: string | null
}

export type IncidentStepKind = "opened" | "found-again" | "moved" | "changed" | "note" | "evidence" | "action" | "notice" | "clock" | "entry" | "emergency"

export interface IncidentSummary {
  readonly id: string
  readonly title: string
  readonly kind: IncidentKind
  readonly severity: AlertSeverity
  readonly state: IncidentState
  readonly stateSince: Instant
  readonly owner: string | null
  readonly breach: boolean
  readonly detectedAt: Instant
  readonly openedAt: Instant
  readonly openedBy: string | null
  readonly nextClock: IncidentClock | null
  readonly closedAt: Instant | null
}

export type Instant = string

export interface Invitation {
  readonly id: string
  readonly username: string
  readonly displayName: string
  readonly email: string | null
  readonly status: UserStatus
  readonly locked: boolean
  readonly roles: readonly (RoleName)[]
  readonly teams: readonly (string)[]
  readonly hasAuthenticator: boolean
  readonly invitation: InvitationState | null
  readonly invitationExpiresAt: Instant | null
  readonly createdAt: Instant
  readonly lastLoginAt: Instant | null
  readonly invitationUrl: SecretText | null
  readonly sentTo: string | null
  readonly expiresAt: Instant
}

export type InvitationState = "shown" | "waiting" | "delayed" | "mailed" | "refused" | "none"

export interface IssuedLease {
  readonly lease: Lease
  readonly material: LeaseMaterial
  readonly wrap: LeaseWrap | null
}

export interface IssuedSshOtp {
  readonly leaseId: string
  readonly hostId: string
  readonly role: string
  readonly user: string
  readonly address: string
  readonly port: number
  readonly sourceAddresses: readonly (string)[]
  readonly createdAt: Instant
  readonly expiresAt: Instant
  readonly otp: SecretText
}

export interface KmsBackend {
  readonly section: string
  readonly kind: KmsBackendKind
  readonly state: KmsBackendState
  readonly since: Instant | null
  readonly checkedAt: Instant | null
  readonly circuitOpen: boolean
  readonly failure: KmsBackendFailure | null
  readonly problem: string | null
  readonly advice: string | null
  readonly reach: KmsBackendReach | null
  readonly quantumSafe: boolean | null
  readonly opensDatabase: boolean | null
  readonly keys: number | null
}

export type KmsBackendFailure = "unreachable" | "throttled" | "resting" | "denied" | "no-credentials" | "no-such-key" | "key-unusable" | "not-kept" | "unwrap-failed" | "too-long" | "rejected"

export interface KmsBackendHealth {
  readonly section: string
  readonly kind: KmsBackendKind
  readonly state: KmsBackendState
  readonly since: Instant | null
  readonly checkedAt: Instant | null
  readonly circuitOpen: boolean
  readonly failure: KmsBackendFailure | null
  readonly problem: string | null
  readonly advice: string | null
}

export type KmsBackendKind = "age" | "vault" | "aws" | "pkcs11" | "cosmian"

export interface KmsBackendList {
  readonly backends: readonly (KmsBackend)[]
}

export type KmsBackendReach = "local" | "remote"

export type KmsBackendState = "usable" | "unusable" | "unknown" | "absent"

export interface KmsCipherItem {
  readonly ciphertext: string
  readonly context?: KmsContext | undefined
}

export interface KmsCiphertext {
  readonly id: string
  readonly version: number
  readonly location: string | null
  readonly sealedAt: Instant
  readonly movedAt: Instant | null
}

export interface KmsCiphertextPage {
  readonly items: readonly (KmsCiphertext)[]
  readonly nextCursor: string | null
}

export type KmsContext = Readonly<Record<string, string>>

export interface KmsDataKey {
  readonly keyId: string
  readonly keyVersion: number
  readonly plaintext: SecretText
  readonly ciphertext: string
}

export interface KmsFacadeToken {
  readonly id: string
  readonly token: SecretText
  readonly keys: readonly (string)[]
  readonly address: string
  readonly expiresAt: Instant
}

export interface KmsForgotten {
  readonly id: string
  readonly forgotten: number
}

export interface KmsHealth {
  readonly health: Health
  readonly at: Instant
  readonly backends: readonly (KmsBackendHealth)[]
}

export type KmsItemProblem = "malformed" | "unknown-version" | "unknown-suite" | "wrong-key" | "not-ours" | "context-invalid" | "too-long" | "below-minimum" | "version-revoked" | "version-destroyed" | "not-in-census"

export interface KmsKey {
  readonly id: string
  readonly name: string
  readonly workspace: string
  readonly backend: string
  readonly quorum: number | null
  readonly backends: readonly (KmsKeyBackend)[]
  readonly state: KmsKeyState
  readonly stateSince: Instant
  readonly currentVersion: number
  readonly versionSince: Instant
  readonly version: number
  readonly minimumVersion: number
  readonly versions: readonly (KmsOpenedVersion)[]
  readonly rotationDays: number | null
  readonly rotatesAt: Instant | null
  readonly deletionGuard: boolean
  readonly deleteAt: Instant | null
  readonly createdAt: Instant
}

export interface KmsKeyBackend {
  readonly name: string
  readonly state: KmsKeyBackendState
  readonly versions: number
  readonly of: number
}

export type KmsKeyBackendState = "whole" | "incomplete" | "other-key" | "not-here"

export interface KmsKeyCount {
  readonly state: KmsKeyState
  readonly count: number
}

export interface KmsKeyLeaving {
  readonly since: Instant
  readonly moved: number
  readonly left: number
  readonly perDay: number | null
  readonly doneAt: Instant | null
  readonly closesAt: Instant | null
}

export interface KmsKeyPage {
  readonly items: readonly (KmsListedKey)[]
  readonly nextCursor: string | null
}

export type KmsKeyState = "enabled" | "decrypt-only" | "disabled" | "pending-deletion" | "destroyed"

export interface KmsKeyUsage {
  readonly id: string
  readonly name: string
  readonly state: KmsKeyState
  readonly currentVersion: number
  readonly minimumVersion: number
  readonly ciphertexts: number
  readonly versions: readonly (KmsKeyVersion)[]
  readonly leaving: KmsKeyLeaving | null
  readonly workflowUrl: string | null
}

export interface KmsKeyVersion {
  readonly version: number
  readonly state: KmsVersionState
  readonly ciphertexts: number
  readonly createdAt: Instant
  readonly revokedAt: Instant | null
}

export interface KmsListedKey {
  readonly id: string
  readonly name: string
  readonly workspace: string
  readonly backend: string
  readonly quorum: number | null
  readonly backends: readonly (KmsKeyBackend)[]
  readonly state: KmsKeyState
  readonly stateSince: Instant
  readonly currentVersion: number
  readonly versionSince: Instant
  readonly version: number
  readonly minimumVersion: number
  readonly rotationDays: number | null
  readonly rotatesAt: Instant | null
  readonly deletionGuard: boolean
  readonly deleteAt: Instant | null
  readonly createdAt: Instant
}

export interface KmsNextRotation {
  readonly id: string
  readonly name: string
  readonly workspace: string
  readonly rotatesAt: Instant
}

export interface KmsOpened {
  readonly keyId: string
  readonly items: readonly (KmsOpenedItem)[]
  readonly plaintext: SecretText | null
}

export interface KmsOpenedItem {
  readonly problem: KmsItemProblem | null
  readonly plaintext: SecretText | null
}

export interface KmsOpenedVersion {
  readonly version: number
  readonly createdAt: Instant
}

export interface KmsPlainItem {
  readonly plaintext: SecretText
  readonly context?: KmsContext | undefined
  readonly location?: string | undefined
}

export interface KmsSealed {
  readonly keyId: string
  readonly items: readonly (KmsSealedItem)[]
  readonly ciphertext: string | null
  readonly keyVersion: number | null
}

export interface KmsSealedColumn {
  readonly table: string
  readonly column: string
}

export interface KmsSealedItem {
  readonly problem: KmsItemProblem | null
  readonly ciphertext: string | null
  readonly keyVersion: number | null
}

export interface KmsStatus {
  readonly health: Health
  readonly warnings: readonly (KmsWarning)[]
  readonly databaseKeys: number
  readonly keys: readonly (KmsKeyCount)[]
  readonly sealed: readonly (KmsSealedColumn)[]
  readonly rotationsDue: number
  readonly nextRotations: readonly (KmsNextRotation)[]
}

export type KmsVersionState = "live" | "revoked" | "destroyed"

export interface KmsWarning {
  readonly kind: KmsWarningKind
  readonly message: string
  readonly advice: string
}

export type KmsWarningKind = "single-key" | "backend-unusable" | "keys-without-backend" | "rotations-overdue"

export interface Lease {
  readonly id: string
  readonly backend: BackendName
  readonly revocability: Revocability
  readonly revokedWithinSeconds: number
  readonly role: string
  readonly hostId: string | null
  readonly workspace: string
  readonly purpose: string
  readonly principal: string
  readonly principalType: LeaseHolderType
  readonly principalName: string
  readonly state: LeaseState
  readonly issuedAt: Instant
  readonly expiresAt: Instant
  readonly renewableUntil: Instant | null
  readonly wrappedUntil: Instant | null
  readonly endedAt: Instant | null
  readonly reason: string | null
  readonly attempts: number
  readonly lastError: string | null
  readonly workflowUrl: string | null
}

export interface LeaseCount {
  readonly backend: BackendName
  readonly revocability: Revocability
  readonly revokedWithinSeconds: number
  readonly active: number
}

export interface LeaseEvidence {
  readonly kind: string
  readonly statement: string
  readonly signature: string
  readonly signedBy: string
}

export interface LeaseField {
  readonly name: string
  readonly value: SecretText
}

export type LeaseHolderType = "User" | "Service"

export interface LeaseMaterial {
  readonly kind: SecretBackendKind
  readonly username: string | null
  readonly password: SecretText | null
  readonly url: SecretText | null
  readonly host: string | null
  readonly port: number | null
  readonly database: string | null
  readonly authority: string | null
  readonly accessKeyId: string | null
  readonly secretAccessKey: SecretText | null
  readonly sessionToken: SecretText | null
  readonly region: string | null
  readonly token: SecretText | null
  readonly fields: readonly (LeaseField)[]
}

export interface LeasePage {
  readonly items: readonly (Lease)[]
  readonly nextCursor: string | null
}

export interface LeaseProof {
  readonly lease: string
  readonly state: LeaseProofState
  readonly provider: string | null
  readonly refusedAt: Instant | null
  readonly secondsToDead: number | null
  readonly evidence: LeaseEvidence | null
  readonly askedAt: Instant | null
  readonly attempts: number
  readonly lastAnswer: string | null
}

export type LeaseProofState = "living" | "waiting" | "refused" | "ended" | "not-provable" | "given-up"

export interface LeaseRevocations {
  readonly matching: number
  readonly revoked: number
  readonly ending: number
  readonly leases: readonly (RevokedLease)[]
}

export type LeaseSort = "newest" | "oldest" | "expiry" | "name"

export type LeaseState = "pending" | "active" | "revoked" | "expired" | "irrevocable"

export interface LeaseStats {
  readonly active: number
  readonly expiring: number
  readonly pending: number
  readonly ending: number
  readonly overdue: number
  readonly irrevocable: number
  readonly issued: number
  readonly revoked: number
  readonly expired: number
  readonly backends: readonly (LeaseCount)[]
}

export interface LeaseView {
  readonly id: string
  readonly name: string
  readonly filters: string
  readonly createdAt: Instant
}

export interface LeaseViewPage {
  readonly items: readonly (LeaseView)[]
  readonly nextCursor: string | null
}

export interface LeaseViewRemoved {
  readonly id: string
}

export interface LeaseWrap {
  readonly token: SecretText
  readonly expiresAt: Instant
}

export interface Lock {
  readonly id: string
  readonly kind: LockKind
  readonly target: string
  readonly name: string
  readonly reason: string
  readonly createdAt: Instant
  readonly createdBy: string | null
  readonly createdByName: string | null
  readonly expiresAt: Instant | null
  readonly removedAt: Instant | null
  readonly removedByName: string | null
  readonly removeReason: string | null
  readonly holds: boolean
}

export type LockKind = "principal" | "role" | "host" | "key" | "approval"

export interface LockPage {
  readonly items: readonly (Lock)[]
  readonly nextCursor: string | null
}

export interface LoginResult {
  readonly tokens: Tokens | null
  readonly challenge: MfaChallenge | null
}

export interface LogoutResult {
  readonly ended: number
}

export interface MfaChallenge {
  readonly id: string
  readonly methods: readonly (MfaMethod)[]
  readonly expiresAt: Instant
}

export interface MfaDisabled {
  readonly authenticatorsRemoved: number
}

export type MfaMethod = "totp" | "webauthn" | "backupCode"

export interface MfaReset {
  readonly user: string
  readonly authenticatorsRemoved: number
  readonly sessionsEnded: number
}

export interface MfaStatus {
  readonly enrolled: boolean
  readonly required: boolean
  readonly methods: readonly (MfaMethod)[]
  readonly authenticators: number
}

export type Missing = "passwordChange" | "authenticator"

export interface Notification {
  readonly id: string
  readonly kind: NotificationKind
  readonly text: string
  readonly createdAt: Instant
  readonly readAt: Instant | null
}

export type NotificationKind = "authenticatorAdded" | "authenticatorRemoved" | "backupCodesReplaced" | "backupCodeUsed" | "mfaReset" | "passwordChanged" | "passwordReset" | "newSession" | "apiTokenCreated" | "apiTokenExpiring" | "roleChanged" | "approvalWanted" | "approvalDecided" | "credentialSuspect" | "credentialChanged" | "emergency"

export interface NotificationPage {
  readonly items: readonly (Notification)[]
  readonly nextCursor: string | null
}

export interface NotificationsMarked {
  readonly marked: number
}

export type ObligationKind = "mfa" | "approval" | "useApproval" | "ownOnly"

export interface OnCall {
  readonly user: string
  readonly username: string
  readonly from: Instant
  readonly to: Instant
}

export interface OnCallShift {
  readonly user: string
  readonly from: Instant
  readonly to: Instant
}

export interface OpenedLease {
  readonly lease: UnwrappedLease
  readonly material: LeaseMaterial
}

export interface PasskeyOptions {
  readonly id: string
  readonly options: WebauthnJson
  readonly expiresAt: Instant
}

export interface PasswordReset {
  readonly id: string
  readonly username: string
  readonly displayName: string
  readonly email: string | null
  readonly status: UserStatus
  readonly locked: boolean
  readonly roles: readonly (RoleName)[]
  readonly teams: readonly (string)[]
  readonly hasAuthenticator: boolean
  readonly invitation: InvitationState | null
  readonly invitationExpiresAt: Instant | null
  readonly createdAt: Instant
  readonly lastLoginAt: Instant | null
  readonly oneTimePassword: SecretText
}

export interface PersonErased {
  readonly id: string
  readonly keysDestroyed: number
  readonly entriesNaming: number
  readonly copies: readonly (AuditCopy)[]
  readonly moreCopies: boolean
}

export type PlatformType = "Server" | "Taskserv" | "Cluster" | "Workflow" | "Secret"

export interface Policy {
  readonly id: string
  readonly effect: PolicyEffect
  readonly doc: string
  readonly severity: string
  readonly file: string
  readonly source: string
  readonly actions: readonly (string)[]
  readonly loadedAt: Instant
}

export interface PolicyCaseResult {
  readonly file: string
  readonly name: string
  readonly passed: boolean
  readonly difference: string | null
}

export interface PolicyChange {
  readonly id: string
  readonly at: Instant
  readonly kind: PolicyChangeKind
  readonly version: string
  readonly policies: number
  readonly changedBy: string | null
  readonly reason: string | null
  readonly inForce: boolean
}

export type PolicyChangeKind = "files" | "published" | "rolledBack"

export interface PolicyChangePage {
  readonly items: readonly (PolicyChange)[]
  readonly nextCursor: string | null
}

export type PolicyEffect = "permit" | "forbid"

export interface PolicyEvaluation {
  readonly decision: AuditEffect
  readonly policies: readonly (string)[]
  readonly reasons: readonly (DecisionReason)[]
  readonly errors: readonly (string)[]
  readonly obligations: readonly (DecisionObligation)[]
  readonly ignored: readonly (string)[]
  readonly policyVersion: string
  readonly decisionId: string
  readonly durationMicroseconds: number
}

export interface PolicyExplanation {
  readonly decision: AuditEffect
  readonly policies: readonly (string)[]
  readonly reasons: readonly (DecisionReason)[]
  readonly errors: readonly (string)[]
  readonly obligations: readonly (DecisionObligation)[]
  readonly ignored: readonly (string)[]
  readonly policyVersion: string
  readonly decisionId: string
  readonly durationMicroseconds: number
  readonly nearest: readonly (DecisionReason)[]
  readonly conditions: readonly (ExplainedCondition)[]
  readonly wouldAllow: readonly (string)[]
}

export interface PolicyFile {
  readonly path: string
  readonly text: string
}

export interface PolicyFileInput {
  readonly path: string
  readonly text: string
}

export interface PolicyFiles {
  readonly version: string
  readonly files: readonly (PolicyFile)[]
}

export interface PolicyFlip {
  readonly entryId: string
  readonly at: Instant
  readonly principal: EntityName
  readonly action: string
  readonly resource: EntityName
  readonly was: AuditEffect
  readonly would: AuditEffect
  readonly wasBy: readonly (string)[]
  readonly wouldBy: readonly (string)[]
  readonly errors: readonly (string)[]
}

export interface PolicyFlipsOfPrincipal {
  readonly principal: EntityName
  readonly gains: number
  readonly losses: number
}

export interface PolicyMatrix {
  readonly policyVersion: string
  readonly rows: readonly (PolicyMatrixRow)[]
}

export interface PolicyMatrixRow {
  readonly operation: string
  readonly floor: string
  readonly permissions: readonly (PolicyPermission)[]
}

export interface PolicyNode {
  readonly node: string
  readonly version: string
  readonly loadedAt: Instant
  readonly seenAt: Instant
  readonly lastError: string | null
  readonly lastErrorAt: Instant | null
}

export interface PolicyPage {
  readonly items: readonly (Policy)[]
  readonly nextCursor: string | null
}

export interface PolicyPermission {
  readonly caller: string
  readonly may: string
}

export interface PolicyPin {
  readonly id: string
  readonly version: string
  readonly kind: PolicyChangeKind
  readonly at: Instant
}

export interface PolicyShadow {
  readonly id: string
  readonly at: Instant
  readonly version: string
  readonly policies: number
  readonly setBy: string | null
  readonly reason: string | null
}

export interface PolicyShadowFlip {
  readonly would: AuditEffect
  readonly policies: readonly (string)[]
  readonly wasPolicies: readonly (string)[]
  readonly errors: readonly (string)[]
  readonly action: string
  readonly principal: EntityName
  readonly count: number
  readonly firstAt: Instant
  readonly lastAt: Instant
  readonly exampleId: string
}

export interface PolicyShadowNode {
  readonly node: string
  readonly since: Instant
  readonly seenAt: Instant
  readonly decided: number
  readonly dropped: number
  readonly errored: number
  readonly problem: string | null
}

export interface PolicyShadowReport {
  readonly shadow: PolicyShadow | null
  readonly decided: number
  readonly dropped: number
  readonly errored: number
  readonly newlyAllowed: number
  readonly newlyDenied: number
  readonly unlisted: number
  readonly flips: readonly (PolicyShadowFlip)[]
  readonly nodes: readonly (PolicyShadowNode)[]
}

export interface PolicySimulation {
  readonly policyVersion: string
  readonly decisions: number
  readonly notReplayable: number
  readonly flipped: number
  readonly principals: readonly (PolicyFlipsOfPrincipal)[]
  readonly flips: readonly (PolicyFlip)[]
}

export interface PolicySimulationProgress {
  readonly decisions: number
  readonly percent: number
}

export interface PolicyStatus {
  readonly version: string
  readonly schemaVersion: string
  readonly loadedAt: Instant
  readonly policies: number
  readonly lastError: string | null
  readonly lastErrorAt: Instant | null
  readonly warnings: readonly (PolicyWarning)[]
  readonly pin: PolicyPin | null
  readonly nodes: readonly (PolicyNode)[]
}

export interface PolicySuite {
  readonly path: string
  readonly text: string
}

export interface PolicyTestRun {
  readonly policyVersion: string
  readonly passed: number
  readonly failed: number
  readonly cases: readonly (PolicyCaseResult)[]
}

export interface PolicyWarning {
  readonly file: string
  readonly line: number | null
  readonly message: string
}

export interface PolicyWhoCould {
  readonly at: Instant
  readonly policyVersion: string
  readonly looked: number
  readonly principals: readonly (WhoCouldPrincipal)[]
  readonly errors: readonly (string)[]
  readonly ignored: readonly (string)[]
  readonly next: string | null
}

export interface PostgresBackendInput {
  readonly url: SecretText
  readonly authority?: string | undefined
}

export interface PostgresRole {
  readonly grants: readonly (string)[]
  readonly connectionsMax: number
}

export interface PostgresRoleChangeInput {
  readonly grants?: readonly (string)[] | undefined
  readonly connectionsMax?: number | undefined
}

export interface PostgresRoleInput {
  readonly grants: readonly (string)[]
  readonly connectionsMax?: number | undefined
}

export interface RecordedDecision {
  readonly id: string
  readonly at: Instant
  readonly principal: EntityName
  readonly action: string
  readonly resource: EntityName
  readonly workspace: string | null
  readonly outcome: AuditOutcome
  readonly effect: AuditEffect
  readonly policies: readonly (string)[]
  readonly policyVersion: string
  readonly replayable: boolean
}

export interface RecordedDecisionPage {
  readonly items: readonly (RecordedDecision)[]
  readonly nextCursor: string | null
}

export type Revocability = "deletes" | "denies" | "expires-only"

export interface RevocationStats {
  readonly size: number
  readonly oldest: Instant | null
  readonly cleaned: number
  readonly lastCleanedAt: Instant | null
}

export interface RevokedLease {
  readonly id: string
  readonly backend: BackendName
  readonly revocability: Revocability
  readonly revokedWithinSeconds: number
  readonly role: string
  readonly hostId: string | null
  readonly workspace: string
  readonly purpose: string
  readonly principal: string
  readonly principalType: LeaseHolderType
  readonly principalName: string
  readonly state: LeaseState
  readonly issuedAt: Instant
  readonly expiresAt: Instant
  readonly renewableUntil: Instant | null
  readonly wrappedUntil: Instant | null
  readonly endedAt: Instant | null
  readonly reason: string | null
  readonly attempts: number
  readonly lastError: string | null
  readonly workflowUrl: string | null
}

export type Risk = "low" | "medium" | "high"

export interface Role {
  readonly name: RoleName
  readonly description: string
  readonly holders: readonly (string)[]
  readonly holderCount: number
}

export interface RoleAuthenticatorRules {
  readonly role: RoleName
  readonly attestation: AttestationDemand
  readonly aaguids: readonly (string)[]
  readonly backupEligibleAllowed: boolean
}

export interface RoleLimits {
  readonly role: RoleName
  readonly sessionAbsoluteSeconds: number
  readonly sessionIdleSeconds: number
  readonly accessTokenTtlSeconds: number
  readonly refreshTokenTtlSeconds: number
}

export interface RoleList {
  readonly roles: readonly (Role)[]
}

export type RoleName = "Admin" | "Developer" | "Operator" | "Viewer" | "Auditor"

export interface SecretBackend {
  readonly id: string
  readonly name: string
  readonly kind: SecretBackendKind
  readonly shown: string
  readonly revocability: Revocability
  readonly revokedWithinSeconds: number
  readonly checkedAt: Instant | null
  readonly lastError: string | null
  readonly createdAt: Instant
}

export type SecretBackendKind = "postgres" | "vault" | "aws" | "upcloud"

export interface SecretBackendPage {
  readonly items: readonly (SecretBackend)[]
  readonly nextCursor: string | null
}

export interface SecretBackendProbe {
  readonly id: string
  readonly name: string
  readonly usable: boolean
  readonly problem: string | null
  readonly milliseconds: number
}

export interface SecretBackendRemoved {
  readonly id: string
  readonly name: string
}

export interface SecretRole {
  readonly id: string
  readonly name: string
  readonly workspace: string
  readonly backendId: string
  readonly backend: string
  readonly kind: SecretBackendKind
  readonly revocability: Revocability
  readonly revokedWithinSeconds: number
  readonly ttlSecondsMin: number
  readonly ttlSecondsMax: number
  readonly renewable: boolean
  readonly leasesMax: number | null
  readonly leasesEachMax: number | null
  readonly postgres: PostgresRole | null
  readonly vault: VaultRole | null
  readonly aws: AwsRole | null
  readonly upcloud: UpcloudRole | null
  readonly createdAt: Instant
}

export interface SecretRoleDeleted {
  readonly id: string
  readonly name: string
  readonly livingLeases: number
}

export interface SecretRolePage {
  readonly items: readonly (SecretRole)[]
  readonly nextCursor: string | null
}

export type SecretText = string

export interface SecurityDashboard {
  readonly at: Instant
  readonly peopleActive: number
  readonly peopleDisabled: number
  readonly peopleEnrolled: number
  readonly coverage: readonly (CoverageByRole)[]
  readonly failedLogins: number
  readonly failedLoginsByHour: readonly (HourCount)[]
  readonly accountsLocked: number
  readonly sessionsActive: number
  readonly sessionsWithoutMfa: number
  readonly apiTokensActive: number
  readonly apiTokensExpiring: number
  readonly apiTokensUnused: number
  readonly approvalsPending: number
  readonly backupCodesLow: number
  readonly serviceAccountsActive: number
}

export interface ServiceAccount {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly teams: readonly (string)[]
  readonly status: UserStatus
  readonly tokens: number
  readonly createdAt: Instant
}

export interface ServiceAccountDeleted {
  readonly id: string
  readonly removed: boolean
}

export interface ServiceAccountPage {
  readonly items: readonly (ServiceAccount)[]
  readonly nextCursor: string | null
}

export interface Session {
  readonly id: string
  readonly current: boolean
  readonly user: string
  readonly username: string
  readonly methods: readonly (string)[]
  readonly assurance: SessionAssurance
  readonly address: string
  readonly device: string
  readonly createdAt: Instant
  readonly lastUsedAt: Instant
  readonly expiresAt: Instant
}

export type SessionAssurance = "pw" | "mfa" | "su"

export interface SessionPage {
  readonly items: readonly (Session)[]
  readonly nextCursor: string | null
}

export interface SessionRevoked {
  readonly id: string
  readonly revoked: boolean
}

export interface SessionsRevoked {
  readonly ended: number
}

export interface SessionTag {
  readonly key: string
  readonly value: string
}

export interface SessionTagInput {
  readonly key: string
  readonly value: string
}

export interface SignedSshCertificate {
  readonly id: string
  readonly leaseId: string
  readonly hostId: string
  readonly role: string
  readonly principalName: string
  readonly purpose: string
  readonly serial: string
  readonly keyId: string
  readonly sshPrincipals: readonly (string)[]
  readonly sourceAddresses: readonly (string)[]
  readonly fingerprint: string
  readonly validAfter: Instant
  readonly validBefore: Instant
  readonly state: SshCertificateState
  readonly authority: string | null
  readonly certificate: string
}

export interface SigningKey {
  readonly id: string
  readonly state: SigningKeyState
  readonly algorithm: string
  readonly createdAt: Instant
  readonly activatedAt: Instant | null
  readonly retiredAt: Instant | null
  readonly acceptedUntil: Instant | null
}

export interface SigningKeyPage {
  readonly items: readonly (SigningKey)[]
  readonly nextCursor: string | null
}

export interface SigningKeyRotation {
  readonly current: SigningKey
  readonly previous: SigningKey
}

export type SigningKeyState = "next" | "current" | "previous" | "removed"

export interface SshAuthority {
  readonly id: string
  readonly name: string
  readonly address: string
  readonly mount: string
  readonly role: string
  readonly publicKey: string
  readonly fingerprint: string
  readonly previousFingerprint: string | null
  readonly hosts: number
  readonly checkedAt: Instant
  readonly createdAt: Instant
}

export interface SshAuthorityPage {
  readonly items: readonly (SshAuthority)[]
  readonly nextCursor: string | null
}

export interface SshAuthorityProbe {
  readonly id: string
  readonly name: string
  readonly usable: boolean
  readonly problem: string | null
}

export interface SshAuthorityRemoved {
  readonly id: string
  readonly name: string
}

export interface SshCa {
  readonly caPublicKey: string
  readonly caFingerprint: string
  readonly listSignerPublicKey: string
  readonly hostCaPublicKey: string
  readonly managementPublicKey: string
  readonly nextCaPublicKey: string | null
  readonly previousCaPublicKey: string | null
}

export interface SshCaRotation {
  readonly signing: string
  readonly trusted: readonly (string)[]
  readonly behind: readonly (string)[]
}

export type SshCaStep = "begin" | "switch" | "finish"

export interface SshCertificate {
  readonly id: string
  readonly leaseId: string
  readonly hostId: string
  readonly role: string
  readonly principalName: string
  readonly purpose: string
  readonly serial: string
  readonly keyId: string
  readonly sshPrincipals: readonly (string)[]
  readonly sourceAddresses: readonly (string)[]
  readonly fingerprint: string
  readonly validAfter: Instant
  readonly validBefore: Instant
  readonly state: SshCertificateState
  readonly authority: string | null
}

export interface SshCertificatePage {
  readonly items: readonly (SshCertificate)[]
  readonly nextCursor: string | null
}

export type SshCertificateSort = "newest" | "oldest" | "expiry" | "name"

export type SshCertificateState = "active" | "revoked" | "expired"

export interface SshCleanup {
  readonly host: string
  readonly kept: number
  readonly removed: number
  readonly restored: number
}

export interface SshHost {
  readonly id: string
  readonly name: string
  readonly workspace: string
  readonly address: string
  readonly port: number
  readonly user: string
  readonly access: HostAccessKind
  readonly principals: readonly (string)[]
  readonly sourceAddresses: readonly (string)[]
  readonly otpAddresses: readonly (string)[]
  readonly hostKey: string
  readonly hostKeyFingerprint: string
  readonly authorizedKeysPath: string | null
  readonly checkedAt: Instant | null
  readonly reachable: boolean | null
  readonly lastError: string | null
  readonly unbound: boolean
  readonly keySeenAt: Instant | null
  readonly contactWaiver: string | null
  readonly listVersion: number | null
  readonly listFreshAt: Instant | null
  readonly listBehindSeconds: number | null
  readonly reportedAt: Instant | null
  readonly trustsCa: boolean | null
  readonly followsCa: boolean | null
  readonly certifiedNames: readonly (string)[] | null
  readonly certifiedUntil: Instant | null
  readonly formerHostKeys: readonly (string)[]
  readonly authority: string | null
  readonly authorityPublicKey: string | null
  readonly trustsAuthority: boolean | null
  readonly createdAt: Instant
}

export interface SshHostCertificate {
  readonly hostId: string
  readonly host: string
  readonly names: readonly (string)[]
  readonly fingerprint: string
  readonly validAfter: Instant
  readonly validBefore: Instant
  readonly certificate: string
}

export interface SshHostKey {
  readonly hostKey: string
  readonly fingerprint: string
}

export interface SshHostPage {
  readonly items: readonly (SshHost)[]
  readonly nextCursor: string | null
}

export interface SshHostRemoval {
  readonly id: string
  readonly name: string
  readonly endedLeases: number
}

export interface SshHostRepin {
  readonly host: SshHost
  readonly pinned: SshHostKey
  readonly shown: SshHostKey
  readonly repinned: boolean
}

export interface SshHostReport {
  readonly listVersion: number
}

export interface SshHostsImported {
  readonly registered: number
  readonly hosts: readonly (ImportedSshHost)[]
}

export type SshHostSort = "newest" | "oldest" | "name"

export interface SshKey {
  readonly id: string
  readonly leaseId: string
  readonly hostId: string
  readonly user: string
  readonly publicKey: string
  readonly fingerprint: string
  readonly sourceAddresses: readonly (string)[]
  readonly state: SshKeyState
  readonly createdAt: Instant
  readonly expiresAt: Instant
  readonly deployedAt: Instant | null
}

export interface SshKeyPage {
  readonly items: readonly (SshKey)[]
  readonly nextCursor: string | null
}

export type SshKeyState = "generated" | "deployed" | "removing" | "revoked" | "expired"

export interface SshKeyStats {
  readonly generated: number
  readonly deployed: number
  readonly removing: number
  readonly revoked: number
  readonly expired: number
  readonly overdue: number
  readonly hosts: number
  readonly nextExpiry: Instant | null
}

export interface SshKrl {
  readonly version: number
  readonly krl: string
  readonly signature: string
  readonly certificates: number
}

export interface SshOtpVerification {
  readonly message: string | null
  readonly username: string | null
  readonly ip: string | null
  readonly role: string | null
}

export interface StepUpOptions {
  readonly methods: readonly (MfaMethod)[]
  readonly options: WebauthnJson | null
  readonly browser: DeviceStart | null
}

export interface SystemPart {
  readonly name: string
  readonly health: Health
  readonly message: string
}

export interface SystemStatus {
  readonly health: Health
  readonly parts: readonly (SystemPart)[]
  readonly leasesActive: number
  readonly leasesOverdue: number
  readonly auditPending: number
  readonly temporalWebUrl: string | null
  readonly untrustedForwarding: readonly (UntrustedForwarding)[]
}

export interface SystemVersion {
  readonly version: string
}

export interface Team {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly members: readonly (TeamMember)[]
  readonly createdAt: Instant
}

export interface TeamMember {
  readonly id: string
  readonly username: string
}

export interface TeamPage {
  readonly items: readonly (Team)[]
  readonly nextCursor: string | null
}

export interface TeamRemoved {
  readonly id: string
  readonly removed: boolean
}

export type TeamSort = "newest" | "oldest" | "name"

export interface TokenConfirmation {
  readonly jkt: string
}

export interface Tokens {
  readonly accessToken?: SecretText | undefined
  readonly refreshToken?: SecretText | undefined
  readonly deviceToken?: SecretText | undefined
  readonly accessExpiresAt: Instant
}

export interface TokensGiven {
  readonly tokens: Tokens
}

export interface TokenVerification {
  readonly active: boolean
  readonly scope?: string | undefined
  readonly client_id?: string | undefined
  readonly username?: string | undefined
  readonly token_type?: string | undefined
  readonly exp?: number | undefined
  readonly iat?: number | undefined
  readonly nbf?: number | undefined
  readonly sub?: string | undefined
  readonly aud?: readonly (string)[] | undefined
  readonly iss?: string | undefined
  readonly jti?: string | undefined
  readonly sid?: string | undefined
  readonly acr?: string | undefined
  readonly amr?: readonly (string)[] | undefined
  readonly auth_time?: number | undefined
  readonly cnf?: TokenConfirmation | undefined
}

export type TotpAlgorithm = "SHA1" | "SHA256" | "SHA512"

export interface TotpEnrolment {
  readonly id: string
  readonly secret: SecretText
  readonly otpauthUri: SecretText
}

export interface UntrustedForwarding {
  readonly address: string
  readonly count: number
  readonly since: Instant
  readonly lastSeenAt: Instant
  readonly advice: string
}

export interface UnwrappedLease {
  readonly id: string
  readonly backend: BackendName
  readonly revocability: Revocability
  readonly revokedWithinSeconds: number
  readonly role: string
  readonly purpose: string
  readonly principalName: string
  readonly issuedAt: Instant
  readonly expiresAt: Instant
}

export interface UpcloudBackendInput {
  readonly username: string
  readonly password: SecretText
  readonly endpoint?: string | undefined
}

export interface UpcloudPermission {
  readonly targetType: UpcloudTargetType
  readonly target: string
}

export interface UpcloudPermissionInput {
  readonly targetType: UpcloudTargetType
  readonly target: string
}

export interface UpcloudRole {
  readonly permissions: readonly (UpcloudPermission)[]
  readonly addresses: readonly (string)[]
}

export interface UpcloudRoleChangeInput {
  readonly permissions?: readonly (UpcloudPermissionInput)[] | undefined
  readonly addresses?: readonly (string)[] | undefined
}

export interface UpcloudRoleInput {
  readonly permissions: readonly (UpcloudPermissionInput)[]
  readonly addresses?: readonly (string)[] | undefined
}

export type UpcloudTargetType = "server" | "storage" | "network" | "router" | "object_storage" | "managed_database" | "managed_loadbalancer" | "tag_access"

export interface User {
  readonly id: string
  readonly username: string
  readonly displayName: string
  readonly email: string | null
  readonly status: UserStatus
  readonly locked: boolean
  readonly roles: readonly (RoleName)[]
  readonly teams: readonly (string)[]
  readonly hasAuthenticator: boolean
  readonly invitation: InvitationState | null
  readonly invitationExpiresAt: Instant | null
  readonly createdAt: Instant
  readonly lastLoginAt: Instant | null
}

export interface UserDeleted {
  readonly id: string
  readonly removed: boolean
}

export interface UserPage {
  readonly items: readonly (User)[]
  readonly nextCursor: string | null
}

export interface UsersImported {
  readonly imported: number
  readonly users: readonly (User)[]
}

export type UserSort = "newest" | "oldest" | "name"

export type UserStatus = "active" | "disabled"

export interface VaultBackendInput {
  readonly address: string
  readonly token: SecretText
  readonly mount: string
  readonly authority?: string | undefined
}

export interface VaultRole {
  readonly path: string
}

export interface VaultRoleChangeInput {
  readonly path?: string | undefined
}

export interface VaultRoleInput {
  readonly path: string
}

export type VoteMethod = "webauthn" | "totp"

export interface WebauthnFacts {
  readonly passkey: boolean
  readonly backupEligible: boolean
  readonly backedUp: boolean
  readonly userVerified: boolean
  readonly aaguid: string
  readonly model: string | null
  readonly disabledAt?: Instant | undefined
  readonly backupChangedAt?: Instant | undefined
}

export type WebauthnJson = Readonly<Record<string, unknown>>

export type WebauthnKind = "passkey" | "securityKey"

export interface WebauthnOptions {
  readonly options: WebauthnJson
}

export interface WebauthnRegistration {
  readonly id: string
  readonly options: WebauthnJson
  readonly expiresAt: Instant
}

export interface WhoAmI {
  readonly id: string
  readonly username: string
  readonly roles: readonly (RoleName)[]
  readonly teams: readonly (string)[]
  readonly assurance: SessionAssurance
  readonly assuranceAt: Instant | null
  readonly sessionId: string | null
  readonly missing: readonly (Missing)[]
  readonly displayName: string
  readonly sessionExpiresAt: Instant | null
  readonly sessionIdleExpiresAt: Instant | null
}

export type WhoCouldAnswer = "allow" | "needs"

export interface WhoCouldPrincipal {
  readonly type: WhoCouldPrincipalType
  readonly id: string
  readonly name: string
  readonly answer: WhoCouldAnswer
  readonly policies: readonly (string)[]
  readonly obligations: readonly (DecisionObligation)[]
  readonly needs: readonly (string)[]
}

export type WhoCouldPrincipalType = "User" | "Service"

export interface WorkflowPayload {
  readonly encoding: string
  readonly data: string
}

export interface WorkflowPayloads {
  readonly payloads: readonly (WorkflowPayload)[]
}

export interface Workspace {
  readonly id: string
  readonly name: string
  readonly environment: string
  readonly tier: WorkspaceTier
  readonly timeZone: string
  readonly teams: readonly (string)[]
  readonly createdAt: Instant
}

export interface WorkspaceArchived {
  readonly id: string
  readonly archived: boolean
}

export interface WorkspacePage {
  readonly items: readonly (Workspace)[]
  readonly nextCursor: string | null
}

export type WorkspaceTier = "development" | "staging" | "production"
