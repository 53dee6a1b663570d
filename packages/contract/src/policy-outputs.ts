import { z } from 'zod'
import { AuditEffect, AuditOutcome } from './audit-outputs.ts'
import { Instant } from './scalars.ts'

const id = z.string()

export const PolicyEffect = z.enum(['permit', 'forbid']).meta({ id: 'PolicyEffect' })
export const Policy = z
  .object({
    id: z.string(),
    effect: PolicyEffect,
    doc: z.string(),
    severity: z.string(),
    file: z.string(),
    source: z.string(),
    /** Where it applies: the operations, and actions of the platform, that its scope can meet. */
    actions: z.array(z.string()),
    loadedAt: Instant,
  })
  .meta({ id: 'Policy' })
/** How a policy set came to be in force: from the files of a node, or for every node. */
export const PolicyChangeKind = z.enum(['files', 'published', 'rolledBack']).meta({ id: 'PolicyChangeKind' })
export const PolicyChange = z
  .object({
    id,
    at: Instant,
    kind: PolicyChangeKind,
    version: z.string(),
    policies: z.int(),
    /** Who published or rolled back; null: the files of a node changed. */
    changedBy: z.string().nullable(),
    reason: z.string().nullable(),
    /** Whether the node that answers decides by it. */
    inForce: z.boolean(),
  })
  .meta({ id: 'PolicyChange' })
export const PolicyPin = z
  .object({ id, version: z.string(), kind: PolicyChangeKind, at: Instant })
  .meta({ id: 'PolicyPin' })
export const PolicyNode = z
  .object({
    node: z.string(),
    version: z.string(),
    loadedAt: Instant,
    seenAt: Instant,
    lastError: z.string().nullable(),
    lastErrorAt: Instant.nullable(),
  })
  .meta({ id: 'PolicyNode' })
/** What the validation finds odd about a policy in force; it decides nothing. */
export const PolicyWarning = z
  .object({ file: z.string(), line: z.int().nullable(), message: z.string() })
  .meta({ id: 'PolicyWarning' })
export const PolicyStatus = z
  .object({
    version: z.string(),
    schemaVersion: z.string(),
    loadedAt: Instant,
    policies: z.int(),
    lastError: z.string().nullable(),
    lastErrorAt: Instant.nullable(),
    warnings: z.array(PolicyWarning),
    /** What was published or rolled back to, for every node; null: each node follows its files. */
    pin: PolicyPin.nullable(),
    nodes: z.array(PolicyNode),
  })
  .meta({ id: 'PolicyStatus' })

/** Which thing, as Cedar names it. */
export const EntityName = z.object({ type: z.string(), id }).meta({ id: 'EntityName' })

/** A decision as the audit log has it. */
export const RecordedDecision = z
  .object({
    /** Of the audit entry that it stands in. */
    id,
    at: Instant,
    principal: EntityName,
    action: z.string(),
    resource: EntityName,
    workspace: z.string().nullable(),
    outcome: AuditOutcome,
    effect: AuditEffect,
    policies: z.array(z.string()),
    policyVersion: z.string(),
    /** Whether it can be made again exactly. */
    replayable: z.boolean(),
  })
  .meta({ id: 'RecordedDecision' })

/** One recorded decision that would be another. */
export const PolicyFlip = z
  .object({
    entryId: id,
    at: Instant,
    principal: EntityName,
    action: z.string(),
    resource: EntityName,
    was: AuditEffect,
    would: AuditEffect,
    wasBy: z.array(z.string()),
    wouldBy: z.array(z.string()),
    /** Policies that erred, beside which nothing is allowed; `request`: what was asked does not fit their schema. */
    errors: z.array(z.string()),
  })
  .meta({ id: 'PolicyFlip' })
/** What somebody would gain and lose, in decisions of the period. */
export const PolicyFlipsOfPrincipal = z
  .object({ principal: EntityName, gains: z.int(), losses: z.int() })
  .meta({ id: 'PolicyFlipsOfPrincipal' })
/** The recorded decisions of a period, made again by other policies. */
export const PolicySimulation = z
  .object({
    /** Of the policies that were tried. */
    policyVersion: z.string(),
    /** Made again. */
    decisions: z.int(),
    /** Not made again: what they were made of was erased, or never recorded. */
    notReplayable: z.int(),
    /** All that would be others; the list ends after some thousands. */
    flipped: z.int(),
    principals: z.array(PolicyFlipsOfPrincipal),
    flips: z.array(PolicyFlip),
  })
  .meta({ id: 'PolicySimulation' })

