import { z } from 'zod'
import { RoleName } from './people-outputs.ts'
import { Instant } from './scalars.ts'
import { textOf, wholeNumber } from './text.ts'
import { isUuid } from '@gatehouse/kit'

const id = z.string()

export const ApprovalState = z
  .enum(['pending', 'approved', 'denied', 'cancelled', 'expired', 'used'])
  .meta({ id: 'ApprovalState' })
export const Risk = z.enum(['low', 'medium', 'high']).meta({ id: 'Risk' })
/** A second person's yes to one exact call. */
export const Approval = z
  .object({
    id,
    action: z.string(),
    resourceType: z.string(),
    resource: id,
    resourceName: z.string(),
    /** Where it stands; null: it is about a person. */
    workspace: id.nullable(),
    /** What else of the call counts, as `name=value`. */
    parameters: z.array(z.string()),
    risk: Risk,
    requester: id,
    requesterName: z.string(),
    reason: z.string(),
    ticket: z.string().nullable(),
    state: ApprovalState,
    approverName: z.string().nullable(),
    decisionReason: z.string().nullable(),
    createdAt: Instant,
    expiresAt: Instant,
    decidedAt: Instant.nullable(),
  })
  .meta({ id: 'Approval' })
/** What a second person can be asked for: an operation of Gatehouse, and what is done on the platform. */
export const ApprovableAction = z
  .enum([
    'mfa.reset',
    'alertChannel.remove',
    'alertChannel.update',
    'breakGlass.ruleSet',
    'kmsKey.update',
    'create',
    'update',
    'delete',
    'deploy',
    'rollback',
    'ssh',
    'execute',
    'admin',
  ])
  .meta({ id: 'ApprovableAction' })
/** Those of them that are operations of ours: Admins ask for them, and another Admin approves. */
export const ownApprovableActions = [
  'mfa.reset',
  'alertChannel.remove',
  'alertChannel.update',
  'breakGlass.ruleSet',
  'kmsKey.update',
] as const
/** Those of them that the platform does. */
export const ApprovablePlatformAction = ApprovableAction.exclude(ownApprovableActions).meta({
  id: 'ApprovablePlatformAction',
})

/** How long sessions and tokens of who has a role live. Of several roles the shortest of each holds. Seconds. */
export const RoleLimits = z
  .object({
    role: RoleName,
    sessionAbsoluteSeconds: wholeNumber({ min: 300, max: 30 * 86_400, unit: 'seconds' }),
    sessionIdleSeconds: wholeNumber({ min: 60, max: 30 * 86_400, unit: 'seconds' }),
    accessTokenTtlSeconds: wholeNumber({ min: 60, max: 3600, unit: 'seconds' }),
    refreshTokenTtlSeconds: wholeNumber({ min: 300, max: 30 * 86_400, unit: 'seconds' }),
  })
  .meta({ id: 'RoleLimits' })
/** The model of a key (WebAuthn Level 3 §6.5.1). */
const Aaguid = textOf({
  what: 'the AAGUID of a model, such as cb69481e-8ff7-4039-93ec-0a2729a154a8',
  charactersMax: 36,
  fold: (text) => text.toLowerCase(),
  form: isUuid,
})
export const AttestationDemand = z.enum(['none', 'required']).meta({ id: 'AttestationDemand' })
/**
 * Which WebAuthn credentials a role may enrol: attested ones only, these models only (empty: any), none that are copied
 * to a cloud.
 */
export const RoleAuthenticatorRules = z
  .object({
    role: RoleName,
    attestation: AttestationDemand,
    aaguids: z.array(Aaguid).max(100),
    backupEligibleAllowed: z.boolean(),
  })
  .meta({ id: 'RoleAuthenticatorRules' })
export const GatehouseSettings = z
  .object({
    requiredRoles: z.array(RoleName),
    roleLimits: z.array(RoleLimits),
    authenticatorRules: z.array(RoleAuthenticatorRules),
    /** Failed log-ins of one account within five minutes that raise an alert. */
    authFailuresAlert: z.int(),
    /** Sessions, tokens and leases that are revoked within five minutes and raise an alert. */
    revocationSpikeAlert: z.int(),
    /** Minutes in which the same alert is only counted. */
    alertQuietMinutes: z.int(),
    /** So many minutes before the end of a lease that lives at least twice as long an alert says so. */
    leaseExpiryAlertMinutes: z.int(),
    updatedAt: Instant.nullable(),
    updatedBy: z.string().nullable(),
  })
  .meta({ id: 'GatehouseSettings' })

export const NotificationKind = z
  .enum([
    'authenticatorAdded',
    'authenticatorRemoved',
    'backupCodesReplaced',
    'backupCodeUsed',
    'mfaReset',
    'passwordChanged',
    'passwordReset',
    'newSession',
    'apiTokenCreated',
    'apiTokenExpiring',
    'roleChanged',
    'approvalWanted',
    'approvalDecided',
    'credentialSuspect',
    'credentialChanged',
    'emergency',
  ])
  .meta({ id: 'NotificationKind' })
/** What happened to one's account. `text` is a sentence. */
export const Notification = z
  .object({ id, kind: NotificationKind, text: z.string(), createdAt: Instant, readAt: Instant.nullable() })
  .meta({ id: 'Notification' })

export const CoverageByRole = z
  .object({ role: RoleName, people: z.int(), enrolled: z.int(), phishingResistant: z.int() })
  .meta({ id: 'CoverageByRole' })
export const HourCount = z.object({ hour: Instant, count: z.int() }).meta({ id: 'HourCount' })
/** The security dashboard's figures, at one moment. */
export const SecurityDashboard = z
  .object({
    at: Instant,
    peopleActive: z.int(),
    peopleDisabled: z.int(),
    peopleEnrolled: z.int(),
    coverage: z.array(CoverageByRole),
    failedLogins: z.int(),
    failedLoginsByHour: z.array(HourCount),
    accountsLocked: z.int(),
    sessionsActive: z.int(),
    sessionsWithoutMfa: z.int(),
    apiTokensActive: z.int(),
    apiTokensExpiring: z.int(),
    apiTokensUnused: z.int(),
    approvalsPending: z.int(),
    backupCodesLow: z.int(),
    serviceAccountsActive: z.int(),
  })
  .meta({ id: 'SecurityDashboard' })

/**
 * `allowed`: on everything of the kind; `denied`: on nothing; `depends`: on some, so the very thing decides (whose it
 * is, which workspace it stands in, what is asked for).
 */
export const Access = z.enum(['allowed', 'depends', 'denied']).meta({ id: 'Access' })
export const AccessInWorkspace = z.object({ workspace: id, access: Access }).meta({ id: 'AccessInWorkspace' })
export const AccessToOperation = z
  .object({
    operation: z.string(),
    access: Access,
    /** The workspaces where the answer is another than `access`; all others have that one. */
    workspaces: z.array(AccessInWorkspace),
  })
  .meta({ id: 'AccessToOperation' })
/** What the caller may do. Good until `expiresAt` at most: hour and address count, and policies change. */
export const AccessMine = z
  .object({
    at: Instant,
    expiresAt: Instant,
    /** The policy set that was asked. */
    policyVersion: z.string(),
    operations: z.array(AccessToOperation),
  })
  .meta({ id: 'AccessMine' })
