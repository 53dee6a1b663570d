import { z } from 'zod'
import { Instant, SecretText, WebauthnJson } from './scalars.ts'

const id = z.string()

/**
 * What emergency access can be asked for: what who is on call needs on hosts and of credentials. Never policies,
 * people, settings, the audit log, approvals, tokens or devices: who can change those can change who approves.
 */
export const breakGlassActions = [
  'sshHost.list',
  'sshHost.get',
  'sshHost.check',
  'sshKey.generate',
  'sshKey.deploy',
  'sshKey.revoke',
  'sshKey.list',
  'sshKey.get',
  'sshCertificate.sign',
  'sshCertificate.revoke',
  'sshCertificate.list',
  'secretRole.list',
  'secretRole.get',
  'lease.issue',
  'lease.list',
  'lease.get',
  'lease.revoke',
  'lease.watch',
  'session.revoke',
] as const
export type BreakGlassActionName = (typeof breakGlassActions)[number]
export const BreakGlassAction = z.enum(breakGlassActions).meta({ id: 'BreakGlassAction' })

export const BreakGlassSeverity = z.enum(['critical', 'high', 'medium', 'low']).meta({ id: 'BreakGlassSeverity' })
export const BreakGlassState = z
  .enum(['pending', 'approved', 'active', 'denied', 'cancelled', 'lapsed', 'ended'])
  .meta({ id: 'BreakGlassState' })
/** How a vote was proved: by a key that signed the very request, or by a code in a session (weaker). */
export const VoteMethod = z.enum(['webauthn', 'totp']).meta({ id: 'VoteMethod' })

/** A yes to one version of a request. */
export const BreakGlassApproval = z
  .object({
    principal: z.string(),
    principalId: id,
    /** The team that they stand for; null: it does not count now. */
    team: z.string().nullable(),
    at: Instant,
    method: VoteMethod,
    /** Why it does not count now; null: it does, or another's stands in its place. */
    uncounted: z.string().nullable(),
  })
  .meta({ id: 'BreakGlassApproval' })
/** A no, with the team that says it. */
export const BreakGlassDenial = z
  .object({ principal: z.string(), principalId: id, team: z.string(), at: Instant, reason: z.string() })
  .meta({ id: 'BreakGlassDenial' })

/** The steps of a drill, each in seconds from when it was asked for; null: it has not come to that. */
export const BreakGlassDrillSteps = z
  .object({
    firstVoteSeconds: z.int().nullable(),
    approvedSeconds: z.int().nullable(),
    /** When its emergency session would have begun. */
    activationSeconds: z.int().nullable(),
  })
  .meta({ id: 'BreakGlassDrillSteps' })

const request = {
  id,
  state: BreakGlassState,
  /** SHA-256 of the document, in hexadecimal: what a vote is for. */
  hash: z.string(),
  version: z.int(),
  requester: id,
  requesterName: z.string(),
  /** As it was named when access was asked for. */
  incident: z.string(),
  /** The incident that it is for; null: asked for before incidents were led here. */
  incidentId: id.nullable(),
  severity: BreakGlassSeverity,
  justification: z.string(),
  workspace: id,
  workspaceName: z.string(),
  environment: z.string(),
  actions: z.array(BreakGlassAction),
  durationSeconds: z.int(),
  createdAt: Instant,
  /** Until it lapses as it stands; null: no clock runs. */
  secondsLeft: z.number().nullable(),
  approvals: z.array(BreakGlassApproval),
  denials: z.array(BreakGlassDenial),
  /** How many more people are wanted; null: no rule can be met. */
  missing: z.int().nullable(),
  /** The emergency session that came of it. */
  session: id.nullable(),
  /** A drill of the ceremony: no token ever comes of it. */
  drill: z.boolean(),
  /** What a drill has measured so far; null: it is none. */
  drillSteps: BreakGlassDrillSteps.nullable(),
  /** From 0 to 100, of a drill that is over: 100 is all of it within five minutes. */
  drillScore: z.int().nullable(),
  closedReason: z.string().nullable(),
  /** Its workflow in Temporal Web; null: there is none. */
  workflowUrl: z.string().nullable(),
} as const
/** A request for emergency access as it stands now. */
export const BreakGlassRequest = z.object(request).meta({ id: 'BreakGlassRequest' })

/** Somebody who can still vote. */
export const BreakGlassVoter = z
  .object({ principal: z.string(), principalId: id, teams: z.array(z.string()) })
  .meta({ id: 'BreakGlassVoter' })
/** What would become possible, in numbers and by name. */
export const BreakGlassReach = z
  .object({
    hosts: z.array(z.string()),
    hostCount: z.int(),
    accounts: z.array(z.string()),
    actions: z.array(z.object({ name: z.string(), summary: z.string() }).meta({ id: 'BreakGlassReachAction' })),
  })
  .meta({ id: 'BreakGlassReach' })
/** A role of which credentials could be issued, with what they may do by the names that the backend has for it. */
export const BreakGlassReachRole = z
  .object({ name: z.string(), backend: z.string(), grants: z.array(z.string()) })
  .meta({ id: 'BreakGlassReachRole' })
