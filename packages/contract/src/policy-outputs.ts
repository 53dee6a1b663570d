import { z } from 'zod'
import { AuditEffect, AuditOutcome } from './outputs.ts'
import { Instant } from './scalars.ts'

const id = z.string()

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