/** How far the simulations that the caller has running have come, on the node that answers. */
export const PolicySimulationProgress = z
  .object({
    /** Made again so far. */
    decisions: z.int(),
    /** Of the time from the first decision to the end of the period. */
    percent: z.int(),
  })
  .meta({ id: 'PolicySimulationProgress' })

/** A policy set that decides beside the one in force, without effect. */
export const PolicyShadow = z
  .object({
    id,
    at: Instant,
    version: z.string(),
    policies: z.int(),
    /** Who published it. */
    setBy: z.string().nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'PolicyShadow' })
/** Decisions of one kind that the shadow set makes otherwise. */
export const PolicyShadowFlip = z
  .object({
    would: AuditEffect,
    /** What determined it in the shadow set; empty: no policy permitted. */
    policies: z.array(z.string()),
    /** What determined it in the set in force. */
    wasPolicies: z.array(z.string()),
    /** Policies of the shadow set that erred; `request`: what was asked does not fit its schema. */
    errors: z.array(z.string()),
    action: z.string(),
    principal: EntityName,
    count: z.int(),
    firstAt: Instant,
    lastAt: Instant,
    /** One of them, for `decision get`. */
    exampleId: id,
  })
  .meta({ id: 'PolicyShadowFlip' })
/** What one node has of it. */
export const PolicyShadowNode = z
  .object({
    node: z.string(),
    since: Instant,
    seenAt: Instant,
    decided: z.int(),
    dropped: z.int(),
    errored: z.int(),
    /** Why it does not decide there; null: it does. */
    problem: z.string().nullable(),
  })
  .meta({ id: 'PolicyShadowNode' })
/** What the shadow set would change, over all nodes. */
export const PolicyShadowReport = z
  .object({
    /** Null: there is none. */
    shadow: PolicyShadow.nullable(),
    decided: z.int(),
    /** Not decided, because a node was behind. */
    dropped: z.int(),
    /** Of those decided: a policy erred, or what was asked does not fit the schema; they count as denied. */
    errored: z.int(),
    newlyAllowed: z.int(),
    newlyDenied: z.int(),
    /** Flips of more kinds than are kept. */
    unlisted: z.int(),
    /** By policy, action and principal, the most frequent first; the list ends after a thousand. */
    flips: z.array(PolicyShadowFlip),
    nodes: z.array(PolicyShadowNode),
  })
  .meta({ id: 'PolicyShadowReport' })

/** What one kind of caller may do: `yes`, `own`, `team`, `all`, with `*` only by a fresh second factor. */
export const PolicyPermission = z.object({ caller: z.string(), may: z.string() }).meta({ id: 'PolicyPermission' })
export const PolicyMatrixRow = z
  .object({ operation: z.string(), floor: z.string(), permissions: z.array(PolicyPermission) })
  .meta({ id: 'PolicyMatrixRow' })
/** Role by operation, found by evaluating the policies in force. */
export const PolicyMatrix = z
  .object({ policyVersion: z.string(), rows: z.array(PolicyMatrixRow) })
  .meta({ id: 'PolicyMatrix' })

export const PolicyFile = z.object({ path: z.string(), text: z.string() }).meta({ id: 'PolicyFile' })
/** A policy set as its files stood: its version is made of exactly these. */
export const PolicyFiles = z.object({ version: z.string(), files: z.array(PolicyFile) }).meta({ id: 'PolicyFiles' })

/** All that a decision was made of, so that anybody can make it again: `gatehouse decision verify`. */
export const DecisionReceipt = RecordedDecision.extend({
  /** What was asked of Cedar: principal, action, resource, context, entities; JSON text. Null: see `missing`. */
  request: z.string().nullable(),
  /** Why it cannot be made again; null: it can. */
  missing: z.string().nullable(),
  /** The policies and the schema that decided; empty: they are not kept. */
  files: z.array(PolicyFile),
  /** The audit entry as it was hashed into the log. */
  entry: z.string(),
}).meta({ id: 'DecisionReceipt' })