/** One request with all that an approver needs. */
export const BreakGlassRequestDetail = z
  .object({
    ...request,
    /** The exact document that a vote signs: canonical JSON (RFC 8785). */
    document: z.string(),
    /** Where it was asked from. */
    address: z.string(),
    userAgent: z.string(),
    reach: BreakGlassReach,
    /** A part of the reach that a terminal shows as a table; none where credentials are not asked for. */
    roles: z.array(BreakGlassReachRole),
    /** Who can still vote; at most fifty. */
    voters: z.array(BreakGlassVoter),
    /** Why the caller cannot vote on it; null: they can. */
    whyNotYou: z.string().nullable(),
  })
  .meta({ id: 'BreakGlassRequestDetail' })

const ruleText = 'an approval rule, such as {"people": 2, "roles": ["Admin", "Operator"]}'
/** A rule: {people, roles}, {allOf: […]}, {anyOf: […]} or {inSequence: […]}. */
export const BreakGlassRuleJson = WebauthnJson.describe(ruleText)
export const BreakGlassRule = z
  .object({
    rule: BreakGlassRuleJson,
    /** Votes by a code in a session count, beside those by keys. */
    totpAdmitted: z.boolean(),
    updatedAt: Instant.nullable(),
    updatedBy: z.string().nullable(),
    /** Whether the people of this moment can meet it, for whoever asks. */
    satisfiable: z.boolean(),
    /** Who is missing, in words; null: nobody. */
    problem: z.string().nullable(),
  })
  .meta({ id: 'BreakGlassRule' })

/** What an approver signs. */
export const BreakGlassVoteOptions = z
  .object({
    hash: z.string(),
    /** Null: the caller has no key that works. */
    options: WebauthnJson.nullable(),
    /** A code in the session would do. */
    totpAdmitted: z.boolean(),
    expiresAt: Instant.nullable(),
  })
  .meta({ id: 'BreakGlassVoteOptions' })

export const EmergencySessionState = z.enum(['active', 'ended']).meta({ id: 'EmergencySessionState' })
export const EmergencySessionEnd = z
  .enum(['expired', 'inactive', 'revoked', 'requester-disabled', 'approver-disabled'])
  .meta({ id: 'EmergencySessionEnd' })
/** What is to be done after an emergency, by whom, until when. */
export const FollowUp = z.object({ text: z.string(), owner: z.string(), dueAt: Instant }).meta({ id: 'FollowUp' })
/** What came of looking at an emergency session afterwards. */
export const EmergencyReview = z
  .object({
    at: Instant,
    reviewer: z.string(),
    needed: z.boolean(),
    summary: z.string(),
    followUps: z.array(FollowUp),
    rotate: z.array(z.string()),
  })
  .meta({ id: 'EmergencyReview' })
const session = {
  id,
  request: id,
  state: EmergencySessionState,
  endedBy: EmergencySessionEnd.nullable(),
  endReason: z.string().nullable(),
  requester: id,
  requesterName: z.string(),
  /** As it was named when access was asked for. */
  incident: z.string(),
  /** The incident that it is for; null: asked for before incidents were led here. */
  incidentId: id.nullable(),
  severity: BreakGlassSeverity,
  workspace: id,
  workspaceName: z.string(),
  actions: z.array(BreakGlassAction),
  approvers: z.array(z.string()),
  activatedAt: Instant,
  /** At the latest; less where it is not used. */
  expiresAt: Instant,
  secondsLeft: z.number(),
  endedAt: Instant.nullable(),
  reviewDueAt: Instant.nullable(),
  review: EmergencyReview.nullable(),
  /** Its workflow in Temporal Web; null: there is none. */
  workflowUrl: z.string().nullable(),
} as const
/** A span of emergency access. */
export const EmergencySession = z.object(session).meta({ id: 'EmergencySession' })

/** The emergency token, shown this once. */
export const EmergencyActivation = z
  .object({
    session: EmergencySession,
    accessToken: SecretText,
    tokenType: z.enum(['Bearer', 'DPoP']).meta({ id: 'EmergencyTokenType' }),
  })
  .meta({ id: 'EmergencyActivation' })

/** One line of what was done in an emergency session. */
export const EmergencyDeed = z
  .object({
    entry: id,
    at: Instant,
    action: z.string(),
    outcome: z.string(),
    resourceType: z.string().nullable(),
    resource: z.string().nullable(),
  })
  .meta({ id: 'EmergencyDeed' })
export const EmergencyDeeds = z
  .object({
    deeds: z.array(EmergencyDeed),
    /** Credentials that were issued under it: what to rotate. */
    credentials: z.array(id),
  })
  .meta({ id: 'EmergencyDeeds' })

/** Figures of emergency access, over some days. */
export const BreakGlassStats = z
  .object({
    days: z.int(),
    requests: z.int(),
    activations: z.int(),
    denied: z.int(),
    lapsed: z.int(),
    drills: z.int(),
    active: z.int(),
    unreviewed: z.int(),
    /** From the request to its activation; null: there was none. */
    medianSecondsToActivation: z.number().nullable(),
  })
  .meta({ id: 'BreakGlassStats' })

/** An exported request: `gatehouse break-glass verify` checks it offline. */
export const BreakGlassExport = z.object({ document: z.string() }).meta({ id: 'BreakGlassExport' })
